/**
 * floecat-capture as a library: page-index rows of a Parquet file.
 */
export type { ByteSource, DecimalAnnotation, PageBounds, PageIndexRow } from "./model/index.ts";
export { UnreadableFileError } from "./model/index.ts";
