import type { ByteSource, PageIndexRow } from "../../model/index.ts";
import { indexedType } from "../eligibility.ts";
import type { DistinctSink, PageEngine } from "../engine.ts";
import type { FileMetadata, SchemaLeaf } from "../metadata.ts";
import { createBufferPool } from "./buffers.ts";
import { scanChunk } from "./scan.ts";
import type { WalkOptions } from "./walk.ts";

export interface IndexPagesOptions extends WalkOptions {
  readonly engine: PageEngine;
  /** Physical column names that are wanted (06 §2.2, exact match); undefined for every eligible column. */
  readonly columns?: ReadonlySet<string> | undefined;
  /** The sink for a column's distinct values, if they are wanted too; asked once a column. */
  readonly distinctOf?: ((leaf: SchemaLeaf) => DistinctSink | undefined) | undefined;
  /**
   * Ordinal of the wanted chunk to scan next, for threads that share the chunks of a file; past the last one ends the scan.
   * All of them in order if absent.
   */
  readonly takeChunk?: ((chunkCount: number) => number) | undefined;
}

/** The rows of one wanted chunk; none if only its distinct values are wanted. */
export interface ChunkRows {
  /** Position among the wanted chunks of the file, in the order of 06 §3.1. */
  readonly ordinal: number;
  readonly rows: readonly PageIndexRow[];
}

/** One chunk's bytes are on their way while another's are decoded. */
const CHUNKS_AT_A_TIME = 2;

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
  const wanted = footer.schema.leaves.flatMap((leaf) => {
    const selected = options.columns === undefined || options.columns.has(leaf.name);
    const bounds = selected ? indexedType(leaf) : undefined;
    const distinct = options.distinctOf?.(leaf);
    return bounds === undefined && distinct === undefined ? [] : [{ leaf, bounds, distinct }];
  });
  const abort = new AbortController();
  const scanOptions = {
    ...options,
    buffers: options.buffers ?? createBufferPool(),
    signal: AbortSignal.any([options.signal, abort.signal]),
  };
  const scans = footer.rowGroups.flatMap((rowGroup) =>
    wanted.flatMap(({ leaf, bounds, distinct }) => {
      const chunk = rowGroup.chunks[leaf.index];
      if (chunk === undefined) return [];
      return [() => scanChunk(source, footer, rowGroup, chunk, { ...scanOptions, bounds, distinct })];
    }),
  );
  let inOrder = 0;
  const take = options.takeChunk ?? (() => inOrder++);
  const running: Promise<ChunkRows>[] = [];
  /** Starts the scan of the next chunk; false if there is none left. */
  const startNext = (): boolean => {
    const ordinal = take(scans.length);
    const scan = scans[ordinal];
    if (scan === undefined) return false;
    const rows = scan().then((found) => ({ ordinal, rows: found }));
    // Its failure is seen when its turn comes.
    rows.catch(() => undefined);
    running.push(rows);
    return true;
  };
  try {
    let more = true;
    for (;;) {
      while (more && running.length < CHUNKS_AT_A_TIME) more = startNext();
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
