import type { ObjectStore } from "../../storage/index.ts";
import type { FileMetrics, SnapshotColumn } from "../snapshot.ts";
import { readCheckpointAdds } from "./checkpoint/index.ts";
import { type AddFile, type CommitState, keyOf, type LogSegment } from "./log/index.ts";
import { absoluteFilePath, type TableRoot } from "./paths/index.ts";

/** A file of the snapshot, and what a checkpoint says of its columns. */
export interface ActiveFile {
  /** Planned path (05 §5). */
  readonly path: string;
  readonly add: AddFile;
  /** From `stats_parsed` (05 §7.2); undefined where the footer has to be read. */
  readonly metrics: FileMetrics | undefined;
  /** About what it takes in memory, for whoever keeps it. */
  readonly heldBytes: number;
}

/** The files of the snapshot would take more memory than was allowed. */
export class TooManyFilesError extends Error {
  override readonly name = "TooManyFilesError";
}

export interface ActiveFilesSource {
  readonly store: ObjectStore;
  readonly root: TableRoot;
  /** As the options have it: statistics of a checkpoint are looked up below the root before its `s3a` is rewritten. */
  readonly rootAsGiven: string;
  readonly segment: LogSegment;
  readonly commits: CommitState;
  readonly columns: readonly SnapshotColumn[];
}

/**
 * The active files of a snapshot in scan order (05 §4.4): those of the commits, newest first, then those of the checkpoint
 * that no commit has removed or added anew. With `only`, the planned ones; a checkpoint's other rows are not even decoded.
 */
export async function activeFiles(
  source: ActiveFilesSource,
  only: ReadonlySet<string> | undefined,
  options: { readonly signal: AbortSignal; readonly maxBytes?: number },
): Promise<readonly ActiveFile[]> {
  const { store, root, segment, commits, columns } = source;
  const { signal, maxBytes = Number.POSITIVE_INFINITY } = options;
  const kept: { path: string; add: AddFile; metrics: FileMetrics | undefined; heldBytes: number }[] = [];
  let keptBytes = 0;
  const keep = (path: string, add: AddFile, metrics: FileMetrics | undefined) => {
    const file = { path, add, metrics, heldBytes: heldBytes(path, metrics) };
    keptBytes += file.heldBytes;
    if (keptBytes > maxBytes)
      throw new TooManyFilesError(`${root.text}: more files than ${maxBytes} bytes hold`);
    kept.push(file);
    return file;
  };
  const fromCommits = new Map<string, (typeof kept)[number]>();
  for (const add of commits.active) {
    const path = absoluteFilePath(root, add.path);
    if (only !== undefined && !only.has(path)) continue;
    fromCommits.set(path, keep(path, add, undefined));
  }
  const { checkpoint } = segment;
  if (checkpoint === undefined) return kept;

  const visitor = {
    select(addPath: string, vector: AddFile["deletionVector"]) {
      const path = absoluteFilePath(root, addPath);
      if (only !== undefined && !only.has(path)) return undefined;
      const wantsStats = statsKey(source.rootAsGiven, root, addPath) === path;
      const isActive = !commits.supersedes(keyOf(addPath, vector));
      const again = wantsStats ? fromCommits.get(path) : undefined;
      if (!isActive && again === undefined) return undefined;
      return {
        wantsStats,
        take(add: AddFile, stats: FileMetrics | undefined) {
          if (again !== undefined && stats !== undefined) again.metrics = stats;
          if (isActive) keep(path, add, stats);
        },
      };
    },
  };
  const log = `${root.text}/_delta_log`;
  const statsAreUsable = await readCheckpointAdds({ store, log, checkpoint, signal }, { visitor, columns });
  return statsAreUsable ? kept : kept.map((file) => ({ ...file, metrics: undefined }));
}

/** Rough: two characters a byte of path twice over, a fixed part, and the texts of the bounds. */
function heldBytes(path: string, metrics: FileMetrics | undefined): number {
  return 400 + 4 * path.length + 250 * (metrics?.columns.size ?? 0);
}

/**
 * The path under which the reference finds the statistics of an add action (05 §7.2 rule 3). QUIRK, matched: nothing is
 * decoded and `s3a` stays, so that an escaped path or an `s3a` root finds none and the footer is read, whose bounds aren't
 * truncated to the checkpoint's length.
 */
function statsKey(rootAsGiven: string, root: TableRoot, addPath: string): string {
  if (addPath.startsWith("/") || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(addPath)) return addPath;
  const prefix = rootAsGiven.startsWith("s3a://") ? rootAsGiven.replace(/\/$/, "") : root.text;
  return `${prefix}/${addPath}`;
}
