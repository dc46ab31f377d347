import { crc32 } from "node:zlib";
import {
  type ByteRange,
  type ByteSource,
  type CrcMode,
  type FileLocation,
  UnreadableFileError,
} from "../../model/index.ts";
import type { Codec, ColumnChunk, FileMetadata, RowGroup } from "../metadata.ts";
import { ThriftError, thriftCursor } from "../thrift/compact.ts";
import type { BufferPool } from "./buffers.ts";
import type { ChunkMemory } from "./memory.ts";
import { type PageHeader, readPageHeader } from "./page-header.ts";
import { openWindow, type Window } from "./window.ts";

/**
 * The header walk of 06 §3.2 and §3.3: every page of a chunk in file order, with its place, its size and its body. The walk
 * ends when the chunk's values are complete, so trailing bytes that are no pages don't matter, and a last page that reaches
 * past an announced size that is too short (PARQUET-816) is read if the file has the bytes (06 §3.9, decision 14). Checksums
 * are verified where a page carries one (decision 41).
 */

export interface WalkOptions {
  readonly signal: AbortSignal;
  /** What a wrong checksum does; `error` unless given. */
  readonly crc?: CrcMode | undefined;
  /** Gets the text of what was wrong but tolerated. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Size of one read; 8 MiB unless given. */
  readonly windowBytes?: number | undefined;
  /** Memory for the windows, to be used again for other chunks. */
  readonly buffers?: BufferPool | undefined;
  /** Larger pages are refused; 512 MiB unless given. */
  readonly maxPageBytes?: number | undefined;
  /** What decoding the chunk may take: a page waits for its room before its body is read, or is refused. */
  readonly chunkMemory?: ChunkMemory | undefined;
  /** False to skip the bodies, where only headers are of interest: `body` is then empty. */
  readonly bodies?: boolean | undefined;
}

export interface Page {
  readonly header: PageHeader;
  /** Of the header, absolute in the file. */
  readonly offset: number;
  /** Header and body (06 §3.3). */
  readonly totalSize: number;
  /** Data-page ordinal; undefined for dictionary and index pages. */
  readonly ordinal: number | undefined;
  /** As it lies in the file; valid until the next page is asked for. */
  readonly body: Uint8Array;
  /** Frees the body's memory before the next page is asked for. */
  releaseBody(): void;
}

const DEFAULT_WINDOW_BYTES = 8 * 1024 * 1024;
const HEADERS_ONLY_WINDOW_BYTES = 16 * 1024;
export const DEFAULT_MAX_PAGE_BYTES = 512 * 1024 * 1024;
/** A header is tens of bytes, unless it carries statistics of long strings; asked for when what is loaded isn't enough. */
const MIN_HEADER_BYTES = 256;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

export async function* walkPages(
  source: ByteSource,
  footer: Pick<FileMetadata, "footerLength">,
  rowGroup: Pick<RowGroup, "ordinal">,
  chunk: ColumnChunk,
  options: WalkOptions,
): AsyncGenerator<Page> {
  const where: FileLocation = { file: source.path, column: chunk.leaf.name, rowGroup: rowGroup.ordinal };
  const range = chunkRange(source, footer, chunk, where);
  const withBodies = options.bodies ?? true;
  const windowBytes = options.windowBytes ?? (withBodies ? DEFAULT_WINDOW_BYTES : HEADERS_ONLY_WINDOW_BYTES);
  using window = openWindow(source, {
    softEnd: range.end,
    limit: range.limit,
    buffers: options.buffers,
    windowBytes,
    signal: options.signal,
  });
  // Where memory is dealt out, that is the limit.
  const maxPageBytes =
    options.maxPageBytes ?? (options.chunkMemory === undefined ? DEFAULT_MAX_PAGE_BYTES : Infinity);
  let offset = range.start;
  let valuesSeen = 0;
  let pageCount = 0;
  while (valuesSeen < chunk.valueCount) {
    options.signal.throwIfAborted();
    if (offset >= range.end) throw valuesMissing(chunk, where, range.start, valuesSeen, pageCount, offset);
    const place = { ...where, page: pageCount, offset };
    const { header, length: headerLength } = await readHeaderAt(window, offset, place);
    const isData = header.type === "data-v1" || header.type === "data-v2";
    const pagePlace = isData ? place : { ...where, offset };
    checkSizes(header, offset + headerLength, range.limit, maxPageBytes, pagePlace);
    if (isData) {
      valuesSeen += header.valueCount;
      if (valuesSeen > chunk.valueCount) {
        const end = offset + headerLength + header.compressedSize;
        throw valuesMissing(chunk, where, range.start, valuesSeen, pageCount + 1, end);
      }
    }
    let body: Uint8Array = new Uint8Array(0);
    if (withBodies && header.type !== "index") {
      const needed = headerLength + header.compressedSize;
      if (options.chunkMemory !== undefined) {
        await makeRoom(options.chunkMemory, decodingBytes(header, chunk.codec), pagePlace);
      }
      body = (await window.view(offset, needed)).subarray(headerLength, needed);
      checkCrc(header, body, options, pagePlace);
    }
    const totalSize = headerLength + header.compressedSize;
    // What was read ahead would have to be read again.
    const releaseBody = totalSize > windowBytes ? () => window.drop() : () => {};
    yield { header, offset, totalSize, ordinal: isData ? pageCount : undefined, body, releaseBody };
    if (isData) pageCount++;
    offset += totalSize;
  }
}

interface ChunkRange {
  readonly start: number;
  /** End that the footer announces. */
  readonly end: number;
  /** Where the footer begins: no page reaches past it. */
  readonly limit: number;
}

/** 06 §3.2: the dictionary page's offset counts only if it lies before the first data page. */
function chunkRange(
  source: ByteSource,
  footer: Pick<FileMetadata, "footerLength">,
  chunk: ColumnChunk,
  where: FileLocation,
): ChunkRange {
  if (chunk.unreadable !== undefined) throw new UnreadableFileError(chunk.unreadable, where);
  const dictionaryOffset = chunk.dictionaryPageOffset ?? 0;
  const start =
    dictionaryOffset > 0 && dictionaryOffset < chunk.dataPageOffset ? dictionaryOffset : chunk.dataPageOffset;
  const limit = source.size - footer.footerLength;
  const end = start + chunk.totalCompressedSize;
  if (start >= limit && chunk.valueCount > 0) {
    throw new UnreadableFileError(
      `the column chunk begins at ${start}, past the end of the data at ${limit}`,
      where,
    );
  }
  if (end > limit) {
    throw new UnreadableFileError(
      `the column chunk of ${chunk.totalCompressedSize} bytes at ${start} reaches past the end of the data at ${limit}`,
      where,
    );
  }
  return { start, end, limit };
}

/** What the footer says of a chunk's place; undefined for a chunk that can't be read, which fails when it is. */
export function announcedRange(
  source: ByteSource,
  footer: Pick<FileMetadata, "footerLength">,
  rowGroup: Pick<RowGroup, "ordinal">,
  chunk: ColumnChunk,
): ByteRange | undefined {
  try {
    const where = { file: source.path, column: chunk.leaf.name, rowGroup: rowGroup.ordinal };
    const { start, end } = chunkRange(source, footer, chunk, where);
    return { offset: start, length: end - start };
  } catch (error) {
    if (error instanceof UnreadableFileError) return undefined;
    throw error;
  }
}

async function readHeaderAt(
  window: Window,
  offset: number,
  place: FileLocation,
): Promise<{ header: PageHeader; length: number }> {
  const available = window.limit - offset;
  for (let wanted = 1; ; wanted = Math.max(MIN_HEADER_BYTES, wanted * 4)) {
    const bytes = await window.view(offset, Math.min(wanted, available));
    const cursor = thriftCursor(bytes);
    try {
      const header = readPageHeader(cursor);
      return { header, length: cursor.offset };
    } catch (error) {
      if (!(error instanceof ThriftError)) throw error;
      const more = error.truncated && bytes.length < available && bytes.length < MAX_HEADER_BYTES;
      if (more) continue;
      throw new UnreadableFileError(`can not read the page header: ${error.message}`, place, {
        cause: error,
      });
    }
  }
}

function checkSizes(
  header: PageHeader,
  bodyStart: number,
  limit: number,
  maxPageBytes: number,
  place: FileLocation,
): void {
  const size = Math.max(header.compressedSize, header.uncompressedSize);
  if (size > maxPageBytes) {
    throw new UnreadableFileError(
      `the page of ${size} bytes is larger than maxPageBytes (${maxPageBytes}); raise that limit to read it`,
      place,
    );
  }
  if (bodyStart + header.compressedSize > limit) {
    throw new UnreadableFileError(
      `Unexpected EOF while skipping parquet page payload: ${header.compressedSize} bytes announced, ${limit - bodyStart} there`,
      place,
    );
  }
}

/** Codecs whose output is made outside of the engine's memory and copied there. */
const COPIED: ReadonlySet<Codec> = new Set<Codec>(["GZIP", "BROTLI", "ZSTD"]);

/** A page as it lies in the file and as what it holds; with the copy that some codecs make. */
function decodingBytes({ compressedSize, uncompressedSize }: PageHeader, codec: Codec): number {
  return compressedSize + uncompressedSize * (COPIED.has(codec) ? 2 : 1);
}

async function makeRoom(memory: ChunkMemory, bytes: number, place: FileLocation): Promise<void> {
  const refusal = memory.refusal(bytes);
  if (refusal !== undefined) throw new UnreadableFileError(refusal, place);
  if (bytes > memory.limitBytes) await memory.borrow();
}

function checkCrc(header: PageHeader, body: Uint8Array, options: WalkOptions, place: FileLocation): void {
  if (header.crc === undefined || options.crc === "off") return;
  const found = crc32(body);
  if (found === header.crc) return;
  const error = new UnreadableFileError(
    `the page's checksum is ${hex(found)}, its header says ${hex(header.crc)}`,
    place,
  );
  if (options.crc !== "warn") throw error;
  options.onWarning?.(error.message);
}

function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, "0")}`;
}

function valuesMissing(
  chunk: ColumnChunk,
  where: FileLocation,
  start: number,
  valuesSeen: number,
  pageCount: number,
  end: number,
): UnreadableFileError {
  return new UnreadableFileError(
    `Expected ${chunk.valueCount} values in column chunk at ${where.file} offset ${start} but got ${valuesSeen} values instead over ${pageCount} pages ending at file offset ${end}`,
    where,
  );
}
