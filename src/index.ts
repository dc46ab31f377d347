/**
 * floecat-capture as a library: the page index of a Parquet file, page by page.
 *
 * ```ts
 * import { captureFile } from "floecat-capture";
 *
 * for await (const page of captureFile("orders.parquet", { columns: ["placed_at"] })) {
 *   console.log(page.rowGroup, page.pageOrdinal, page.rowCount, page.bounds);
 * }
 * ```
 */
export { type CaptureFileOptions, captureFile } from "./capture/capture-file.ts";
export {
  AccessDeniedError,
  type ByteRange,
  type ByteSource,
  type CrcMode,
  type DecimalAnnotation,
  type FileLocation,
  type PageBounds,
  type PageIndexRow,
  SourceMissingError,
  TransientReadError,
  UnreadableFileError,
} from "./model/index.ts";
