import type { Codec } from "../../../src/parquet/metadata.ts";
import type { TestField } from "../parquet-builder.ts";

/** Columns and codecs that the engine tests share. */
export const text: TestField = {
  name: "t",
  type: "BYTE_ARRAY",
  converted: 0,
  logical: [1, { type: "struct", fields: [] }],
  repetition: "OPTIONAL",
};
export const double: TestField = { name: "d", type: "DOUBLE", repetition: "OPTIONAL" };
export const int32: TestField = { name: "i", type: "INT32" };
export const int64: TestField = { name: "l", type: "INT64" };

export const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

/** What decision 27 reads. */
export const CODECS: readonly Codec[] = [
  "UNCOMPRESSED",
  "SNAPPY",
  "GZIP",
  "BROTLI",
  "ZSTD",
  "LZ4",
  "LZ4_RAW",
];
