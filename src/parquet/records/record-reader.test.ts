import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteSourceOf } from "../../../test/support/byte-source.ts";
import { memorySource } from "../../../test/support/memory-source.ts";
import { buildParquet, type TestField } from "../../../test/support/parquet-builder.ts";
import type { DataPage, TestPage } from "../../../test/support/parquet-pages.ts";
import { UnreadableFileError } from "../../model/index.ts";
import { readFooter } from "../footer/read-footer.ts";
import type { SchemaLeaf } from "../metadata.ts";
import type { ColumnWindow } from "./column-window.ts";
import { openRecords } from "./record-reader.ts";
import { findNode, leafOf, listElementNode, mapEntryNodes } from "./schema-lookup.ts";

const signal = new AbortController().signal;

/** A list of optional numbers, itself optional, beside a plain optional number. */
const LIST: TestField = {
  name: "list",
  repetition: "OPTIONAL",
  converted: 3,
  children: [
    {
      name: "bag",
      repetition: "REPEATED",
      children: [{ name: "element", repetition: "OPTIONAL", type: "INT64" }],
    },
  ],
};
const NUMBER: TestField = { name: "n", repetition: "OPTIONAL", type: "INT64" };

type ListRow = readonly (bigint | null)[] | null;

interface Entry {
  readonly value: bigint | null;
  readonly definition: number;
  readonly repetition: number;
}

function entriesOf(row: ListRow): Entry[] {
  if (row === null) return [{ value: null, definition: 0, repetition: 0 }];
  if (row.length === 0) return [{ value: null, definition: 1, repetition: 0 }];
  return row.map((value, i) => ({ value, definition: value === null ? 2 : 3, repetition: i === 0 ? 0 : 1 }));
}

function pageOf(entries: readonly Entry[], more: Partial<DataPage>): TestPage {
  return {
    page: "v1",
    values: entries.map((entry) => entry.value),
    definitionLevels: entries.map((entry) => entry.definition),
    repetitionLevels: entries.map((entry) => entry.repetition),
    ...more,
  };
}

/** The rows of a window of the list leaf, put together from the levels. */
function listRows(window: ColumnWindow): ListRow[] {
  return Array.from({ length: window.rowCount }, (_, row) => {
    const values: (bigint | null)[] = [];
    for (let entry = window.entriesStart(row); entry < window.entriesStart(row + 1); entry++) {
      if (window.definitionLevel(entry) === 0) return null;
      if (window.definitionLevel(entry) === 1) return [];
      const value = window.value(entry);
      values.push(typeof value === "bigint" ? value : null);
    }
    return values;
  });
}

async function openLeaves(
  bytes: Uint8Array,
  leaves?: (leaves: readonly SchemaLeaf[]) => readonly SchemaLeaf[],
) {
  const source = memorySource(bytes);
  const footer = await readFooter(source, { signal });
  source.reads.length = 0;
  const [rowGroup] = footer.rowGroups;
  if (rowGroup === undefined) throw new Error("no row group");
  const wanted = leaves?.(footer.schema.leaves) ?? footer.schema.leaves;
  return { reader: openRecords(source, footer, rowGroup, wanted, { signal }), source, footer };
}

describe("records of several leaves in lockstep", () => {
  const rowArbitrary = fc.oneof(
    fc.constant(null),
    fc.array(fc.oneof(fc.constant(null), fc.bigInt({ min: -9n, max: 9n })), { maxLength: 5 }),
  );

  it("gives every row of any pages back in windows of any size, taken or passed over", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 40 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom("v1", "v2"),
        fc.boolean(),
        async (rows, windows, rowsPerPage, page, useDictionary) => {
          const dictionary = Array.from({ length: 19 }, (_, i) => BigInt(i - 9));
          const encoding = useDictionary ? "RLE_DICTIONARY" : "PLAIN";
          const prefix: TestPage[] = useDictionary ? [{ page: "dictionary", values: dictionary }] : [];
          const pages: TestPage[] = [];
          const flat: TestPage[] = [];
          for (let start = 0; start < rows.length; start += rowsPerPage) {
            const some = rows.slice(start, start + rowsPerPage);
            pages.push(pageOf(some.flatMap(entriesOf), { page, encoding }));
            flat.push({ page, values: some.map((row) => row?.[0] ?? null), encoding });
          }
          const { bytes } = buildParquet({
            fields: [LIST, NUMBER],
            rowGroups: [
              {
                rowCount: rows.length,
                chunks: [
                  { pages: [...prefix, ...pages], codec: "SNAPPY" },
                  { pages: [...prefix, ...flat], codec: "UNCOMPRESSED" },
                ],
              },
            ],
          });
          const { reader } = await openLeaves(bytes);
          let at = 0;
          for (const [size, isTaken] of windows) {
            const count = Math.min(size, rows.length - at);
            if (isTaken) {
              const [lists, numbers] = await reader.take(count);
              expect(lists && listRows(lists)).toEqual(rows.slice(at, at + count));
              expect(Array.from({ length: count }, (_, row) => numbers?.value(row) ?? null)).toEqual(
                rows.slice(at, at + count).map((row) => row?.[0] ?? null),
              );
            } else {
              await reader.skip(count);
            }
            at += count;
          }
          await reader[Symbol.asyncDispose]();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("joins a row that goes on in the next page, as v1 pages may have it", async () => {
    const entries = entriesOf([1n, 2n, 3n, 4n]);
    const { bytes } = buildParquet({
      fields: [LIST],
      rowGroups: [
        {
          rowCount: 2,
          chunks: [
            {
              pages: [pageOf(entries.slice(0, 2), {}), pageOf([...entries.slice(2), ...entriesOf([5n])], {})],
            },
          ],
        },
      ],
    });
    const { reader } = await openLeaves(bytes);
    const [first] = await reader.take(1);
    expect(first && listRows(first)).toEqual([[1n, 2n, 3n, 4n]]);
    const [second] = await reader.take(1);
    expect(second && listRows(second)).toEqual([[5n]]);
  });

  it("passes over pages of a flat column without decoding them", async () => {
    const broken: TestPage = { page: "v1", values: [1n, 2n], body: Uint8Array.of(0), uncompressedSize: 1 };
    const { bytes } = buildParquet({
      fields: [NUMBER],
      rowGroups: [{ rowCount: 3, chunks: [{ pages: [broken, { page: "v1", values: [7n] }] }] }],
    });
    const { reader } = await openLeaves(bytes);
    await reader.skip(2);
    expect((await reader.take(1))[0]?.value(0)).toBe(7n);
    const again = await openLeaves(bytes);
    await expect(again.reader.take(2)).rejects.toThrow(UnreadableFileError);
  });

  it("reads the chunks of the leaves asked for, and no others", async () => {
    const { bytes, chunks } = buildParquetWithTwo();
    const { reader, source } = await openLeaves(bytes, (leaves) => leaves.slice(1));
    expect((await reader.take(1))[0]?.text(0)).toBe("zwei");
    expect(source.reads.every((read) => read.offset >= chunks)).toBe(true);
  });

  it("says where a column ends too early, and where entries make no row", async () => {
    const { bytes } = buildParquet({
      fields: [NUMBER],
      rowGroups: [{ rowCount: 3, chunks: [{ pages: [{ page: "v1", values: [1n, 2n] }] }] }],
    });
    const { reader } = await openLeaves(bytes);
    await expect(reader.take(3)).rejects.toThrow(
      /column n, row group 0: the column has fewer rows than its row group/,
    );
    const lone = buildParquet({
      fields: [LIST],
      rowGroups: [
        { rowCount: 1, chunks: [{ pages: [pageOf([{ value: 1n, definition: 3, repetition: 1 }], {})] }] },
      ],
    });
    const opened = await openLeaves(lone.bytes);
    await expect(opened.reader.take(1)).rejects.toThrow(/a repeated entry before the first row/);
  });

  it("refuses a dictionary index that the dictionary doesn't have", async () => {
    const pages: TestPage[] = [
      { page: "dictionary", values: [1n, 2n, 3n] },
      { page: "v1", values: [99n], encoding: "RLE_DICTIONARY" },
    ];
    const { bytes } = buildParquet({ fields: [NUMBER], rowGroups: [{ rowCount: 1, chunks: [{ pages }] }] });
    const { reader } = await openLeaves(bytes);
    await expect(reader.take(1)).rejects.toThrow(UnreadableFileError);
  });

  it("refuses values that grow out of their predecessors to far more than their page", async () => {
    const text: TestField = { name: "text", type: "BYTE_ARRAY" };
    const values = new Array<string>(100).fill("x".repeat(1_000_000));
    const pages: TestPage[] = [{ page: "v1", encoding: "DELTA_BYTE_ARRAY", values }];
    const chunks = [{ codec: "ZSTD", pages } as const];
    const { bytes } = buildParquet({ fields: [text], rowGroups: [{ rowCount: 100, chunks }] });
    expect(bytes.length).toBeLessThan(1000);
    const { reader } = await openLeaves(bytes);
    await expect(reader.take(1)).rejects.toThrow(/column text, .*100 values take more than \d+ bytes/);
  });
});

function buildParquetWithTwo(): { bytes: Uint8Array; chunks: number } {
  const built = buildParquet({
    fields: [NUMBER, { name: "text", repetition: "REQUIRED", type: "BYTE_ARRAY" }],
    rowGroups: [
      {
        rowCount: 1,
        chunks: [{ pages: [{ page: "v1", values: [1n] }] }, { pages: [{ page: "v1", values: ["zwei"] }] }],
      },
    ],
  });
  return { bytes: built.bytes, chunks: built.pages.find((page) => page.column === 1)?.offset ?? 0 };
}

describe("looking up nodes of a schema", () => {
  it("goes by exact names, then without regard to case, and finds entries of maps and lists by their place", async () => {
    const map: TestField = {
      name: "Values",
      repetition: "OPTIONAL",
      converted: 1,
      children: [
        {
          name: "entries",
          repetition: "REPEATED",
          children: [
            { name: "k", repetition: "REQUIRED", type: "BYTE_ARRAY" },
            { name: "v", repetition: "OPTIONAL", type: "BYTE_ARRAY" },
          ],
        },
      ],
    };
    const add: TestField = {
      name: "add",
      repetition: "OPTIONAL",
      children: [map, { ...NUMBER, name: "Size" }, { ...NUMBER, name: "size" }],
    };
    const { bytes } = buildParquet({ fields: [add, LIST], rowGroups: [] });
    const { schema } = await readFooter(byteSourceOf(bytes), { signal });
    const leafName = (...path: string[]) => leafOf(schema, findNode(schema.root, path))?.name;
    expect(leafName("ADD", "size")).toBe("add.size");
    expect(leafName("add", "Size")).toBe("add.Size");
    expect(leafName("add", "none")).toBeUndefined();
    expect(leafName("add")).toBeUndefined();
    const entries = mapEntryNodes(findNode(schema.root, ["add", "values"]));
    expect([entries?.key.name, entries?.value?.name]).toEqual(["k", "v"]);
    expect(leafOf(schema, listElementNode(findNode(schema.root, ["list"])))?.name).toBe("list.bag.element");
  });
});
