import fc from "fast-check";
import type { PageBounds, PageIndexRow } from "../../src/model/index.ts";

/** A page row with nothing special about it; a test names what matters to it. */
export function pageRow(fields: Partial<PageIndexRow> = {}): PageIndexRow {
  return {
    columnName: "c",
    rowGroup: 0,
    pageOrdinal: 0,
    firstRowIndex: 0n,
    rowCount: 1,
    pageHeaderOffset: 4n,
    pageTotalCompressedSize: 100,
    dictionaryPageHeaderOffset: undefined,
    dictionaryPageTotalCompressedSize: undefined,
    requiresDictionaryPage: false,
    parquetPhysicalType: "INT32",
    parquetCompression: "SNAPPY",
    parquetMaxDefLevel: 1,
    decimal: undefined,
    bounds: undefined,
    ...fields,
  };
}

/** Big-endian two's complement, sign-extended to `width` bytes. */
export function decimalBytes(unscaled: bigint, width: number): Uint8Array {
  const hex = BigInt.asUintN(width * 8, unscaled)
    .toString(16)
    .padStart(width * 2, "0");
  return new Uint8Array(Buffer.from(hex, "hex"));
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const offset = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const size = fc.nat({ max: 2 ** 31 - 1 });
const text = fc.string({ unit: "binary", maxLength: 12 });

function unscaled(digits: number, width: number): fc.Arbitrary<Uint8Array> {
  const largest = 10n ** BigInt(digits) - 1n;
  return fc.bigInt({ min: -largest, max: largest }).map((value) => decimalBytes(value, width));
}

function boundsOf<K extends PageBounds["kind"], T>(
  kind: K,
  value: fc.Arbitrary<T>,
): fc.Arbitrary<{ kind: K; min: T; max: T }> {
  return fc.record({ kind: fc.constant(kind), min: value, max: value });
}

const bounds: fc.Arbitrary<PageBounds> = fc.oneof(
  boundsOf("i32", int32),
  boundsOf("i64", int64),
  boundsOf("f32", fc.float()),
  boundsOf("f64", fc.double()),
  boundsOf("bool", fc.boolean()),
  boundsOf("utf8", text),
  boundsOf("decimal128", unscaled(38, 16)),
  boundsOf("decimal256", unscaled(76, 32)),
);

const dictionary = fc.option(fc.tuple(offset, size), { nil: undefined });

/** Any row that a sidecar can hold, with few distinct names, so that names repeat as they do in real ones. */
export const anyPageRow: fc.Arbitrary<PageIndexRow> = fc
  .record({
    columnName: fc.oneof(fc.constantFrom("a", "b", "meta.a", "Ａ", "😀"), text),
    rowGroup: fc.nat({ max: 3 }),
    pageOrdinal: fc.nat({ max: 3 }),
    firstRowIndex: offset,
    rowCount: size,
    pageHeaderOffset: offset,
    pageTotalCompressedSize: size,
    dictionary,
    requiresDictionaryPage: fc.boolean(),
    parquetPhysicalType: fc.constantFrom("BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE", "BINARY"),
    parquetCompression: fc.constantFrom("UNCOMPRESSED", "SNAPPY", "ZSTD(ZstdLevel(1))"),
    parquetMaxDefLevel: fc.nat({ max: 100 }),
    decimal: fc.option(
      fc.record({
        precision: fc.integer({ min: 1, max: 76 }),
        scale: fc.nat({ max: 76 }),
        bits: fc.option(fc.constantFrom(32, 64, 136, 256), { nil: undefined }),
      }),
      { nil: undefined },
    ),
    bounds: fc.option(bounds, { nil: undefined }),
  })
  .map(({ dictionary: page, ...row }) => ({
    ...row,
    dictionaryPageHeaderOffset: page?.[0],
    dictionaryPageTotalCompressedSize: page?.[1],
  }));

/** A page row as a sidecar's own columns hold it (06 §4.2), written down apart from the writer; null where there is none. */
export function sidecarRecord(row: PageIndexRow): Record<string, unknown> {
  const bound = (kind: PageBounds["kind"], end: "min" | "max") =>
    row.bounds?.kind === kind ? row.bounds[end] : null;
  return {
    column_name: row.columnName,
    row_group: row.rowGroup,
    page_ordinal: row.pageOrdinal,
    first_row_index: row.firstRowIndex,
    row_count: row.rowCount,
    live_row_count: row.rowCount,
    page_header_offset: row.pageHeaderOffset,
    page_total_compressed_size: row.pageTotalCompressedSize,
    dictionary_page_header_offset: row.dictionaryPageHeaderOffset ?? null,
    dictionary_page_total_compressed_size: row.dictionaryPageTotalCompressedSize ?? null,
    requires_dictionary_page: row.requiresDictionaryPage,
    parquet_physical_type: row.parquetPhysicalType,
    parquet_compression: row.parquetCompression,
    parquet_max_def_level: row.parquetMaxDefLevel,
    parquet_max_rep_level: 0,
    min_i32: bound("i32", "min"),
    max_i32: bound("i32", "max"),
    min_i64: bound("i64", "min"),
    max_i64: bound("i64", "max"),
    min_f32: bound("f32", "min"),
    max_f32: bound("f32", "max"),
    min_f64: bound("f64", "min"),
    max_f64: bound("f64", "max"),
    min_bool: bound("bool", "min"),
    max_bool: bound("bool", "max"),
    min_utf8: bound("utf8", "min"),
    max_utf8: bound("utf8", "max"),
    decimal_precision: row.decimal?.precision ?? null,
    decimal_scale: row.decimal?.scale ?? null,
    decimal_bits: row.decimal?.bits ?? null,
    min_decimal128_unscaled: bound("decimal128", "min"),
    max_decimal128_unscaled: bound("decimal128", "max"),
    min_decimal256_unscaled: bound("decimal256", "min"),
    max_decimal256_unscaled: bound("decimal256", "max"),
  };
}
