import {
  type Clock,
  FILE_CONTENT,
  type FileStats,
  type IndexArtifact,
  type Ndv,
  type StatsRecord,
} from "../model/index.ts";
import { scannedNdv } from "../stats/index.ts";
import { isRemotePath, type ObjectEnd } from "../storage/index.ts";
import { metadataFileNdv } from "../table/index.ts";
import { buildArtifact } from "./artifact.ts";
import { buildFileStats, fileRecord, type ScanExtras } from "./file-stats.ts";
import { orderedMap } from "./ordered-map.ts";
import type { CapturePool, RunOptions } from "./pool.ts";
import { type CaptureRequest, fileTasks, type PlannedFile, wantsPages, wantsStats } from "./request.ts";
import { createSampler } from "./sampling.ts";
import { captureSharedFile, SHARED_FILE_BYTES } from "./shared-file.ts";
import { makeSidecar, type Sidecar } from "./sidecar.ts";
import { type FileTask, type FileTaskResult, needsFooterOnly, type TaskProgress } from "./task.ts";
import { filesInFlight } from "./task-weight.ts";

/** What became of one planned file. Failures are values: whether one file's failure ends the group is the caller's choice. */
export type FileOutcome =
  | {
      readonly ok: true;
      readonly file: PlannedFile;
      readonly record: StatsRecord | undefined;
      /** Distinct values by column id that the record has no place for: those of inline (07 §6.7). */
      readonly ndvBeside: ReadonlyMap<bigint, Ndv>;
      readonly artifact: IndexArtifact | undefined;
      readonly elapsedMs: number;
      /** Indexed columns, or columns with statistics where no index is asked for. */
      readonly columns: number;
      readonly pages: number;
      readonly rows: bigint | undefined;
      readonly bytesRead: number;
      readonly requests: number;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly file: PlannedFile; readonly error: Error };

export interface CaptureFilesOptions {
  readonly pool: CapturePool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Files whose ends have been read ahead, by path; asked when a file's turn comes. */
  readonly ends?: ReadonlyMap<string, ObjectEnd> | undefined;
  readonly onProgress?: (file: PlannedFile, progress: TaskProgress) => void;
  /** What an earlier run has made of a file, which is then not read again; undefined: nothing, or the file has changed. */
  readonly earlier?: (file: PlannedFile) => Promise<FileOutcome | undefined>;
}

/**
 * Captures files and yields their outcomes in the order given, whatever order they end in: FILE record (05 §9, 07 §8) and
 * index artifact (06 §5) of each. Rejects only when cancelled, with `signal.reason`.
 */
export async function* captureFiles(
  request: CaptureRequest,
  files: Iterable<PlannedFile> | AsyncIterable<PlannedFile>,
  options: CaptureFilesOptions,
): AsyncGenerator<FileOutcome> {
  const isSampled = sampling(request);
  const pages = wantsPages(request);
  // Where the files lie shows as they come.
  let remote = false;
  const taskOf = fileTasks(request);
  const inFlight = () => filesInFlight(options.pool.threads, { pages, remote });
  const outcomes = orderedMap(files, inFlight, (file) => {
    remote ||= isRemotePath(request.store, file.path);
    return captureOne(request, file, taskOf(file, isSampled(file)), options);
  });
  for await (const outcome of outcomes) {
    options.signal.throwIfAborted();
    yield outcome;
  }
}

async function captureOne(
  request: CaptureRequest,
  file: PlannedFile,
  task: FileTask | undefined,
  options: CaptureFilesOptions,
): Promise<FileOutcome> {
  const startedMs = options.clock.monotonicMs();
  try {
    options.signal.throwIfAborted();
    const earlier = await options.earlier?.(file);
    if (earlier !== undefined) return earlier;
    const result =
      task === undefined
        ? undefined
        : await runTask({ ...task, known: options.ends?.get(file.path) }, file, options.pool, {
            signal: options.signal,
            onProgress: (progress) => options.onProgress?.(file, progress),
          });
    return assemble(request, file, result, options.clock.monotonicMs() - startedMs);
  } catch (error) {
    return { ok: false, file, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** A large file goes to all threads; if that fails, to one alone, so that the error told is always that of the first trouble. */
async function runTask(
  task: FileTask,
  file: PlannedFile,
  pool: CapturePool,
  options: RunOptions,
): Promise<FileTaskResult> {
  const isShared = pool.threads > 1 && !needsFooterOnly(task) && file.sizeBytes >= SHARED_FILE_BYTES;
  if (!isShared) return await pool.run(task, options);
  try {
    return await captureSharedFile(task, pool, options);
  } catch {
    options.signal.throwIfAborted();
    return await pool.run(task, options);
  }
}

/** Asked of each file in plan order. Deletion vectors take no part; data files that can't be scanned do (07 §6.1). */
function sampling({ distinct, metadataNdv }: CaptureRequest): (file: PlannedFile) => boolean {
  if (distinct === undefined || metadataNdv !== undefined) return () => false;
  const isNextSampled = createSampler(distinct);
  return (file) => file.readable && file.content === FILE_CONTENT.data && isNextSampled();
}

function assemble(
  request: CaptureRequest,
  file: PlannedFile,
  result: FileTaskResult | undefined,
  elapsedMs: number,
): FileOutcome {
  const metrics = file.metrics.source === "metadata" ? file.metrics.metrics : result?.metrics;
  const extras = extrasOf(request, metrics?.rowCount ?? 0n, result);
  const stats =
    wantsStats(request.policy) && !file.indexOnly && metrics !== undefined
      ? buildFileStats(file, metrics, request.columns, extras, request.generation)
      : undefined;
  return {
    ok: true,
    file,
    elapsedMs,
    columns: result?.sidecar?.summary.indexedColumns.length ?? stats?.columns.length ?? 0,
    record: stats && fileRecord(request, stats),
    ndvBeside: stats !== undefined && request.generation === "inline" ? ndvById(request, extras) : new Map(),
    artifact: artifactOf(request, file, stats, result?.sidecar),
    pages: result?.sidecar?.summary.pages ?? 0,
    rows: metrics?.rowCount ?? result?.footerRowCount,
    bytesRead: result?.bytesRead ?? 0,
    requests: result?.requests ?? 0,
    warnings: result?.warnings ?? [],
  };
}

function extrasOf(
  request: CaptureRequest,
  fileRowCount: bigint,
  result: FileTaskResult | undefined,
): Required<ScanExtras> {
  const capturedAtMs = BigInt(request.nowMs);
  const ndv = new Map<string, Ndv>();
  for (const [name, { sketch, rowsSeen }] of result?.distinct ?? []) {
    ndv.set(name, scannedNdv(sketch, { seen: rowsSeen, total: fileRowCount }, capturedAtMs));
  }
  const metadataNdv = new Map<bigint, Ndv>();
  for (const [columnId, known] of request.metadataNdv ?? []) {
    metadataNdv.set(columnId, metadataFileNdv(known, fileRowCount, capturedAtMs));
  }
  return { widths: result?.widths ?? new Map(), ndv, metadataNdv };
}

function ndvById(request: CaptureRequest, extras: Required<ScanExtras>): ReadonlyMap<bigint, Ndv> {
  const ndvs = new Map<bigint, Ndv>();
  for (const column of request.columns) {
    if (!column.included || column.columnId <= 0n) continue;
    const scanned = column.topLevelName === undefined ? undefined : extras.ndv.get(column.topLevelName);
    const ndv = extras.metadataNdv.get(column.columnId) ?? scanned;
    if (ndv !== undefined) ndvs.set(column.columnId, ndv);
  }
  return ndvs;
}

/**
 * A file that the index passes over but that has a FILE record gets the empty sidecar (06 §2.1, §4.5); a deletion vector is
 * no planned file and gets none.
 */
function artifactOf(
  request: CaptureRequest,
  file: PlannedFile,
  fileStats: FileStats | undefined,
  scanned: Sidecar | undefined,
): IndexArtifact | undefined {
  if (!request.policy.outputs.has("page-index") || !file.readable) return undefined;
  const sidecar = scanned ?? (fileStats === undefined ? undefined : makeSidecar([], file.path));
  if (sidecar === undefined) return undefined;
  return buildArtifact({
    tableId: request.tableId,
    snapshotId: request.snapshotId,
    filePath: file.path,
    sidecar,
    fileStats,
    createdAtMs: request.nowMs,
  });
}
