import type { Codec, PhysicalType, Repetition } from "../metadata.ts";

/** The enumerations of parquet.thrift, by number. */
export const PHYSICAL_TYPES: readonly PhysicalType[] = [
  "BOOLEAN",
  "INT32",
  "INT64",
  "INT96",
  "FLOAT",
  "DOUBLE",
  "BYTE_ARRAY",
  "FIXED_LEN_BYTE_ARRAY",
];

export const CODECS: readonly Codec[] = [
  "UNCOMPRESSED",
  "SNAPPY",
  "GZIP",
  "LZO",
  "BROTLI",
  "LZ4",
  "ZSTD",
  "LZ4_RAW",
];

export const REPETITIONS: readonly Repetition[] = ["REQUIRED", "OPTIONAL", "REPEATED"];

const ENCODINGS: readonly string[] = [
  "PLAIN",
  "GROUP_VAR_INT",
  "PLAIN_DICTIONARY",
  "RLE",
  "BIT_PACKED",
  "DELTA_BINARY_PACKED",
  "DELTA_LENGTH_BYTE_ARRAY",
  "DELTA_BYTE_ARRAY",
  "RLE_DICTIONARY",
  "BYTE_STREAM_SPLIT",
];

/** Name of an encoding; one that this reader doesn't know keeps its number. */
export function encodingName(encoding: number): string {
  return ENCODINGS[encoding] ?? `ENCODING_${encoding}`;
}
