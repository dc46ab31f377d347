import type { ByteRange, ByteSource, PageIndexRow } from "../../model/index.ts";
import { type IndexedType, indexedType } from "../eligibility.ts";
import type { DistinctSink, PageEngine } from "../engine.ts";
import type { ColumnChunk, FileMetadata, RowGroup, SchemaLeaf } from "../metadata.ts";
import { createBufferPool } from "./buffers.ts";
import type { PageMemory } from "./memory.ts";
import { scanChunk } from "./scan.ts";
import { announcedRange, type WalkOptions } from "./walk.ts";

export interface IndexPagesOptions extends WalkOptions {
  readonly engine: PageEngine;
  /** What decoding may take; undefined: the engine's own limit holds. */
  readonly memory?: PageMemory | undefined;
  /** Physical column names that are wanted (06 §2.2, exact match); undefined for every eligible column. */
  readonly columns?: ReadonlySet<string> | undefined;
  /** The sink for a column's distinct values, if they are wanted too; asked once a column. */
  readonly distinctOf?: ((leaf: SchemaLeaf) => DistinctSink | undefined) | undefined;
  /**
   * Ordinal of the wanted chunk to scan next, for threads that share the chunks of a file; past the last one ends the scan.
   * All of them in order if absent.
   */
  readonly takeChunk?: ((chunkCount: number) => number) | undefined;
  /**
   * With `takeChunk`: neighbouring chunks of so many bytes are taken as one, and announced to the source, which fetches them in
   * few requests.
   */
  readonly unitBytes?: number | undefined;
}

/** The rows of one wanted chunk; none if only its distinct values are wanted. */
export interface ChunkRows {
  /** Position among the wanted chunks of the file, in the order of 06 §3.1. */
  readonly ordinal: number;
  readonly rows: readonly PageIndexRow[];
}

/** One chunk's bytes are on their way while another's are decoded; a source that is read in place has no use for that. */
export const MAX_CHUNKS_AT_A_TIME = 2;

/**
 * The page-index rows of a file, chunk by chunk in the order of 06 §3.1. Chunks that aren't wanted or aren't eligible are
 * never read (decision 12). A wanted chunk that can't be read fails the file: `UnreadableFileError`.
 */
export async function* indexPages(
  source: ByteSource,
  footer: FileMetadata,
  options: IndexPagesOptions,
): AsyncGenerator<readonly PageIndexRow[]> {
  for await (const { rows } of indexChunks(source, footer, options)) {
    if (rows.length > 0) yield rows;
  }
}

/** The same, chunk by chunk as they were taken, empty ones too. */
export async function* indexChunks(
  source: ByteSource,
  footer: FileMetadata,
  options: IndexPagesOptions,
): AsyncGenerator<ChunkRows> {
  const wanted = wantedChunks(footer, options);
  const chunksAtATime = source.readsInPlace === true ? 1 : MAX_CHUNKS_AT_A_TIME;
  const abort = new AbortController();
  const scanOptions = {
    ...options,
    memory: options.memory && sharedBy(chunksAtATime, options.memory),
    buffers: options.buffers ?? createBufferPool(),
    signal: AbortSignal.any([options.signal, abort.signal]),
  };
  const units = unitsOf(wanted, options.unitBytes);
  let inOrder = 0;
  const take = options.takeChunk ?? (() => inOrder++);
  /** Units that were taken and are not all begun. */
  const taken: WantedChunk[][] = [];
  /** Of units that are fetched ahead, one waits. */
  const waiting = options.unitBytes === undefined ? 0 : 1;
  let more = true;
  const takeUnits = () => {
    while (more && taken.length <= waiting) {
      const unit = units[take(units.length)];
      more = unit !== undefined;
      if (unit === undefined) return;
      if (options.unitBytes !== undefined) source.willRead?.(rangesOf(source, footer, unit));
      taken.push([...unit]);
    }
  };
  const running: Promise<ChunkRows>[] = [];
  /** Starts the scan of the next chunk; false if there is none left. */
  const startNext = (): boolean => {
    takeUnits();
    const next = taken[0]?.shift();
    if (next === undefined) return false;
    if (taken[0]?.length === 0) taken.shift();
    const { ordinal, rowGroup, chunk, bounds, distinct } = next;
    const scan = scanChunk(source, footer, rowGroup, chunk, { ...scanOptions, bounds, distinct });
    const rows = scan.then((found) => ({ ordinal, rows: found }));
    // Its failure is seen when its turn comes.
    rows.catch(() => undefined);
    running.push(rows);
    return true;
  };
  try {
    for (;;) {
      while (running.length < chunksAtATime && startNext());
      const next = running.shift();
      if (next === undefined) return;
      yield await next;
    }
  } finally {
    // Nothing goes on reading when this ends, whatever ends it.
    abort.abort();
    await Promise.allSettled(running);
  }
}

/** A chunk to scan. */
interface WantedChunk {
  /** Position among the wanted chunks of the file. */
  readonly ordinal: number;
  readonly rowGroup: RowGroup;
  readonly chunk: ColumnChunk;
  readonly bounds: IndexedType | undefined;
  readonly distinct: DistinctSink | undefined;
}

type Wanted = Pick<IndexPagesOptions, "columns" | "distinctOf">;

function wantedChunks(footer: FileMetadata, options: Wanted): WantedChunk[] {
  const columns = footer.schema.leaves.flatMap((leaf) => {
    const selected = options.columns === undefined || options.columns.has(leaf.name);
    const bounds = selected ? indexedType(leaf) : undefined;
    const distinct = options.distinctOf?.(leaf);
    return bounds === undefined && distinct === undefined ? [] : [{ leaf, bounds, distinct }];
  });
  const chunks: WantedChunk[] = [];
  for (const rowGroup of footer.rowGroups) {
    for (const { leaf, bounds, distinct } of columns) {
      const chunk = rowGroup.chunks[leaf.index];
      if (chunk !== undefined) chunks.push({ ordinal: chunks.length, rowGroup, chunk, bounds, distinct });
    }
  }
  return chunks;
}

/** Runs of chunks that make up so many bytes; each chunk by itself if that is undefined. */
function unitsOf(chunks: readonly WantedChunk[], unitBytes = 0): WantedChunk[][] {
  const units: WantedChunk[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const chunk of chunks) {
    if (bytes >= unitBytes) {
      units.push([]);
      bytes = 0;
    }
    units.at(-1)?.push(chunk);
    bytes += chunk.chunk.totalCompressedSize;
  }
  return units;
}

/** Where the bytes of the wanted chunks lie, in the order in which `indexPages` reads them. */
export function indexedRanges(source: ByteSource, footer: FileMetadata, options: Wanted): ByteRange[] {
  return rangesOf(source, footer, wantedChunks(footer, options));
}

function rangesOf(source: ByteSource, footer: FileMetadata, chunks: readonly WantedChunk[]): ByteRange[] {
  return chunks.flatMap(({ rowGroup, chunk }) => announcedRange(source, footer, rowGroup, chunk) ?? []);
}

/** A chunk that is open alone has what two would have. */
function sharedBy(chunks: number, memory: PageMemory): PageMemory {
  const chunkBytes = (memory.chunkBytes * MAX_CHUNKS_AT_A_TIME) / chunks;
  return { ...memory, chunkBytes: Math.min(chunkBytes, memory.largeChunkBytes) };
}
