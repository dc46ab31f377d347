/**
 * One row of a page-index sidecar (06 §4.2): one data page of one column chunk. Offsets and sizes are in bytes, absolute in
 * the data file; `firstRowIndex` restarts at 0 in every row group, `pageOrdinal` in every chunk.
 */
export interface PageIndexRow {
  readonly columnName: string;
  readonly rowGroup: number;
  readonly pageOrdinal: number;
  readonly firstRowIndex: bigint;
  /** `live_row_count` always equals it (06 §0 fact 7). */
  readonly rowCount: number;
  readonly pageHeaderOffset: bigint;
  /** Header and body; clamped to 2³¹−1 (06 §3.3). */
  readonly pageTotalCompressedSize: number;
  readonly dictionaryPageHeaderOffset: bigint | undefined;
  readonly dictionaryPageTotalCompressedSize: number | undefined;
  readonly requiresDictionaryPage: boolean;
  /** `BOOLEAN`, `INT32`, `INT64`, `FLOAT`, `DOUBLE`, `BINARY` or `FIXED_LEN_BYTE_ARRAY`. */
  readonly parquetPhysicalType: string;
  /** Codec name, ZSTD always as `ZSTD(ZstdLevel(1))` (06 §0 fact 5). */
  readonly parquetCompression: string;
  readonly parquetMaxDefLevel: number;
  readonly decimal: DecimalAnnotation | undefined;
  /** Undefined when no value of the page takes part (06 §3.6). */
  readonly bounds: PageBounds | undefined;
}

export interface DecimalAnnotation {
  readonly precision: number;
  readonly scale: number;
  /** 32, 64 or 8 × type length; undefined for BYTE_ARRAY (06 §4.2). */
  readonly bits: number | undefined;
}

/** Typed minimum and maximum of a page; both always present (06 §4.2). NaN is a legal bound. */
export type PageBounds =
  | { readonly kind: "i32"; readonly min: number; readonly max: number }
  | { readonly kind: "i64"; readonly min: bigint; readonly max: bigint }
  | { readonly kind: "f32"; readonly min: number; readonly max: number }
  | { readonly kind: "f64"; readonly min: number; readonly max: number }
  | { readonly kind: "bool"; readonly min: boolean; readonly max: boolean }
  | { readonly kind: "utf8"; readonly min: string; readonly max: string }
  /** Big-endian two's complement, 16 bytes. */
  | { readonly kind: "decimal128"; readonly min: Uint8Array; readonly max: Uint8Array }
  /** Big-endian two's complement, 32 bytes. */
  | { readonly kind: "decimal256"; readonly min: Uint8Array; readonly max: Uint8Array };
