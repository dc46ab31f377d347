import {
  type Clock,
  type CrcMode,
  FILE_CONTENT,
  type FileGroup,
  type IndexArtifact,
  type StatsRecord,
  TableError,
} from "../model/index.ts";
import { rollupToPartials } from "../stats/index.ts";
import type { AmbientS3, ObjectEnd, StoreSettings } from "../storage/index.ts";
import {
  type CatalogContext,
  type DeltaCache,
  hasParquetSuffix,
  type ManifestCache,
  type TableFile,
  type TableSnapshot,
} from "../table/index.ts";
import { captureFiles, type FileOutcome } from "./capture-files.ts";
import { distinctSettings } from "./distinct-settings.ts";
import { openCapture } from "./open-capture.ts";
import type { CapturePool } from "./pool.ts";
import { type CaptureRequest, type PlannedFile, wantsStats } from "./request.ts";

export interface CaptureGroupOptions {
  readonly pool: CapturePool;
  readonly clock: Clock;
  readonly store: StoreSettings;
  /** As in `TableRequest`: what the connector's options were, and keys held beside them, after vending (08 §3). */
  readonly ownOptions?: Readonly<Record<string, string>> | undefined;
  readonly heldId?: string | undefined;
  readonly ambientS3?: AmbientS3 | undefined;
  readonly catalogs?: CatalogContext | undefined;
  readonly manifests?: ManifestCache;
  readonly deltaLogs?: DeltaCache;
  readonly crc: CrcMode;
  readonly signal: AbortSignal;
  /** What has been read ahead of its files, by path. */
  readonly ends?: ReadonlyMap<string, ObjectEnd> | undefined;
  readonly onFile: (done: FileDone) => void;
  readonly onWarning: (message: string) => void;
}

/** Totals of the group so far, and the file that was captured last. */
export interface FileDone {
  readonly filesCaptured: number;
  readonly statsProcessed: number;
  readonly file: {
    readonly path: string;
    readonly durationMs: number;
    readonly rows: bigint | undefined;
    readonly pages: number;
    readonly bytesRead: number;
    /** Reads of the object store. */
    readonly requests: number;
  };
}

export interface GroupRecords {
  /** Chunked: partials, each target once, then FILE records; inline: FILE records (the server drops all others). */
  readonly statsRecords: readonly StatsRecord[];
  /** In planned-path order. */
  readonly artifacts: readonly IndexArtifact[];
}

/**
 * Captures one leased group (03 §9): opens the snapshot, captures the planned files, rolls up. There is no isolation of files:
 * the first one that fails, in plan order, fails the group, and the others are stopped. A snapshot that the table lacks gives
 * nothing and no error (04 §1, 05 §1).
 */
export async function captureGroup(group: FileGroup, options: CaptureGroupOptions): Promise<GroupRecords> {
  const nowMs = options.clock.nowMs();
  using opened = await openCapture(
    {
      connector: group.connector,
      ownOptions: options.ownOptions,
      namespace: group.sourceNamespace.trim(),
      table: group.sourceTable.trim(),
      tableId: group.tableId,
      snapshotId: group.snapshotId,
      policy: group.policy,
      generation: group.generation,
      fullRescan: group.fullRescan,
      store: options.store,
      heldId: options.heldId,
      ambientS3: options.ambientS3,
      catalogs: options.catalogs,
      ...(options.manifests && { manifests: options.manifests }),
      ...(options.deltaLogs && { deltaLogs: options.deltaLogs }),
      warn: options.onWarning,
      distinct: distinctSettings(group.connector, group.generation),
      crc: options.crc,
      nowMs,
    },
    options.signal,
  );
  if (opened === undefined) return { statsRecords: [], artifacts: [] };
  const { snapshot, request } = opened;
  const listed = await snapshot.files({ only: new Set(group.filePaths), signal: options.signal });
  const files = [...listed, ...unlistedFiles(group, listed)];
  const outcomes = await captureAll(request, files, snapshot, options);
  return {
    statsRecords: groupRecords(group, outcomes, nowMs),
    artifacts: inPlannedOrder(group, outcomes),
  };
}

type Captured = Extract<FileOutcome, { ok: true }>;

async function captureAll(
  request: CaptureRequest,
  files: readonly PlannedFile[],
  snapshot: TableSnapshot,
  options: CaptureGroupOptions,
): Promise<readonly Captured[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const captured: Captured[] = [];
  let statsProcessed = 0;
  let filesCaptured = 0;
  try {
    for await (const outcome of captureFiles(request, files, { ...options, signal })) {
      if (!outcome.ok) {
        // Before the loop is left: leaving it waits for the files that are under way.
        failed.abort(new DOMException("another file of the group failed", "AbortError"));
        throw groupError(outcome, snapshot);
      }
      for (const warning of outcome.warnings) options.onWarning(warning);
      captured.push(outcome);
      if (!outcome.file.readable) continue;
      filesCaptured++;
      if (outcome.record !== undefined) statsProcessed++;
      const { elapsedMs: durationMs, rows, pages, bytesRead, requests } = outcome;
      const file = { path: outcome.file.path, durationMs, rows, pages, bytesRead, requests };
      options.onFile({ filesCaptured, statsProcessed, file });
    }
    return captured;
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  }
}

/**
 * A file's failure as the group's: wrapped, so that a data file that is gone is an ordinary failure and not a missing table (05
 * §13). Where the figures come from footers the reference reads them while planning, and says so.
 */
function groupError(outcome: Extract<FileOutcome, { ok: false }>, snapshot: TableSnapshot): Error {
  const { error, file } = outcome;
  if (snapshot.format !== "iceberg" && file.metrics.source === "footer") {
    const planning = new TableError(`Delta planning failed (version ${snapshot.snapshotId})`, {
      cause: error,
    });
    return new TableError(`Delta stats compute failed (version ${snapshot.snapshotId})`, { cause: planning });
  }
  return new TableError(`Failed to read parquet page indexes for ${file.path}`, { cause: error });
}

/** Planned paths that the snapshot lacks: the page index is made of them all the same (06 §1). */
function unlistedFiles(group: FileGroup, listed: readonly TableFile[]): readonly PlannedFile[] {
  if (!group.policy.outputs.has("page-index")) return [];
  const known = new Set(listed.map((file) => file.path));
  return group.filePaths
    .filter((path) => !known.has(path) && hasParquetSuffix(path))
    .map((path) => ({
      path,
      content: FILE_CONTENT.data,
      format: "",
      sizeBytes: 0n,
      partitionDataJson: "",
      partitionSpecId: 0,
      equalityFieldIds: [],
      sequenceNumber: undefined,
      metrics: { source: "metadata", metrics: { rowCount: 0n, columns: new Map() } },
      readable: true,
      indexOnly: true,
    }));
}

function groupRecords(
  group: FileGroup,
  outcomes: readonly Captured[],
  nowMs: number,
): readonly StatsRecord[] {
  if (!wantsStats(group.policy)) return [];
  const files = outcomes.flatMap((outcome) => outcome.record ?? []);
  if (group.generation === "inline") return files;
  const partials = rollupToPartials(files, {
    table: group.policy.outputs.has("table"),
    column: group.policy.outputs.has("column"),
    capturedAtMs: BigInt(nowMs),
  });
  return [...partials, ...files];
}

function inPlannedOrder(group: FileGroup, outcomes: readonly Captured[]): readonly IndexArtifact[] {
  const byPath = new Map(outcomes.map((outcome) => [outcome.file.path, outcome.artifact]));
  return group.filePaths.flatMap((path) => byPath.get(path) ?? []);
}
