import { createSharedCache, type SharedCache } from "../shared-cache.ts";
import type { SnapshotColumn } from "../snapshot.ts";
import {
  type ActiveFile,
  type ActiveFilesSource,
  activeFiles,
  heldBytes,
  indexFiles,
  TooManyFilesError,
} from "./active-files.ts";
import type { FileIndex } from "./file-index.ts";
import type { CommitState, LogSegment } from "./log/index.ts";

/**
 * What the groups of one snapshot share in a process: the replayed commits, and the list of active files where it is small
 * enough to be kept. Of a larger one only the places of the files in the checkpoint are kept, and each group reads its own.
 */
export interface DeltaCache {
  readonly logs: SharedCache<CommitState>;
  readonly files: SharedCache<FileList>;
  readonly maxBytes: number;
}

/** A list, or, of one that is too long to be kept, the index. */
export type FileList =
  | { readonly files: readonly ActiveFile[]; readonly heldBytes: number }
  | { readonly index: FileIndex | undefined; readonly heldBytes: number };

export const DEFAULT_DELTA_CACHE_BYTES = 128 * 2 ** 20;

export function createDeltaCache(maxBytes: number = DEFAULT_DELTA_CACHE_BYTES): DeltaCache {
  return {
    logs: createSharedCache(maxBytes, (commits) => commits.heldBytes),
    files: createSharedCache(maxBytes, (list) => list.heldBytes),
    maxBytes,
  };
}

/** The files of a snapshot that are planned, from the cache if there is one and it can hold them all. */
export async function plannedFiles(
  source: ActiveFilesSource,
  only: ReadonlySet<string> | undefined,
  cache: DeltaCache | undefined,
  signal: AbortSignal,
): Promise<readonly ActiveFile[]> {
  if (cache === undefined || source.segment.checkpoint === undefined) {
    return await activeFiles(source, { only, signal });
  }
  const key = `${segmentKey(source.segment)}\n${columnsKey(source.columns)}`;
  const load = async (loadSignal: AbortSignal) => await loadList(source, cache.maxBytes, loadSignal);
  const list = await cache.files.get(key, load, signal);
  if ("index" in list) return await activeFiles(source, { only, index: list.index, signal });
  return only === undefined ? list.files : list.files.filter((file) => only.has(file.path));
}

async function loadList(source: ActiveFilesSource, maxBytes: number, signal: AbortSignal): Promise<FileList> {
  try {
    const files = await activeFiles(source, { maxBytes, signal });
    return { files, heldBytes: files.reduce((sum, file) => sum + heldBytes(file), 0) };
  } catch (error) {
    if (!(error instanceof TooManyFilesError)) throw error;
  }
  const index = await indexFiles(source, signal);
  return { index, heldBytes: index?.heldBytes ?? 0 };
}

/** Names what a version is made of: a log that was rewritten under the same names is another one. */
export function segmentKey(segment: LogSegment): string {
  const files = [...(segment.checkpoint?.files ?? []), ...segment.deltas].map(({ file }) => file);
  return JSON.stringify(files.map(({ path, size, lastModifiedMs }) => [path, size, lastModifiedMs]));
}

/** Statistics of a checkpoint are kept by column id, so they belong to one generation and one choice of columns. */
function columnsKey(columns: readonly SnapshotColumn[]): string {
  return JSON.stringify(
    columns.map((column) => [String(column.columnId), column.topLevelName, column.included]),
  );
}
