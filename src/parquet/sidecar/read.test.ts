import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { byteSourceOf } from "../../../test/support/byte-source.ts";
import { anyPageRow, pageRow, sidecarRecord } from "../../../test/support/page-rows.ts";
import type { PageBounds } from "../../model/index.ts";
import { readSidecar, writeSidecar } from "./index.ts";
import { pageRowsOf } from "./page-rows.ts";
import { SIDECAR_COLUMNS } from "./schema.ts";
import { sortPageRows } from "./sort.ts";

const signal = new AbortController().signal;

function read(bytes: Uint8Array) {
  return readSidecar(byteSourceOf(bytes, "s.parquet"), { signal });
}

describe("06 §4 written and read back", () => {
  test("any rows come back exactly, sorted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPageRow, { maxLength: 60 }), fc.string(), async (rows, path) => {
        const sidecar = await read(writeSidecar(rows, path));
        expect(sidecar).toEqual({ dataFilePath: path, rows: sortPageRows(rows) });
      }),
      { numRuns: 100 },
    );
  });

  test("hyparquet, a reader that isn't ours, sees the same stored values", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPageRow, { maxLength: 60 }), async (rows) => {
        const records = await storedRecords(writeSidecar(rows, "f"));
        expect(records).toEqual(sortPageRows(rows).map(sidecarRecord));
      }),
      { numRuns: 50 },
    );
  });

  test("several pages, with and without dictionary, and pages of nulls alone", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) =>
      pageRow({
        pageOrdinal: i,
        pageHeaderOffset: BigInt(i) * 7n,
        dictionaryPageHeaderOffset: i < 25_000 ? undefined : BigInt(i % 5),
        bounds: boundsAt(i),
      }),
    );
    const sidecar = await read(writeSidecar(rows, "f"));
    expect(sidecar.rows).toEqual(rows);
    expect(await storedRecords(writeSidecar(rows, "f"))).toEqual(rows.map(sidecarRecord));
  });

  test("06 §4.5: an empty sidecar has no rows", async () => {
    expect(await read(writeSidecar([], "s3://b/x"))).toEqual({ dataFilePath: "s3://b/x", rows: [] });
  });
});

describe("what isn't a sidecar is refused", () => {
  test("decision 41: a changed byte in a page", async () => {
    const bytes = writeSidecar([pageRow({ columnName: "changed" })], "f");
    bytes[Buffer.from(bytes).indexOf("changed")] = 0x43;
    await expect(read(bytes)).rejects.toThrow(
      "s.parquet, column column_name, row group 0, page 0, offset 4: the page's checksum is",
    );
  });

  test("a Parquet file without the key/value entry, or with another schema", async () => {
    const bytes = Buffer.from(writeSidecar([pageRow()], "f"));
    const withoutKey = Buffer.from(bytes);
    withoutKey.write("sidecar.data_file_PATH", withoutKey.indexOf("sidecar.data_file_path"));
    await expect(read(withoutKey)).rejects.toThrow(
      "s.parquet: is not a page-index sidecar: it has no sidecar.data_file_path entry",
    );
    const otherName = Buffer.from(writeSidecar([], "f"));
    otherName.write("row_grouP", otherName.indexOf("row_group"));
    await expect(read(otherName)).rejects.toThrow(
      "column 2 is row_grouP INT32 where row_group INT32 belongs",
    );
  });

  test("a file that is cut anywhere", async () => {
    const bytes = writeSidecar([pageRow(), pageRow()], "f");
    for (let length = 0; length < bytes.length; length += 97) {
      await expect(read(bytes.subarray(0, length))).rejects.toThrow("s.parquet");
    }
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["06 §0 fact 7", { live_row_count: 2 }, "live_row_count: the value in row 0 is 2 where row_count is 1"],
    ["06 §0 fact 3", { parquet_max_rep_level: 1 }, "the value in row 0 is 1 where only 0 is indexed"],
    ["06 §4.2", { page_header_offset: null }, "page_header_offset: the value in row 0 is null"],
    ["06 §4.2", { min_i32: 1 }, "max_i32: the value in row 0 is null where the minimum is not"],
    ["06 §4.2", { max_i32: 1 }, "min_i32: the value in row 0 is null where the maximum is not"],
    [
      "06 §4.2",
      { min_i32: 1, max_i32: 1, min_bool: true, max_bool: true },
      "min_bool: the value in row 0 is set beside min_i32",
    ],
    ["06 §4.2", { decimal_scale: 1 }, "decimal_precision: the value in row 0 is null where the other"],
  ])("%s: a row with %j", (_section, cells, text) => {
    const record = { ...sidecarRecord(pageRow()), ...cells };
    const columns = new Map(SIDECAR_COLUMNS.map(({ name }) => [name, [cellOf(record[name])]] as const));
    expect(() => pageRowsOf({ file: "s.parquet", columns, rowCount: 1 })).toThrow(
      text.split(" is ")[0] ?? "",
    );
    expect(() => pageRowsOf({ file: "s.parquet", columns, rowCount: 1 })).toThrow(/s\.parquet, column \w+: /);
  });
});

function cellOf(value: unknown) {
  if (value === null) return undefined;
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  throw new TypeError(`no cell: ${value}`);
}

function boundsAt(i: number): PageBounds | undefined {
  if (i >= 20_000 && i < 40_000) return undefined;
  return i % 2 === 0
    ? { kind: "f64", min: i / 3, max: Number.NaN }
    : { kind: "utf8", min: "same", max: `other ${i}` };
}

/** The stored values by hyparquet: without annotations it converts nothing, so only text and unsigned columns are left to do. */
async function storedRecords(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const metadata = parquetMetadata(bytes);
  const schema = metadata.schema.map(
    ({ converted_type: _converted, logical_type: _logical, ...element }) => element,
  );
  const records = await parquetReadObjects({
    file: {
      byteLength: bytes.length,
      slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
    },
    metadata: { ...metadata, schema },
    utf8: false,
  });
  const annotations = new Map(metadata.schema.map(({ name, converted_type }) => [name, converted_type]));
  return records.map((record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => {
        const annotation = annotations.get(name);
        if (value instanceof Uint8Array && annotation === "UTF8")
          return [name, Buffer.from(value).toString()];
        if (typeof value === "number" && annotation === "UINT_32") return [name, value >>> 0];
        return [name, value];
      }),
    ),
  );
}
