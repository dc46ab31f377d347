import { resolve } from "node:path";
import type { ByteSource, CrcMode, PageIndexRow } from "../model/index.ts";
import { createFastEngine, indexPages, ownMemory, readFooter } from "../parquet/index.ts";
import { openStore, toPlannedPath } from "../storage/index.ts";

/** Options of `captureFile`. */
export interface CaptureFileOptions {
  /** Physical column names (path elements joined with `.`); every column that can be indexed if absent (06 §2.2, §2.3). */
  readonly columns?: readonly string[];
  /** What to do about a page whose checksum is wrong; `error` unless given. */
  readonly crc?: CrcMode;
  /** Told about what was wrong and tolerated. */
  readonly onWarning?: (message: string) => void;
  /** Bytes of one read; 8 MiB unless given. */
  readonly windowBytes?: number;
  /** Most memory for one page and its dictionary, in bytes; a file that needs more is refused. 1 GiB unless given. */
  readonly maxMemoryBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Page-index rows of one Parquet file, as they are decoded: one row a data page, row groups and columns in file order (06 §3).
 * Only wanted column chunks are read, window by window, so that memory depends neither on the file's size nor on that of a
 * row group.
 *
 * @param file A path of the local file system, or any source of bytes.
 * @throws UnreadableFileError if a wanted part can't be read exactly: names file, column, row group, page, offset and reason.
 * @throws SourceMissingError, AccessDeniedError, TransientReadError from the file system.
 */
export async function* captureFile(
  file: string | ByteSource,
  options: CaptureFileOptions = {},
): AsyncGenerator<PageIndexRow, void> {
  const signal = options.signal ?? new AbortController().signal;
  if (typeof file !== "string") {
    yield* rowsOf(file, options, signal);
    return;
  }
  const store = openStore({ local: { kind: "anywhere" } });
  await using handle = await store.open(toPlannedPath(resolve(file)), { signal });
  yield* rowsOf(handle, options, signal);
}

const DEFAULT_MAX_MEMORY_BYTES = 2 ** 30;

async function* rowsOf(
  source: ByteSource,
  options: CaptureFileOptions,
  signal: AbortSignal,
): AsyncGenerator<PageIndexRow, void> {
  const { maxMemoryBytes = DEFAULT_MAX_MEMORY_BYTES } = options;
  const footer = await readFooter(source, { signal });
  const chunks = indexPages(source, footer, {
    engine: createFastEngine(),
    memory: ownMemory(`maxMemoryBytes=${maxMemoryBytes}`, maxMemoryBytes),
    signal,
    crc: options.crc,
    onWarning: options.onWarning,
    windowBytes: options.windowBytes,
    columns: options.columns && new Set(options.columns),
  });
  for await (const rows of chunks) yield* rows;
}
