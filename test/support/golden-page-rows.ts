import type { PageBounds, PageIndexRow } from "../../src/model/index.ts";
import { decimalBytes, pageRow } from "./page-rows.ts";

/**
 * The rows of the sidecar that pyarrow has read for `test/fixtures/data/sidecar/`: one of every kind of bound with its
 * awkward values, then columns of many pages. A change here, or in the bytes that the writer gives, means running
 * `test/fixtures/generate/sidecar_pyarrow.py` again.
 */
export const GOLDEN_DATA_FILE_PATH = "s3://bucket/p=1/a !é%25😀.parquet";

const AWKWARD_BOUNDS: readonly PageBounds[] = [
  { kind: "i32", min: -(2 ** 31), max: 2 ** 31 - 1 },
  { kind: "i64", min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { kind: "f32", min: -0, max: Math.fround(0.1) },
  { kind: "f32", min: Number.NaN, max: Number.NaN },
  { kind: "f64", min: Number.NEGATIVE_INFINITY, max: 0.1 },
  { kind: "f64", min: Number.NaN, max: Number.NaN },
  { kind: "bool", min: false, max: true },
  { kind: "utf8", min: "", max: "😀\u0000Ａ\uFFFD" },
  { kind: "decimal128", min: decimalBytes(-800n, 16), max: decimalBytes(10n ** 38n - 1n, 16) },
  { kind: "decimal256", min: decimalBytes(-1n, 32), max: decimalBytes(10n ** 39n, 32) },
];

/** 06 T1, the row that upstream's golden file confirms, and three of its others. */
const CALL_CENTER: readonly PageIndexRow[] = [
  {
    ...callCenter("cc_call_center_sk", "INT32", 0, 4n, 95),
    bounds: { kind: "i32", min: 1, max: 42 },
  },
  {
    ...callCenter("cc_call_center_id", "BINARY", 0, 208n, 58, [99n, 109]),
    bounds: { kind: "utf8", min: "AAAAAAAAABAAAAAA", max: "AAAAAAAAPBAAAAAA" },
  },
  callCenter("cc_closed_date_sk", "INT64", 1, 429n, 32),
  {
    ...callCenter("cc_gmt_offset", "INT32", 1, 6896n, 44, [6858n, 38]),
    decimal: { precision: 5, scale: 2, bits: 32 },
    bounds: { kind: "decimal128", min: decimalBytes(-800n, 16), max: decimalBytes(-500n, 16) },
  },
];

function callCenter(
  columnName: string,
  parquetPhysicalType: string,
  parquetMaxDefLevel: number,
  pageHeaderOffset: bigint,
  pageTotalCompressedSize: number,
  dictionary?: readonly [offset: bigint, size: number],
): PageIndexRow {
  return pageRow({
    columnName,
    parquetPhysicalType,
    parquetMaxDefLevel,
    pageHeaderOffset,
    pageTotalCompressedSize,
    rowCount: 42,
    parquetCompression: "ZSTD(ZstdLevel(1))",
    dictionaryPageHeaderOffset: dictionary?.[0],
    dictionaryPageTotalCompressedSize: dictionary?.[1],
    requiresDictionaryPage: dictionary !== undefined,
  });
}

const MANY_PAGES: readonly PageIndexRow[] = Array.from({ length: 300 }, (_, i) =>
  pageRow({
    columnName: `many_${i % 3}`,
    rowGroup: Math.floor(i / 30),
    pageOrdinal: Math.floor((i % 30) / 3),
    firstRowIndex: BigInt(Math.floor((i % 30) / 3) * 20_000),
    rowCount: 20_000,
    pageHeaderOffset: BigInt(i) * 100_003n,
    pageTotalCompressedSize: 90_000 + i,
    dictionaryPageHeaderOffset: i % 3 === 0 ? 5_000_000_000n + BigInt(i % 30) : undefined,
    dictionaryPageTotalCompressedSize: i % 3 === 0 ? 77 : undefined,
    requiresDictionaryPage: i % 3 === 0,
    bounds: i % 7 === 0 ? undefined : { kind: "utf8", min: `value ${i}`, max: `value ${i % 4}` },
  }),
);

export const GOLDEN_ROWS: readonly PageIndexRow[] = [
  ...AWKWARD_BOUNDS.map((bounds, i) =>
    pageRow({
      columnName: `${bounds.kind}_${i}`,
      rowGroup: 2 ** 32 - 1,
      firstRowIndex: 2n ** 53n + 1n,
      decimal: bounds.kind.startsWith("decimal") ? { precision: 76, scale: -3, bits: undefined } : undefined,
      bounds,
    }),
  ),
  ...CALL_CENTER,
  ...MANY_PAGES,
];
