import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../../test/support/memory-source.ts";
import {
  buildParquet,
  footerOnly,
  schemaElements,
  type TestField,
  type TestFile,
} from "../../../test/support/parquet-builder.ts";
import { concat } from "../../../test/support/parquet-encodings.ts";
import { UnreadableFileError } from "../../model/index.ts";
import type { FileMetadata } from "../metadata.ts";
import { i32, i64, list, struct, type ThriftField, type ThriftValue, text } from "../write/thrift-writer.ts";
import { type ReadFooterOptions, readFooter } from "./read-footer.ts";

const { signal } = new AbortController();
const column: TestField = { name: "a", type: "INT32" };

function read(bytes: Uint8Array, options: Partial<ReadFooterOptions> = {}): Promise<FileMetadata> {
  return readFooter(memorySource(bytes, "f.parquet"), { signal, ...options });
}

function oneColumn(file: Partial<TestFile> = {}) {
  const chunk = { pages: [{ page: "v1" as const, values: [1, 2] }] };
  return buildParquet({ fields: [column], rowGroups: [{ rowCount: 2, chunks: [chunk] }], ...file });
}

/** A footer of these schema elements and nothing else. */
function schemaOnly(...elements: ThriftValue[]): Uint8Array {
  return footerOnly(struct([1, i32(1)], [2, list("struct", elements)], [3, i64(0)], [4, list("struct", [])]));
}

describe("footer", () => {
  test("one read is enough when the guess is", async () => {
    const source = memorySource(oneColumn().bytes);
    await readFooter(source, { signal });
    expect(source.reads).toEqual([{ offset: 0, length: source.size }]);
  });

  test("two reads, which don't overlap, when the footer is longer than the guess", async () => {
    const { bytes } = oneColumn();
    const source = memorySource(bytes);
    const metadata = await readFooter(source, { signal, guessBytes: 20 });
    const { footerLength } = metadata;
    expect(source.reads).toEqual([
      { offset: bytes.length - 20, length: 20 },
      { offset: bytes.length - footerLength, length: footerLength - 20 },
    ]);
    expect(metadata).toEqual(await read(bytes));
  });

  test("no more than the guess is read of a large file", async () => {
    const trailing = new Uint8Array(200_000);
    const chunk = { pages: [{ page: "v1" as const, values: [1] }], trailing };
    const source = memorySource(
      buildParquet({ fields: [column], rowGroups: [{ rowCount: 1, chunks: [chunk] }] }).bytes,
    );
    await readFooter(source, { signal });
    expect(source.reads).toEqual([{ offset: source.size - 65536, length: 65536 }]);
  });

  test("every field arrives, 64-bit ones exactly", async () => {
    const bytes = Uint8Array.of(1, 2);
    const { bytes: file, pages } = buildParquet({
      createdBy: "writer 1",
      keyValues: { key: "value", ключ: "" },
      columnOrders: [true, false],
      rowCount: 3,
      fields: [
        { name: "a", type: "INT32", repetition: "OPTIONAL", fieldId: 7 },
        {
          name: "g",
          repetition: "REPEATED",
          fieldId: 8,
          children: [{ name: "b.c", type: "FIXED_LEN_BYTE_ARRAY", typeLength: 3, repetition: "OPTIONAL" }],
        },
      ],
      rowGroups: [
        {
          rowCount: 3,
          chunks: [
            {
              codec: "ZSTD",
              pages: [
                { page: "dictionary", values: [1] },
                { page: "v1", encoding: "RLE_DICTIONARY", values: [1, null, 1] },
              ],
              statistics: {
                min: bytes,
                max: new Uint8Array(0),
                minValue: bytes,
                maxValue: bytes,
                nullCount: 2n ** 62n,
                distinctCount: 1,
              },
            },
            { pages: [{ page: "v1", values: [] }] },
          ],
        },
      ],
    });
    const metadata = await read(file);
    expect(metadata).toMatchObject({
      version: 1,
      createdBy: "writer 1",
      rowCount: 3,
      columnOrders: ["type-defined", "undefined"],
      schema: {
        root: {
          children: [
            { name: "a", leafIndex: 0 },
            { name: "g", leafIndex: undefined, fieldId: 8 },
          ],
        },
        leaves: [
          {
            index: 0,
            name: "a",
            fieldId: 7,
            physicalType: "INT32",
            maxDefinitionLevel: 1,
            maxRepetitionLevel: 0,
          },
          {
            index: 1,
            name: "g.b.c",
            path: ["g", "b.c"],
            physicalType: "FIXED_LEN_BYTE_ARRAY",
            typeLength: 3,
            maxDefinitionLevel: 2,
            maxRepetitionLevel: 1,
          },
        ],
      },
      rowGroups: [
        {
          ordinal: 0,
          rowCount: 3,
          chunks: [
            {
              codec: "ZSTD",
              valueCount: 3,
              dictionaryPageOffset: pages[0]?.offset,
              dataPageOffset: pages[1]?.offset,
              encodings: ["PLAIN", "RLE"],
              unreadable: undefined,
              statistics: { nullCount: 2n ** 62n, distinctCount: 1n },
            },
            { codec: "UNCOMPRESSED", statistics: undefined },
          ],
        },
      ],
    });
    const statistics = metadata.rowGroups[0]?.chunks[0]?.statistics;
    expect(
      [statistics?.min, statistics?.max, statistics?.minValue, statistics?.maxValue].map((v) => v && [...v]),
    ).toEqual([[1, 2], [], [1, 2], [1, 2]]);
    expect([...metadata.keyValueMetadata]).toEqual([
      ["key", "value"],
      ["ключ", ""],
    ]);
  });

  test("06 T3 R22: a file without row groups has none", async () => {
    expect((await read(oneColumn({ rowGroups: [] }).bytes)).rowGroups).toEqual([]);
  });

  test("chunks out of schema order are put in order by their paths", async () => {
    // Two row groups whose chunks are described as b, a: the builder writes by position, so the fields are named in turn.
    const element = (name: string) => struct([1, i32(1)], [3, i32(0)], [4, text(name)]);
    const chunk = (name: string, values: number) =>
      struct([
        3,
        struct(
          [1, i32(1)],
          [2, list("i32", [])],
          [3, list("binary", [text(name)])],
          [4, i32(0)],
          [5, i64(values)],
          [6, i64(1)],
          [7, i64(1)],
          [9, i64(4)],
        ),
      ]);
    const footer = (chunks: ThriftValue[]) =>
      footerOnly(
        struct(
          [1, i32(1)],
          [2, list("struct", [struct([4, text("root")], [5, i32(2)]), element("a"), element("b")])],
          [3, i64(1)],
          [4, list("struct", [struct([1, list("struct", chunks)], [2, i64(0)], [3, i64(1)])])],
        ),
      );
    const metadata = await read(footer([chunk("b", 22), chunk("a", 11)]));
    expect(metadata.rowGroups[0]?.chunks.map((one) => [one.leaf.name, one.valueCount])).toEqual([
      ["a", 11],
      ["b", 22],
    ]);
    await expect(read(footer([chunk("a", 1)]))).rejects.toThrow(/1 column chunks for 2 columns/);
    await expect(read(footer([chunk("a", 1), chunk("a", 1)]))).rejects.toThrow(/two chunks for column a/);
    await expect(read(footer([chunk("a", 1), chunk("z", 1)]))).rejects.toThrow(/unknown column z/);
  });
});

describe("06 T3 R23 and §3.8: what is no Parquet file", () => {
  test("fewer than 12 bytes", async () => {
    await expect(read(new Uint8Array(11))).rejects.toThrow(
      "f.parquet: is not a Parquet file (length is too low: 11)",
    );
  });

  test("another magic at the tail", async () => {
    const bytes = oneColumn().bytes.slice();
    bytes[bytes.length - 1] = 0xff;
    await expect(read(bytes)).rejects.toThrow(
      "is not a Parquet file. Expected magic number at tail, but found [80, 65, 82, -1]",
    );
  });

  test("a truncated file", async () => {
    await expect(read(oneColumn().bytes.subarray(0, -5))).rejects.toThrow("is not a Parquet file");
  });

  test("an encrypted footer", async () => {
    const bytes = concat([oneColumn().bytes.subarray(0, -4), new TextEncoder().encode("PARE")]);
    await expect(read(bytes)).rejects.toThrow("Trying to read file with encrypted footer. No keys available");
  });

  test("a footer longer than the file", async () => {
    const bytes = oneColumn().bytes.slice();
    new DataView(bytes.buffer).setUint32(bytes.length - 8, 0xffffffff, true);
    await expect(read(bytes)).rejects.toThrow(/claims 4294967295 bytes in a file of/);
  });
});

describe("footers that lie", () => {
  test("a schema that nests too deeply is refused without recursion to match", async () => {
    const depth = 50_000;
    const group = struct([3, i32(0)], [4, text("g")], [5, i32(1)]);
    const elements = [struct([4, text("root")], [5, i32(1)]), ...new Array<ThriftValue>(depth).fill(group)];
    await expect(read(schemaOnly(...elements))).rejects.toThrow(/nested deeper than 128/);
  });

  test("children that aren't there, or more than are announced, are refused", async () => {
    const leaf = struct([1, i32(1)], [3, i32(0)], [4, text("a")]);
    await expect(read(schemaOnly(struct([4, text("r")], [5, i32(2)]), leaf))).rejects.toThrow(
      /fewer than its groups/,
    );
    await expect(read(schemaOnly(struct([4, text("r")], [5, i32(1)]), leaf, leaf))).rejects.toThrow(
      /its tree takes 2/,
    );
    await expect(read(schemaOnly(struct([4, text("r")], [5, i32(-1)])))).rejects.toThrow(/-1 children/);
    await expect(read(schemaOnly(struct([4, text("r")], [5, i32(2 ** 31 - 1)])))).rejects.toThrow(
      /fewer than/,
    );
    await expect(read(schemaOnly())).rejects.toThrow(/schema without a root/);
  });

  test("elements that contradict themselves are refused", async () => {
    const root = struct([4, text("r")], [5, i32(1)]);
    const refused = (...fields: ThriftField[]) => expect(read(schemaOnly(root, struct(...fields)))).rejects;
    await refused([1, i32(99)], [3, i32(0)], [4, text("a")]).toThrow(/unknown physical type of a: 99/);
    await refused([1, i32(1)], [3, i32(9)], [4, text("a")]).toThrow(/unknown repetition of a: 9/);
    await refused([1, i32(1)], [4, text("a")]).toThrow(/a has no repetition/);
    await refused([1, i32(1)], [3, i32(0)]).toThrow(/without a name/);
    await refused([1, i32(7)], [2, i32(-1)], [3, i32(0)], [4, text("a")]).toThrow(/has length -1/);
    await refused([1, i32(7)], [3, i32(0)], [4, text("a")]).toThrow(/has length none/);
    await refused([1, i32(1)], [3, i32(0)], [4, text("a")], [6, i32(5)], [7, i32(3)], [8, i32(2)]).toThrow(
      /impossible type DECIMAL\(2,3\)/,
    );
    await refused([1, text("x")], [3, i32(0)], [4, text("a")]).toThrow(/thrift type/);
  });

  test("negative row counts are refused", async () => {
    await expect(read(oneColumn({ rowCount: -1 }).bytes)).rejects.toThrow(/row count -1/);
    const group = { rowCount: -5, chunks: [{ pages: [{ page: "v1" as const, values: [1] }] }] };
    await expect(read(oneColumn({ rowCount: 1, rowGroups: [group] }).bytes)).rejects.toThrow(/row count -5/);
  });

  test("one bad chunk is marked and the others stay usable", async () => {
    const pages = [{ page: "v1" as const, values: [1] }];
    const fields = ["size", "count", "offset", "codec", "elsewhere", "secret", "good"].map(
      (name): TestField => ({ name, type: "INT32" }),
    );
    const chunks = [
      { pages, totalCompressedSize: -1 },
      { pages, valueCount: -1 },
      { pages, dataPageOffset: -4 },
      { pages, codecNumber: 44 },
      { pages, filePath: "other.parquet" },
      { pages, encrypted: true },
      { pages },
    ];
    const metadata = await read(buildParquet({ fields, rowGroups: [{ rowCount: 1, chunks }] }).bytes);
    expect(metadata.rowGroups[0]?.chunks.map((chunk) => chunk.unreadable)).toEqual([
      "the column chunk has a negative totalCompressedSize: -1",
      "the column chunk has a negative valueCount: -1",
      "the column chunk has a negative dataPageOffset: -4",
      "unknown compression codec 44",
      "the column chunk lies in another file, other.parquet",
      "the column is encrypted and no keys are available",
      undefined,
    ]);
  });

  test("a column order that isn't known, or is missing, counts as undefined", async () => {
    expect((await read(oneColumn({ columnOrders: [] }).bytes)).columnOrders).toEqual(["undefined"]);
    expect((await read(oneColumn().bytes)).columnOrders).toBeUndefined();
  });

  test("any damage gives an UnreadableFileError with the file's name, or a footer", async () => {
    const { bytes } = oneColumn({ createdBy: "x", keyValues: { a: "b" }, columnOrders: [true] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 9 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (changes) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          const result = await read(damaged).catch((error: unknown) => error);
          if (result instanceof Error) {
            expect(result).toBeInstanceOf(UnreadableFileError);
            expect(result.message).toMatch(/^f\.parquet/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("a plain footer of a file with encrypted columns is read", async () => {
    const elements = schemaElements([column]);
    const chunk = struct(
      [2, i64(4)],
      [8, struct([1, struct()])],
      [9, { type: "binary", value: Uint8Array.of(1) }],
    );
    const metadata = await read(
      footerOnly(
        struct(
          [1, i32(1)],
          [2, list("struct", elements)],
          [3, i64(1)],
          [4, list("struct", [struct([1, list("struct", [chunk])], [2, i64(0)], [3, i64(1)])])],
          [8, struct([1, struct()])],
        ),
      ),
    );
    expect(metadata.rowGroups[0]?.chunks[0]?.unreadable).toMatch(/encrypted/);
  });
});
