import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type ByteSource,
  type DecimalAnnotation,
  type PageIndexRow,
  UnreadableFileError,
} from "../../model/index.ts";
import type { IndexedType } from "../eligibility.ts";
import type { ChunkDecoder, DistinctSink, PageEngine } from "../engine.ts";
import type { ColumnChunk, FileMetadata, RowGroup, SchemaLeaf } from "../metadata.ts";
import { openChunkMemory, type PageMemory } from "./memory.ts";
import { ENCODING, type PageHeader } from "./page-header.ts";
import { type Page, type WalkOptions, walkPages } from "./walk.ts";

/**
 * Page-index rows of one chunk (06 §3.3–§3.6, §4.2): the walk says where pages are, the engine what is in them, and this
 * module counts rows and puts the two together. Zero-value pages give entries of 0 rows, zero-row row groups none
 * (decision 14).
 */

export interface ScanOptions extends WalkOptions {
  readonly engine: PageEngine;
  /** Which bounds to fold; undefined to look at distinct values only, and get no rows. */
  readonly bounds: IndexedType | undefined;
  readonly distinct?: DistinctSink | undefined;
  /** What decoding may take; undefined: the engine's own limit holds. */
  readonly memory?: PageMemory | undefined;
}

/** `page_total_compressed_size` is a 32-bit column (06 §3.3). */
const MAX_SIZE = 2 ** 31 - 1;
/** Bytes to decode before the event loop gets a turn, so that an abort from another thread is seen in time (decision 28). */
const BYTES_PER_TURN = 4 * 1024 * 1024;

export async function scanChunk(
  source: ByteSource,
  footer: Pick<FileMetadata, "footerLength">,
  rowGroup: Pick<RowGroup, "ordinal" | "rowCount">,
  chunk: ColumnChunk,
  options: ScanOptions,
): Promise<PageIndexRow[]> {
  const rows: PageIndexRow[] = [];
  if (rowGroup.rowCount === 0) return rows;
  const { leaf } = chunk;
  const base = rowBase(leaf, chunk, rowGroup.ordinal);
  using chunkMemory = options.memory && openChunkMemory(options.memory, options.signal);
  let decoder: ChunkDecoder | undefined;
  /** Opened when the first page has its room: the engine then knows how much memory the chunk has. */
  const open = () => {
    chunkMemory?.begin();
    decoder ??= options.engine.openChunk({
      file: source.path,
      rowGroup: rowGroup.ordinal,
      leaf,
      codec: chunk.codec,
      bounds: options.bounds,
      distinct: options.distinct,
      memory: chunkMemory,
    });
    return decoder;
  };
  let dictionary: Page | undefined;
  let firstRowIndex = 0;
  let bytesThisTurn = 0;
  try {
    const walk = { ...options, bodies: true, chunkMemory };
    for await (const page of walkPages(source, footer, rowGroup, chunk, walk)) {
      const { header, ordinal, offset } = page;
      const where = { page: ordinal, offset };
      bytesThisTurn += header.uncompressedSize;
      if (bytesThisTurn > BYTES_PER_TURN) {
        bytesThisTurn = 0;
        await nextTurn();
        options.signal.throwIfAborted();
      }
      switch (header.type) {
        case "index":
          break;
        case "dictionary":
          if (dictionary !== undefined) {
            throw new UnreadableFileError(`more than one dictionary page in column ${leaf.name}`, {
              file: source.path,
              column: leaf.name,
              rowGroup: rowGroup.ordinal,
              offset,
            });
          }
          await open().dictionaryPage(header, page.body, where);
          dictionary = page;
          break;
        default: {
          const decoded = open().dataPage(header, page.body, where, page.releaseBody);
          const bounds = decoded instanceof Promise ? await decoded : decoded;
          const rowCount = header.type === "data-v1" ? header.valueCount : header.rowCount;
          if (options.bounds !== undefined) {
            rows.push({
              ...base,
              pageOrdinal: rows.length,
              firstRowIndex: BigInt(firstRowIndex),
              rowCount,
              pageHeaderOffset: BigInt(offset),
              pageTotalCompressedSize: Math.min(page.totalSize, MAX_SIZE),
              dictionaryPageHeaderOffset: dictionary && BigInt(dictionary.offset),
              dictionaryPageTotalCompressedSize: dictionary && Math.min(dictionary.totalSize, MAX_SIZE),
              requiresDictionaryPage: isDictionaryEncoded(header),
              bounds,
            });
          }
          firstRowIndex += rowCount;
        }
      }
    }
  } finally {
    decoder?.close();
  }
  return rows;
}

function isDictionaryEncoded(header: Extract<PageHeader, { encoding: number }>): boolean {
  return header.encoding === ENCODING.plainDictionary || header.encoding === ENCODING.rleDictionary;
}

/** What is the same in every row of a chunk (06 §4.2). */
function rowBase(leaf: SchemaLeaf, chunk: ColumnChunk, rowGroup: number) {
  return {
    columnName: leaf.name,
    rowGroup,
    parquetPhysicalType: leaf.physicalType === "BYTE_ARRAY" ? "BINARY" : leaf.physicalType,
    // QUIRK, must match: the literal says level 1 whatever level was used (06 §4.2).
    parquetCompression: chunk.codec === "ZSTD" ? "ZSTD(ZstdLevel(1))" : chunk.codec,
    parquetMaxDefLevel: leaf.maxDefinitionLevel,
    decimal: decimalAnnotation(leaf),
  };
}

function decimalAnnotation(leaf: SchemaLeaf): DecimalAnnotation | undefined {
  if (leaf.annotation?.kind !== "DECIMAL") return undefined;
  const { precision, scale } = leaf.annotation;
  return { precision, scale, bits: decimalBits(leaf) };
}

function decimalBits(leaf: SchemaLeaf): number | undefined {
  switch (leaf.physicalType) {
    case "INT32":
      return 32;
    case "INT64":
      return 64;
    case "FIXED_LEN_BYTE_ARRAY":
      return 8 * leaf.typeLength;
    default:
      return undefined;
  }
}
