import fc from "fast-check";
import { parquetMetadata } from "hyparquet";
import { describe, expect, test } from "vitest";
import { queryParquet } from "../../../test/support/duckdb.ts";
import { anyPageRow, decimalBytes, pageRow } from "../../../test/support/page-rows.ts";
import type { PageBounds, PageIndexRow } from "../../model/index.ts";
import { writeSidecar } from "./index.ts";

/** 06 §4.1, as its table has it. */
const CONTRACT_SCHEMA = `
column_name R BYTE_ARRAY STRING UTF8
row_group R INT32 INTEGER(32,unsigned) UINT_32
page_ordinal R INT32 INTEGER(32,unsigned) UINT_32
first_row_index R INT64 — —
row_count R INT32 INTEGER(32,unsigned) UINT_32
live_row_count R INT32 INTEGER(32,unsigned) UINT_32
page_header_offset O INT64 — —
page_total_compressed_size R INT32 — —
dictionary_page_header_offset O INT64 — —
dictionary_page_total_compressed_size O INT32 — —
requires_dictionary_page R BOOLEAN — —
parquet_physical_type R BYTE_ARRAY STRING UTF8
parquet_compression R BYTE_ARRAY STRING UTF8
parquet_max_def_level R INT32 INTEGER(16,signed) INT_16
parquet_max_rep_level R INT32 INTEGER(16,signed) INT_16
min_i32 O INT32 — —
max_i32 O INT32 — —
min_i64 O INT64 — —
max_i64 O INT64 — —
min_f32 O FLOAT — —
max_f32 O FLOAT — —
min_f64 O DOUBLE — —
max_f64 O DOUBLE — —
min_bool O BOOLEAN — —
max_bool O BOOLEAN — —
min_utf8 O BYTE_ARRAY STRING UTF8
max_utf8 O BYTE_ARRAY STRING UTF8
decimal_precision O INT32 INTEGER(8,unsigned) UINT_8
decimal_scale O INT32 INTEGER(8,signed) INT_8
decimal_bits O INT32 INTEGER(16,signed) INT_16
min_decimal128_unscaled O FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,0) DECIMAL
max_decimal128_unscaled O FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,0) DECIMAL
min_decimal256_unscaled O FIXED_LEN_BYTE_ARRAY(32) DECIMAL(76,0) DECIMAL
max_decimal256_unscaled O FIXED_LEN_BYTE_ARRAY(32) DECIMAL(76,0) DECIMAL
`.trim();

describe("06 §4.1 schema", () => {
  test("34 columns by name, order, repetition, physical, logical and converted type, without field ids", () => {
    const { schema } = parquetMetadata(writeSidecar([], "s3://b/x.parquet"));
    const [root, ...columns] = schema;
    expect(root?.name).toBe("arrow_schema");
    expect(root?.num_children).toBe(34);
    expect(columns.map(describeElement).join("\n")).toBe(CONTRACT_SCHEMA);
    expect(columns.every((column) => column.field_id === undefined)).toBe(true);
  });

  test("decimal columns carry precision and scale in the schema element too", () => {
    const { schema } = parquetMetadata(writeSidecar([], "s3://b/x.parquet"));
    const decimals = schema.filter((column) => column.converted_type === "DECIMAL");
    expect(decimals.map(({ precision, scale }) => [precision, scale])).toEqual([
      [38, 0],
      [38, 0],
      [76, 0],
      [76, 0],
    ]);
  });

  test("DuckDB reads the same schema", async () => {
    const columns = await queryParquet(
      writeSidecar([pageRow()], "s3://b/x.parquet"),
      `SELECT name || ' ' || repetition_type[1] || ' ' || type || coalesce('(' || type_length || ')', '')
         || ' ' || coalesce(converted_type, '—') AS text
       FROM parquet_schema($file) WHERE num_children IS NULL`,
    );
    const withoutLogicalTypes = CONTRACT_SCHEMA.split("\n").map((line) => line.replace(/ \S+( \S+)$/, "$1"));
    expect(columns.map(({ text }) => text)).toEqual(withoutLogicalTypes);
  });
});

describe("06 §4.2 row content", () => {
  test("DuckDB reads every value of a row with all fields set", async () => {
    const row = pageRow({
      columnName: "meta.a",
      rowGroup: 4294967295,
      pageOrdinal: 2147483648,
      firstRowIndex: 9007199254740993n,
      rowCount: 20000,
      pageHeaderOffset: 9223372036854775807n,
      pageTotalCompressedSize: 2147483647,
      dictionaryPageHeaderOffset: 12345678901n,
      dictionaryPageTotalCompressedSize: 77,
      requiresDictionaryPage: true,
      parquetPhysicalType: "FIXED_LEN_BYTE_ARRAY",
      parquetCompression: "ZSTD(ZstdLevel(1))",
      parquetMaxDefLevel: 2,
      decimal: { precision: 40, scale: -3, bits: 136 },
      bounds: { kind: "i64", min: -9223372036854775808n, max: 9007199254740993n },
    });
    const [read] = await queryParquet(writeSidecar([row], "f"), "SELECT * FROM read_parquet($file)");
    expect(read).toEqual({
      column_name: "meta.a",
      row_group: 4294967295,
      page_ordinal: 2147483648,
      first_row_index: 9007199254740993n,
      row_count: 20000,
      live_row_count: 20000,
      page_header_offset: 9223372036854775807n,
      page_total_compressed_size: 2147483647,
      dictionary_page_header_offset: 12345678901n,
      dictionary_page_total_compressed_size: 77,
      requires_dictionary_page: true,
      parquet_physical_type: "FIXED_LEN_BYTE_ARRAY",
      parquet_compression: "ZSTD(ZstdLevel(1))",
      parquet_max_def_level: 2,
      parquet_max_rep_level: 0,
      ...NO_BOUNDS,
      min_i64: -9223372036854775808n,
      max_i64: 9007199254740993n,
      decimal_precision: 40,
      decimal_scale: -3,
      decimal_bits: 136,
    });
  });

  test.each<[PageBounds, Record<string, unknown>]>([
    [
      { kind: "i32", min: -2147483648, max: 2147483647 },
      { min_i32: -2147483648, max_i32: 2147483647 },
    ],
    [
      { kind: "f32", min: -0, max: 0 },
      { min_f32: -0, max_f32: 0 },
    ],
    [
      { kind: "f32", min: Number.NaN, max: Number.NaN },
      { min_f32: Number.NaN, max_f32: Number.NaN },
    ],
    [
      { kind: "f64", min: -0, max: 0.1 },
      { min_f64: -0, max_f64: 0.1 },
    ],
    [
      { kind: "f64", min: Number.NaN, max: Number.NaN },
      { min_f64: Number.NaN, max_f64: Number.NaN },
    ],
    [
      { kind: "bool", min: false, max: true },
      { min_bool: false, max_bool: true },
    ],
    [
      { kind: "utf8", min: "", max: "😀Ａ" },
      { min_utf8: "", max_utf8: "😀Ａ" },
    ],
  ])("bounds %o fill their own two columns, the others are null", async (bounds, columns) => {
    const bytes = writeSidecar([pageRow({ bounds })], "f");
    const [read] = await queryParquet(
      bytes,
      "SELECT COLUMNS('^(min|max|decimal)_.*') FROM read_parquet($file)",
    );
    expect(read).toEqual({ ...NO_BOUNDS, ...columns });
  });

  test("decimal bounds are unscaled integers of 16 bytes, and decimal_bits is null for BYTE_ARRAY", async () => {
    const bounds: PageBounds = {
      kind: "decimal128",
      min: decimalBytes(-(10n ** 38n - 1n), 16),
      max: decimalBytes(12n, 16),
    };
    const bytes = writeSidecar(
      [pageRow({ bounds, decimal: { precision: 38, scale: 2, bits: undefined } })],
      "f",
    );
    const [read] = await queryParquet(
      bytes,
      `SELECT min_decimal128_unscaled::VARCHAR AS min, max_decimal128_unscaled::VARCHAR AS max,
         decimal_precision AS precision, decimal_scale AS scale, decimal_bits AS bits, min_i32, min_i64
       FROM read_parquet($file)`,
    );
    expect(read).toEqual({
      min: "-99999999999999999999999999999999999999",
      max: "12",
      precision: 38,
      scale: 2,
      bits: null,
      min_i32: null,
      min_i64: null,
    });
  });

  test.each<[string, Partial<PageIndexRow>]>([
    ["row_count", { rowCount: -1 }],
    ["page_total_compressed_size", { pageTotalCompressedSize: 2 ** 31 }],
    ["first_row_index", { firstRowIndex: 2n ** 63n }],
    ["min_i32", { bounds: { kind: "i32", min: 0.5, max: 1 } }],
    ["max_f32", { bounds: { kind: "f32", min: 0, max: 0.1 } }],
    [
      "min_decimal128_unscaled",
      { bounds: { kind: "decimal128", min: new Uint8Array(15), max: new Uint8Array(16) } },
    ],
  ])("a value that %s can't hold is an error, never another value", (column, fields) => {
    expect(() => writeSidecar([pageRow(fields)], "f")).toThrow(`sidecar column ${column}: `);
  });
});

describe("06 §4.3 row order", () => {
  test("06 T3 R21: by name in UTF-16 order, then row group, then page ordinal", async () => {
    const rows = ["b", "a", "B", "Ａ", "😀"].flatMap((columnName) =>
      [1, 0].flatMap((rowGroup) =>
        [1, 0].map((pageOrdinal) => pageRow({ columnName, rowGroup, pageOrdinal })),
      ),
    );
    const read = await queryParquet(
      writeSidecar(rows, "f"),
      "SELECT column_name || row_group || page_ordinal AS page FROM read_parquet($file)",
    );
    const expected = ["B", "a", "b", "😀", "Ａ"].flatMap((name) =>
      ["00", "01", "10", "11"].map((page) => `${name}${page}`),
    );
    expect(read.map(({ page }) => page)).toEqual(expected);
  });

  test("two columns of one dotted name keep their file order", async () => {
    const rows = [30n, 10n, 20n].map((pageHeaderOffset) =>
      pageRow({ columnName: "meta.a", pageHeaderOffset }),
    );
    const read = await queryParquet(
      writeSidecar(rows, "f"),
      "SELECT page_header_offset AS o FROM read_parquet($file)",
    );
    expect(read.map(({ o }) => o)).toEqual([30n, 10n, 20n]);
  });
});

describe("06 §4.4 file properties", () => {
  test("the key/value entries name the data file exactly as planned", () => {
    const path = "s3://b/p=1/a !é%25😀.parquet";
    expect(parquetMetadata(writeSidecar([pageRow()], path)).key_value_metadata).toEqual([
      { key: "sidecar.data_file_path", value: path },
      { key: "writer.model.name", value: "floecat-capture" },
    ]);
  });

  test("uncompressed, one row group, no minimum or maximum of NaN in the sidecar's own statistics", () => {
    const bounds: PageBounds = { kind: "f64", min: Number.NaN, max: Number.NaN };
    const { row_groups } = parquetMetadata(writeSidecar([pageRow({ bounds }), pageRow()], "f"));
    expect(row_groups.length).toBe(1);
    for (const { meta_data } of row_groups[0]?.columns ?? []) {
      expect(meta_data?.codec).toBe("UNCOMPRESSED");
      expect(meta_data?.statistics?.min_value).toBeUndefined();
      expect(meta_data?.statistics?.max_value).toBeUndefined();
    }
    expect(nullCountOf(row_groups, "min_f64")).toBe(1n);
    expect(nullCountOf(row_groups, "min_i32")).toBe(2n);
    expect(nullCountOf(row_groups, "column_name")).toBe(0n);
  });

  test("a column that repeats is dictionary-encoded, one that doesn't is not", () => {
    const rows = Array.from({ length: 5000 }, (_, i) =>
      pageRow({ columnName: `column_${i % 10}`, pageHeaderOffset: BigInt(i) }),
    );
    const columns = parquetMetadata(writeSidecar(rows, "f")).row_groups[0]?.columns ?? [];
    const withDictionary = columns
      .filter(({ meta_data }) => meta_data?.encodings.includes("RLE_DICTIONARY"))
      .map(({ meta_data }) => meta_data?.path_in_schema[0]);
    expect(withDictionary).toContain("column_name");
    expect(withDictionary).toContain("parquet_physical_type");
    expect(withDictionary).toContain("parquet_compression");
    expect(withDictionary).not.toContain("page_header_offset");
  });

  test("06 T4 W2: the same entries, in any order, give identical bytes", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyPageRow, { selector: positionOf, maxLength: 30 }), (rows) => {
        const bytes = writeSidecar(rows, "f");
        expect(writeSidecar([...rows].reverse(), "f")).toEqual(bytes);
      }),
      { numRuns: 50 },
    );
  });

  test("06 T4 W3: more than 20 000 entries are readable and keep their order", async () => {
    const rows = Array.from({ length: 45_001 }, (_, i) =>
      pageRow({
        pageOrdinal: i,
        pageHeaderOffset: BigInt(i) * 1000n,
        dictionaryPageHeaderOffset: i % 3 === 0 ? BigInt(i) : undefined,
        bounds: i % 2 === 0 ? { kind: "utf8", min: `min ${i}`, max: `max ${i % 7}` } : undefined,
      }),
    );
    const [read] = await queryParquet(
      writeSidecar(rows, "f"),
      `SELECT count(*) AS rows,
         count_if(page_ordinal <> file_row_number) AS out_of_order,
         count_if(page_header_offset <> file_row_number * 1000) AS wrong_offset,
         count_if(dictionary_page_header_offset IS DISTINCT FROM
           CASE WHEN file_row_number % 3 = 0 THEN file_row_number END) AS wrong_dictionary,
         count_if(min_utf8 IS DISTINCT FROM
           CASE WHEN file_row_number % 2 = 0 THEN 'min ' || file_row_number END) AS wrong_min,
         count_if(max_utf8 IS DISTINCT FROM
           CASE WHEN file_row_number % 2 = 0 THEN 'max ' || (file_row_number % 7) END) AS wrong_max
       FROM read_parquet($file, file_row_number = true)`,
    );
    expect(read).toEqual({
      rows: 45_001n,
      out_of_order: 0n,
      wrong_offset: 0n,
      wrong_dictionary: 0n,
      wrong_min: 0n,
      wrong_max: 0n,
    });
  });

  test("06 §3.6: long text is not cut, even when one value is longer than a page", async () => {
    const long = "é".repeat(1_500_000);
    const rows = ["x", long, "y"].map((text, pageOrdinal) =>
      pageRow({ pageOrdinal, bounds: { kind: "utf8", min: text, max: `${text}!` } }),
    );
    const read = await queryParquet(
      writeSidecar(rows, "f"),
      "SELECT length(min_utf8) AS min, length(max_utf8) AS max FROM read_parquet($file)",
    );
    expect(read).toEqual([
      { min: 1n, max: 2n },
      { min: 1_500_000n, max: 1_500_001n },
      { min: 1n, max: 2n },
    ]);
  });
});

test("06 §4.5: without rows, a valid Parquet file with the whole schema and no row group", async () => {
  const bytes = writeSidecar([], "s3://b/empty.parquet");
  const metadata = parquetMetadata(bytes);
  expect(metadata.num_rows).toBe(0n);
  expect(metadata.row_groups).toEqual([]);
  expect(metadata.key_value_metadata?.[0]).toEqual({
    key: "sidecar.data_file_path",
    value: "s3://b/empty.parquet",
  });
  expect(await queryParquet(bytes, "SELECT * FROM read_parquet($file)")).toEqual([]);
});

const NO_BOUNDS = Object.fromEntries(
  ["i32", "i64", "f32", "f64", "bool", "utf8", "decimal128_unscaled", "decimal256_unscaled"]
    .flatMap((kind) => [`min_${kind}`, `max_${kind}`])
    .concat(["decimal_precision", "decimal_scale", "decimal_bits"])
    .map((name) => [name, null]),
);

type Metadata = ReturnType<typeof parquetMetadata>;

function describeElement(element: Metadata["schema"][number]): string {
  const length = element.type_length === undefined ? "" : `(${element.type_length})`;
  const logical = element.logical_type;
  let annotation = "—";
  if (logical?.type === "INTEGER") {
    annotation = `INTEGER(${logical.bitWidth},${logical.isSigned ? "signed" : "unsigned"})`;
  } else if (logical?.type === "DECIMAL") {
    annotation = `DECIMAL(${logical.precision},${logical.scale})`;
  } else if (logical !== undefined) {
    annotation = logical.type;
  }
  const repetition = element.repetition_type === "REQUIRED" ? "R" : "O";
  return `${element.name} ${repetition} ${element.type}${length} ${annotation} ${element.converted_type ?? "—"}`;
}

function nullCountOf(rowGroups: Metadata["row_groups"], column: string): bigint | undefined {
  const chunk = rowGroups[0]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column);
  return chunk?.meta_data?.statistics?.null_count;
}

function positionOf(row: PageIndexRow): string {
  return JSON.stringify([row.columnName, row.rowGroup, row.pageOrdinal]);
}
