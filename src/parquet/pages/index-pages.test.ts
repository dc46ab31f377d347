import { describe, expect, test } from "vitest";
import { memorySource } from "../../../test/support/memory-source.ts";
import { buildParquet, type TestField } from "../../../test/support/parquet-builder.ts";
import { scanBytes, scanColumn } from "../../../test/support/parquet-scan.ts";
import type { PageEngine } from "../engine.ts";
import { readFooter } from "../footer/read-footer.ts";
import { createReferenceEngine } from "../reference/index.ts";
import { indexPages } from "./index-pages.ts";

const engine = createReferenceEngine();
const { signal } = new AbortController();
const int32: TestField = { name: "i", type: "INT32" };

describe("06 T3: page rows", () => {
  test("06 T3 R14: first_row_index and page_ordinal restart in every row group", async () => {
    const group = (values: number[]) => ({
      rowCount: values.length,
      chunks: [{ pages: [{ page: "v1" as const, values }] }],
    });
    const { bytes, pages } = buildParquet({ fields: [int32], rowGroups: [group([1, 2, 3]), group([4, 5])] });
    expect(await scanBytes(bytes, { engine })).toEqual([
      {
        columnName: "i",
        rowGroup: 0,
        pageOrdinal: 0,
        firstRowIndex: 0n,
        rowCount: 3,
        pageHeaderOffset: BigInt(pages[0]?.offset ?? -1),
        pageTotalCompressedSize: pages[0]?.size,
        dictionaryPageHeaderOffset: undefined,
        dictionaryPageTotalCompressedSize: undefined,
        requiresDictionaryPage: false,
        parquetPhysicalType: "INT32",
        parquetCompression: "UNCOMPRESSED",
        parquetMaxDefLevel: 0,
        decimal: undefined,
        bounds: { kind: "i32", min: 1, max: 3 },
      },
      expect.objectContaining({
        rowGroup: 1,
        pageOrdinal: 0,
        firstRowIndex: 0n,
        rowCount: 2,
        pageHeaderOffset: BigInt(pages[1]?.offset ?? -1),
        bounds: { kind: "i32", min: 4, max: 5 },
      }),
    ]);
  });

  for (const [row, codec] of [
    ["06 T3 R15", "UNCOMPRESSED"],
    ["06 T3 R16", "SNAPPY"],
  ] as const) {
    test(`${row}: every page after the dictionary names it, ${codec} (decision 13)`, async () => {
      const { bytes, pages } = buildParquet({
        fields: [int32],
        rowGroups: [
          {
            rowCount: 7,
            chunks: [
              {
                codec,
                pages: [
                  { page: "dictionary", values: [1, 2] },
                  { page: "v1", encoding: "RLE_DICTIONARY", values: [1, 2, 2, 1] },
                  { page: "v1", values: [5, 6, 7] },
                ],
              },
            ],
          },
        ],
      });
      const dictionary = {
        dictionaryPageHeaderOffset: BigInt(pages[0]?.offset ?? -1),
        dictionaryPageTotalCompressedSize: pages[0]?.size,
      };
      expect(await scanBytes(bytes, { engine })).toMatchObject([
        { pageOrdinal: 0, firstRowIndex: 0n, rowCount: 4, requiresDictionaryPage: true, ...dictionary },
        { pageOrdinal: 1, firstRowIndex: 4n, rowCount: 3, requiresDictionaryPage: false, ...dictionary },
      ]);
    });
  }

  test("06 T3 R17: v2 pages count their rows, and their size is header, levels and values", async () => {
    const { bytes, pages } = buildParquet({
      fields: [{ ...int32, repetition: "OPTIONAL" }],
      rowGroups: [
        {
          rowCount: 6,
          chunks: [
            {
              codec: "SNAPPY",
              pages: [
                { page: "v2", values: [3, null, 1, null, 2] },
                { page: "v2", values: [9], isCompressed: false },
              ],
            },
          ],
        },
      ],
    });
    const rows = await scanBytes(bytes, { engine });
    expect(rows).toMatchObject([
      { rowCount: 5, firstRowIndex: 0n, bounds: { min: 1, max: 3 } },
      { rowCount: 1, firstRowIndex: 5n, bounds: { min: 9, max: 9 } },
    ]);
    expect(rows.map((row) => row.pageTotalCompressedSize)).toEqual(pages.map((page) => page.size));
  });

  test("06 T3 R18: a dictionary page is known by its header, not by the footer", async () => {
    const pages = [
      { page: "dictionary", values: [4] },
      { page: "v1", encoding: "PLAIN_DICTIONARY", values: [4, 4] },
    ] as const;
    for (const dictionaryPageOffset of [null, 0]) {
      const rows = await scanColumn(int32, { pages, dictionaryPageOffset, dataPageOffset: 4 }, { engine });
      expect(rows).toMatchObject([
        { dictionaryPageHeaderOffset: 4n, requiresDictionaryPage: true, bounds: { min: 4 } },
      ]);
    }
  });

  test("06 T3 R19: an index page takes no ordinal", async () => {
    const rows = await scanColumn(
      int32,
      {
        pages: [
          { page: "v1", values: [1] },
          { page: "index", body: new Uint8Array(50) },
          { page: "v1", values: [2] },
        ],
      },
      { engine },
    );
    expect(rows).toMatchObject([
      { pageOrdinal: 0, firstRowIndex: 0n },
      { pageOrdinal: 1, firstRowIndex: 1n },
    ]);
  });

  test("06 T3 R20: codec texts", async () => {
    const textOf = async (codec: "GZIP" | "LZ4_RAW" | "ZSTD") =>
      (await scanColumn(int32, { codec, pages: [{ page: "v1", values: [1] }] }, { engine }))[0]
        ?.parquetCompression;
    expect(await textOf("GZIP")).toBe("GZIP");
    expect(await textOf("LZ4_RAW")).toBe("LZ4_RAW");
    expect(await textOf("ZSTD")).toBe("ZSTD(ZstdLevel(1))");
  });

  test("06 §4.2: byte arrays are called BINARY", async () => {
    const rows = await scanColumn(
      { name: "t", type: "BYTE_ARRAY", converted: 0 },
      { pages: [{ page: "v1", values: ["a"] }] },
      { engine },
    );
    expect(rows[0]?.parquetPhysicalType).toBe("BINARY");
  });

  test("06 T3 R22: no row groups, no rows", async () => {
    expect(await scanBytes(buildParquet({ fields: [int32], rowGroups: [] }).bytes, { engine })).toEqual([]);
  });

  test("decision 14: a zero-row row group gives no rows and keeps its ordinal", async () => {
    const { bytes } = buildParquet({
      fields: [int32],
      rowGroups: [
        { rowCount: 0, chunks: [{ pages: [] }] },
        { rowCount: 1, chunks: [{ pages: [{ page: "v1", values: [1] }] }] },
      ],
    });
    expect(await scanBytes(bytes, { engine })).toMatchObject([{ rowGroup: 1 }]);
  });

  test("decision 14: a zero-value page gives a row of 0 rows", async () => {
    const rows = await scanColumn(
      int32,
      {
        codec: "SNAPPY",
        pages: [
          { page: "v1", values: [] },
          { page: "v2", values: [] },
          { page: "v1", values: [1] },
        ],
      },
      { engine },
    );
    expect(rows).toMatchObject([
      { pageOrdinal: 0, rowCount: 0, bounds: undefined },
      { pageOrdinal: 1, rowCount: 0, bounds: undefined },
      { pageOrdinal: 2, rowCount: 1, firstRowIndex: 0n, bounds: { min: 1 } },
    ]);
  });
});

describe("which chunks are read", () => {
  const fields: TestField[] = [
    { name: "a", type: "INT32" },
    { name: "raw", type: "BYTE_ARRAY" },
    { name: "b", type: "INT32" },
  ];
  const chunkOf = (value: number | string) => ({ pages: [{ page: "v1" as const, values: [value] }] });
  const { bytes, pages } = buildParquet({
    fields,
    rowGroups: [{ rowCount: 1, chunks: [chunkOf(1), chunkOf("x"), chunkOf(2)] }],
  });

  async function readsFor(columns: ReadonlySet<string> | undefined) {
    const source = memorySource(bytes);
    const footer = await readFooter(source, { signal });
    source.reads.length = 0;
    const names: string[] = [];
    for await (const rows of indexPages(source, footer, { engine, signal, columns })) {
      names.push(...rows.map((row) => row.columnName));
    }
    return { names, reads: source.reads };
  }

  test("06 §2.2: all eligible ones without selectors, in footer order, and no byte of the others", async () => {
    const { names, reads } = await readsFor(undefined);
    expect(names).toEqual(["a", "b"]);
    expect(reads).toEqual([
      { offset: pages[0]?.offset, length: pages[0]?.size },
      { offset: pages[2]?.offset, length: pages[2]?.size },
    ]);
  });

  test("06 T4 S3, S4, 06 §2.2 (decision 12): only those whose name is exactly a selector", async () => {
    const { names, reads } = await readsFor(new Set(["b", "A", "#1", "raw"]));
    expect(names).toEqual(["b"]);
    expect(reads).toEqual([{ offset: pages[2]?.offset, length: pages[2]?.size }]);
    expect(await readsFor(new Set(["#1"]))).toEqual({ names: [], reads: [] });
  });

  test("a broken chunk fails the file only if it is wanted", async () => {
    const broken = buildParquet({
      fields,
      rowGroups: [
        {
          rowCount: 1,
          chunks: [
            { ...chunkOf(1), encrypted: true },
            { ...chunkOf("x"), totalCompressedSize: 10 ** 9 },
            chunkOf(2),
          ],
        },
      ],
    });
    expect(await scanBytes(broken.bytes, { engine, columns: new Set(["b"]) })).toHaveLength(1);
    await expect(scanBytes(broken.bytes, { engine, path: "s3://b/f.parquet" })).rejects.toThrow(
      "s3://b/f.parquet, column a, row group 0: the column is encrypted and no keys are available",
    );
  });

  test("decision 28: a cancelled scan stops before the next page", async () => {
    const controller = new AbortController();
    let decoded = 0;
    const aborting: PageEngine = {
      openChunk: () => ({
        dictionaryPage() {},
        dataPage() {
          decoded++;
          controller.abort(new Error("lease lost"));
          return undefined;
        },
        close() {},
      }),
    };
    const page = { page: "v1" as const, values: [1] };
    await expect(
      scanColumn(int32, { pages: [page, page, page] }, { engine: aborting, signal: controller.signal }),
    ).rejects.toThrow("lease lost");
    expect(decoded).toBe(1);
  });

  test("a decoder is closed however its chunk ends", async () => {
    let closed = 0;
    const failing: PageEngine = {
      openChunk: () => ({
        dictionaryPage() {},
        dataPage: () => Promise.reject(new Error("broken")),
        close: () => {
          closed++;
        },
      }),
    };
    await expect(
      scanColumn(int32, { pages: [{ page: "v1", values: [1] }] }, { engine: failing }),
    ).rejects.toThrow("broken");
    expect(closed).toBe(1);
  });
});
