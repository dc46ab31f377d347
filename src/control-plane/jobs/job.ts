import type { JobKind } from "../../protocol/port.ts";

/** The job record of 02 §3.1. */
export interface Job {
  readonly jobId: string;
  readonly accountId: string;
  /** `""` for a root. */
  readonly parentJobId: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly message: string;
  /** 0 until the first lease; kept across retries. */
  readonly startedAtMs: number;
  /** 0 until the job has ended. */
  readonly finishedAtMs: number;
  /** The last executor that reported itself by Start, `""` if none did since the last retry. */
  readonly executorId: string;
  readonly attempt: number;
  readonly nextAttemptAtMs: number;
  readonly counters: Counters;
  /** `""`: any executor. */
  readonly pinnedExecutorId: string;
  readonly policy: ExecutionPolicy;
  /** Jobs with the same one may exclude each other (02 §3.4); `""` for none. */
  readonly laneKey: string;
  readonly connectorId: string;
  /** Number of `CaptureMode` (01 §4.1). */
  readonly mode: number;
  readonly fullRescan: boolean;
  readonly scope: CaptureScope;
  readonly group: GroupIdentity | undefined;
  /** Of jobs about one snapshot. */
  readonly snapshot: SnapshotIdentity | undefined;
  readonly createdAtMs: number;
}

export type JobState = "queued" | "running" | "waiting" | "cancelling" | "succeeded" | "failed" | "cancelled";

export function isTerminal(state: JobState): state is "succeeded" | "failed" | "cancelled" {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** Cancelling or cancelled: what the cancellation flag of Renew, Progress and GetReconcileCancellation says. */
export function isCancelRequested(state: JobState): boolean {
  return state === "cancelling" || state === "cancelled";
}

/** Never changes once the job is there. */
export interface GroupIdentity {
  readonly planId: string;
  readonly groupId: string;
}

export interface SnapshotIdentity {
  readonly tableId: string;
  readonly snapshotId: bigint;
}

export interface Counters {
  readonly tablesScanned: bigint;
  readonly tablesChanged: bigint;
  readonly viewsScanned: bigint;
  readonly viewsChanged: bigint;
  readonly errors: bigint;
  readonly snapshotsProcessed: bigint;
  readonly statsProcessed: bigint;
}

export const NO_COUNTERS: Counters = {
  tablesScanned: 0n,
  tablesChanged: 0n,
  viewsScanned: 0n,
  viewsChanged: 0n,
  errors: 0n,
  snapshotsProcessed: 0n,
  statsProcessed: 0n,
};

const MERGED_COUNTERS = [
  "tablesScanned",
  "tablesChanged",
  "viewsScanned",
  "viewsChanged",
  "snapshotsProcessed",
  "statsProcessed",
] as const;

/** 02 §3.7: counters never go back, `errors` is what was said last. */
export function mergeCounters(stored: Counters, sent: Counters): Counters {
  const merged = { ...stored, errors: sent.errors };
  for (const name of MERGED_COUNTERS) {
    if (sent[name] > stored[name]) merged[name] = sent[name];
  }
  return merged;
}

/** 02 §4.7: a repeated Complete of a success must not claim more than is stored; `errors` isn't compared. */
export function countersWithin(sent: Counters, stored: Counters): boolean {
  return MERGED_COUNTERS.every((name) => sent[name] <= stored[name]);
}

export interface ExecutionPolicy {
  /** Number of `ExecutionClass` (01 §4.1), never unspecified. */
  readonly executionClass: number;
  readonly lane: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** `EC_DEFAULT`. */
export const DEFAULT_EXECUTION_CLASS = 1;

/** `CaptureScope` (01 §4.2) without its wire types; enums by number. */
export interface CaptureScope {
  readonly destinationNamespaceIds: readonly string[];
  readonly destinationTableId: string;
  readonly destinationCaptureRequests: readonly ScopedCaptureRequest[];
  readonly destinationViewId: string;
  readonly capturePolicy: ScopePolicy | undefined;
  readonly snapshotSelection: SnapshotSelection | undefined;
}

export interface ScopedCaptureRequest {
  readonly tableId: string;
  readonly snapshotId: bigint;
  readonly targetSpec: string;
  readonly columnSelectors: readonly string[];
}

export interface ScopePolicy {
  readonly columns: readonly {
    readonly selector: string;
    readonly captureStats: boolean;
    readonly captureIndex: boolean;
  }[];
  readonly outputs: readonly number[];
  readonly defaultColumnScope: number;
  readonly maxDefaultColumns: number;
}

export interface SnapshotSelection {
  readonly kind: number;
  readonly snapshotIds: readonly bigint[];
  readonly latestN: number;
}

/** A lease, kept apart from its job: gone when the job ends (02 §3.1). */
export interface Lease {
  readonly jobId: string;
  readonly accountId: string;
  /** Compared by equality, never trimmed. */
  readonly epoch: string;
  readonly expiresAtMs: number;
}
