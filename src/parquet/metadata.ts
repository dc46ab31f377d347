/**
 * A Parquet footer in the terms of parquet.thrift, with 64-bit values that are byte positions or counts as safe integers
 * (the footer parser refuses anything beyond 2⁵³) and statistics as raw bytes: what they mean depends on who reads them.
 */
export interface FileMetadata {
  readonly version: number;
  readonly createdBy: string | undefined;
  readonly rowCount: number;
  readonly schema: ParquetSchema;
  readonly rowGroups: readonly RowGroup[];
  readonly keyValueMetadata: ReadonlyMap<string, string>;
  /** Parallel to `schema.leaves`; undefined if the footer has no `column_orders`. */
  readonly columnOrders: readonly ColumnOrder[] | undefined;
  /** Bytes from the start of the footer to the end of the file. */
  readonly footerLength: number;
}

export type ColumnOrder = "type-defined" | "undefined";

export interface RowGroup {
  readonly ordinal: number;
  readonly rowCount: number;
  readonly totalByteSize: number;
  readonly chunks: readonly ColumnChunk[];
}

export type PhysicalType =
  | "BOOLEAN"
  | "INT32"
  | "INT64"
  | "INT96"
  | "FLOAT"
  | "DOUBLE"
  | "BYTE_ARRAY"
  | "FIXED_LEN_BYTE_ARRAY";

export type Codec = "UNCOMPRESSED" | "SNAPPY" | "GZIP" | "LZO" | "BROTLI" | "LZ4" | "ZSTD" | "LZ4_RAW";

export interface ColumnChunk {
  readonly leaf: SchemaLeaf;
  readonly codec: Codec;
  readonly valueCount: number;
  readonly totalCompressedSize: number;
  readonly totalUncompressedSize: number;
  readonly dataPageOffset: number;
  readonly dictionaryPageOffset: number | undefined;
  /** Names of the encodings, as the footer lists them. */
  readonly encodings: readonly string[];
  readonly statistics: ChunkStatistics | undefined;
  /** Set when the chunk's metadata lies elsewhere or is encrypted: the chunk can't be read. */
  readonly unreadable: string | undefined;
}

/** Raw chunk statistics; `min`/`max` are the deprecated pair, `minValue`/`maxValue` the current one. */
export interface ChunkStatistics {
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  readonly minValue: Uint8Array | undefined;
  readonly maxValue: Uint8Array | undefined;
  readonly nullCount: bigint | undefined;
  readonly distinctCount: bigint | undefined;
}

export interface ParquetSchema {
  readonly root: SchemaNode;
  /** Leaves in footer order. */
  readonly leaves: readonly SchemaLeaf[];
}

export type Repetition = "REQUIRED" | "OPTIONAL" | "REPEATED";

export interface SchemaNode {
  readonly name: string;
  readonly repetition: Repetition;
  readonly fieldId: number | undefined;
  readonly annotation: Annotation | undefined;
  /** Empty for a leaf. */
  readonly children: readonly SchemaNode[];
  /** Index into `leaves`; undefined for a group. */
  readonly leafIndex: number | undefined;
}

export interface SchemaLeaf {
  readonly index: number;
  /** Path elements below the root. */
  readonly path: readonly string[];
  /** `path` joined with `.`, no escaping (06 §2.3). */
  readonly name: string;
  readonly physicalType: PhysicalType;
  /** For FIXED_LEN_BYTE_ARRAY; 0 otherwise. */
  readonly typeLength: number;
  readonly fieldId: number | undefined;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
  readonly annotation: Annotation | undefined;
}

/**
 * What a schema element says its values mean: the logical type, or the converted type if that is all there is, or the
 * converted type where the two disagree (06 §2.3).
 */
export type Annotation =
  | { readonly kind: "STRING" | "ENUM" | "JSON" | "BSON" | "UUID" | "FLOAT16" | "INTERVAL" | "UNKNOWN" }
  | { readonly kind: "MAP" | "LIST" | "VARIANT" | "GEOMETRY" | "GEOGRAPHY" }
  | { readonly kind: "DATE" }
  | { readonly kind: "TIME"; readonly unit: TimeUnit; readonly adjustedToUtc: boolean }
  | { readonly kind: "TIMESTAMP"; readonly unit: TimeUnit; readonly adjustedToUtc: boolean }
  | { readonly kind: "INTEGER"; readonly bitWidth: number; readonly signed: boolean }
  | { readonly kind: "DECIMAL"; readonly precision: number; readonly scale: number }
  /** A logical type that this reader doesn't know. */
  | { readonly kind: "OTHER"; readonly name: string };

export type TimeUnit = "MILLIS" | "MICROS" | "NANOS";
