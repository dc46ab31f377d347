import { setImmediate as nextTurn } from "node:timers/promises";
import type { ObjectStore } from "../../storage/index.ts";
import { batchesOf } from "../batches.ts";
import type { FileMetrics, SnapshotColumn } from "../snapshot.ts";
import { type AddVisitor, type Place, readCheckpointAdds, type Selection } from "./checkpoint/index.ts";
import { type FileIndex, FileIndexBuilder } from "./file-index.ts";
import { type AddFile, type CommitState, keyOf, type LogSegment } from "./log/index.ts";
import { absoluteFilePath, type TableRoot } from "./paths/index.ts";

/** A file of the snapshot, and what a checkpoint says of its columns. */
export interface ActiveFile {
  /** Planned path (05 §5). */
  readonly path: string;
  readonly add: AddFile;
  /** From `stats_parsed` (05 §7.2); undefined where the footer has to be read. */
  readonly metrics: FileMetrics | undefined;
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

export interface ActiveFilesOptions {
  /** Planned paths; absent: all. A checkpoint's other rows are not even decoded. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Where in the checkpoint files are; absent: it is searched from end to end. */
  readonly index?: FileIndex | undefined;
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

/**
 * The active files of a snapshot in scan order (05 §4.4): those of the commits, newest first, then those of the checkpoint
 * that no commit has removed or added anew.
 */
export async function activeFiles(
  source: ActiveFilesSource,
  options: ActiveFilesOptions,
): Promise<readonly ActiveFile[]> {
  const { only, index, maxBytes = Number.POSITIVE_INFINITY, signal } = options;
  const kept = await commitFiles(source, only);
  const places = index && only && index.placesOf(only);
  const statistics = { damaged: false };
  let keptBytes = 0;
  let bytesBeforeFile = 0;
  let lastProgress = 1;
  const batches = checkpointFiles(source, {
    columns: source.columns,
    statistics,
    only,
    readAgain: kept,
    places,
    signal,
  });
  for await (const { files, progress } of batches) {
    if (progress <= lastProgress) bytesBeforeFile = keptBytes;
    lastProgress = progress;
    for (const file of files) {
      kept.push({ ...file });
      keptBytes += heldBytes(file);
    }
    // Given up as soon as it can be seen what the rest of the checkpoint's file will take.
    if (bytesBeforeFile + (keptBytes - bytesBeforeFile) / progress > maxBytes) {
      throw new TooManyFilesError(`${source.root.text}: more files than ${maxBytes} bytes hold`);
    }
  }
  return statistics.damaged ? kept.map((file) => ({ ...file, metrics: undefined })) : kept;
}

/**
 * The same in batches, so that a snapshot of any size is listed with bounded memory. `figures`: with statistics of the
 * checkpoint. Those count only if all of them can be read (05 §7.2 rule 5), so that they are all read once before.
 */
export async function* activeFileBatches(
  source: ActiveFilesSource,
  options: { readonly figures: boolean; readonly signal: AbortSignal },
): AsyncGenerator<readonly ActiveFile[]> {
  const { signal } = options;
  const fromCommits = await commitFiles(source, undefined);
  const statistics = { damaged: false };
  if (options.figures) {
    const proof = { columns: source.columns, statistics, readAgain: fromCommits, signal };
    for await (const _ of checkpointFiles(source, proof)) if (statistics.damaged) break;
  }
  const usable = options.figures && !statistics.damaged;
  if (!usable) for (const file of fromCommits) file.metrics = undefined;
  yield* batchesOf(fromCommits);
  const columns = usable ? source.columns : undefined;
  for await (const { files } of checkpointFiles(source, { columns, statistics, readAgain: [], signal })) {
    if (files.length > 0) yield files;
  }
}

/** Where in the checkpoint each file is: made once, it spares the groups of a large table a search of the whole checkpoint. */
export async function indexFiles(
  source: ActiveFilesSource,
  signal: AbortSignal,
): Promise<FileIndex | undefined> {
  const builder = new FileIndexBuilder();
  const visitor: AddVisitor<Selection> = {
    columns: undefined,
    statistics: { damaged: false },
    select(addPath, _vector, place) {
      builder.add(absoluteFilePath(source.root, addPath), place);
      return undefined;
    },
  };
  for await (const _ of checkpointAdds(source, visitor, signal)) {
    // Everything happens in `select`.
  }
  return builder.finish();
}

type CommitFile = { -readonly [Key in keyof ActiveFile]: ActiveFile[Key] };

/** Files that are looked at between two turns of the event loop. */
const FILES_AT_ONCE = 8192;

async function commitFiles({ root, commits }: ActiveFilesSource, only: ReadonlySet<string> | undefined) {
  const files: CommitFile[] = [];
  for (const [at, add] of commits.active.entries()) {
    if (at > 0 && at % FILES_AT_ONCE === 0) await nextTurn();
    const path = absoluteFilePath(root, add.path);
    if (only === undefined || only.has(path)) files.push({ path, add, metrics: undefined });
  }
  return files;
}

interface CheckpointReading {
  readonly columns: readonly SnapshotColumn[] | undefined;
  readonly statistics: { damaged: boolean };
  readonly only?: ReadonlySet<string> | undefined;
  /** Files of the commits: statistics of the checkpoint are theirs too if it has their path (05 §7.2). */
  readonly readAgain: readonly CommitFile[];
  readonly places?: ReturnType<FileIndex["placesOf"]> | undefined;
  readonly signal: AbortSignal;
}

async function* checkpointFiles(
  source: ActiveFilesSource,
  { columns, statistics, only, readAgain, places, signal }: CheckpointReading,
): AsyncGenerator<{ readonly files: readonly ActiveFile[]; readonly progress: number }> {
  const { root, commits, rootAsGiven } = source;
  const againByPath = new Map(readAgain.map((file) => [file.path, file]));
  const visitor: AddVisitor<Selection & { readonly path: string; readonly isActive: boolean }> = {
    columns,
    statistics,
    wants: places && ((place: Place) => places.has(place)),
    wantsFile: places && ((file: number) => places.hasFile(file)),
    select(addPath, vector) {
      const path = absoluteFilePath(root, addPath);
      if (only !== undefined && !only.has(path)) return undefined;
      const wantsStats = columns !== undefined && statsKey(rootAsGiven, root, addPath) === path;
      const isActive = !commits.supersedes(keyOf(addPath, vector));
      if (!isActive && !(wantsStats && againByPath.has(path))) return undefined;
      return { path, wantsStats, isActive };
    },
  };
  for await (const { adds, progress } of checkpointAdds(source, visitor, signal)) {
    const files: ActiveFile[] = [];
    for (const { selected, add, stats } of adds) {
      const again = againByPath.get(selected.path);
      if (again !== undefined && stats !== undefined) again.metrics = stats;
      if (selected.isActive) files.push({ path: selected.path, add, metrics: stats });
    }
    yield { files, progress };
  }
}

async function* checkpointAdds<Selected extends Selection>(
  { store, root, segment }: ActiveFilesSource,
  visitor: AddVisitor<Selected>,
  signal: AbortSignal,
) {
  const { checkpoint } = segment;
  if (checkpoint === undefined) return;
  yield* readCheckpointAdds({ store, log: `${root.text}/_delta_log`, checkpoint, signal }, visitor);
}

/** About what a file takes in memory. Rough: two characters a byte of path twice over, a fixed part, the texts of the bounds. */
export function heldBytes({ path, metrics }: ActiveFile): number {
  return 600 + 4 * path.length + 450 * (metrics?.columns.size ?? 0);
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
