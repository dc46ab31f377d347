/**
 * The control plane as the worker sees it: the eight calls of `ReconcileExecutorControl` that a file-group worker makes
 * (02 §4, 03 §3–§13), in domain types. One adapter for each wire generation implements it; what differs between them
 * (messages, chunking, headers) stays behind it.
 *
 * Rules for every method:
 * - one attempt on the wire for a call. Retries are the caller's, since only it knows how long the lease lives; the one
 *   exception is a token that the server refused, which the adapter renews and tries again once (decision 19);
 * - an answer other than OK rejects with `ControlPlaneError`; an aborted `signal` rejects with `signal.reason`;
 * - headers are made from the lease: `x-correlation-id` = `correlationId(lease)`, `x-floe-account` = `lease.accountId`
 *   in the generations that send it (03 §3.2), and the account's token.
 */
import type { FileGroup, Generation, IndexArtifact, StatsRecord } from "../model/index.ts";

export * from "./error.ts";

/** Executor implementation that pins and Start name (03 §1.1), the same in every process. */
export const FILE_GROUP_EXECUTOR_ID = "remote_file_group_worker";

export interface ControlPlane {
  readonly generation: Generation;
  /** True: an accepted success submission ends the job and no Complete may follow (chunked); false: Complete must (inline). */
  readonly successEndsJob: boolean;

  /**
   * LeaseReconcileJob (02 §4.1, 03 §1.1): asks for one `RJK_EXEC_FILE_GROUP` job, every class, lane `*`. Undefined: none
   * found by this scan. A lost answer strands the job until its lease expires, so the caller doesn't repeat it in haste.
   */
  lease(request: LeaseRequest, options: CallOptions): Promise<LeasedJob | undefined>;

  /** StartLeasedReconcileJob (02 §4.2): never says that a lease is bad; repeating it is harmless. */
  start(lease: Lease, executorId: string, options: CallOptions): Promise<void>;

  /** RenewReconcileLease (02 §4.3). */
  renew(lease: Lease, options: CallOptions): Promise<LeaseAnswer>;

  /** ReportReconcileProgress (02 §4.4): renews too. Totals so far; the other counters are sent as 0 (03 §7.3). */
  reportProgress(lease: Lease, progress: Progress, options: CallOptions): Promise<LeaseAnswer>;

  /** GetReconcileCancellation (02 §4.5): true if the job, or in chunked an ancestor, is cancelling or cancelled. */
  getCancellation(lease: Lease, options: CallOptions): Promise<boolean>;

  /**
   * GetLeasedFileGroupExecution (02 §4.6), mapped by 03 §8: strings trimmed, blank paths dropped, order and duplicates
   * kept, `snapshotId` signed, an absent `table_id` as a blank one. Renews the lease. Nothing is checked against the job
   * here: the worker's guards do (decision 7). Rejects with `InvalidPayloadError` if the payload has no meaning.
   */
  getFileGroup(job: LeasedJob, options: CallOptions): Promise<FileGroup>;

  /**
   * Builds the messages of a success once (02 §4.7, 03 §10.2–10.4); they are kept, so that every retry sends the same
   * bytes. Sizes are measured here: `ControlPlaneError` of kind `too-large` if one can't be accepted (decision 18).
   */
  prepareSubmission(
    lease: Lease,
    result: GroupResult,
    options: { readonly signal: AbortSignal },
  ): Promise<PreparedSubmission>;

  /** The failure outcome (03 §10.6). What it answers decides nothing: Complete follows. */
  submitFailure(lease: Lease, failure: GroupFailure, options: CallOptions): Promise<boolean>;

  /** CompleteLeasedReconcileJob (02 §4.8, 03 §13). False: not applied (stale, expired, already ended). */
  complete(lease: Lease, completion: Completion, options: CallOptions): Promise<boolean>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Deadline of this attempt, from its start; when it passes the call rejects as `transport`, `DEADLINE_EXCEEDED`. */
  readonly timeoutMs: number;
}

export interface LeaseRequest {
  /** `executor_id`: stable identity of this process (decision 6). */
  readonly instanceId: string;
  /** `executor_ids`: `instanceId` and `FILE_GROUP_EXECUTOR_ID` (decision 6). */
  readonly executorIds: readonly string[];
}

/** What every call about a job carries. `jobId` and `leaseEpoch` are echoed verbatim, never trimmed (03 §1.2). */
export interface Lease {
  readonly jobId: string;
  readonly leaseEpoch: string;
  /** `connector_id.account_id` of the leased job. */
  readonly accountId: string;
}

/** `ReconcileJobKind` (01 §4.1). Unspecified and unknown numbers read as `plan-connector` (03 §1.2). */
export type JobKind =
  | "plan-connector"
  | "plan-table"
  | "plan-view"
  | "plan-snapshot"
  | "exec-file-group"
  | "finalize-snapshot-capture";

/** A leased job, as far as the worker uses it (03 §1.2). The scope isn't read: a bad one must not lose the lease. */
export interface LeasedJob extends Lease {
  readonly kind: JobKind;
  /** `connector_id.id`; for messages only. */
  readonly connectorId: string;
  readonly parentJobId: string;
  /** `""`: not pinned. */
  readonly pinnedExecutorId: string;
  readonly fullRescan: boolean;
  /** From `file_group_task`: the ids used when the payload has none (03 §11). */
  readonly planId: string;
  readonly groupId: string;
}

/** Answer of Renew and Progress. The flag is filled even when the lease is gone (02 §4.3). */
export interface LeaseAnswer {
  readonly held: boolean;
  readonly cancellationRequested: boolean;
}

export interface Progress {
  readonly statsProcessed: bigint;
  /** Blank keeps the job's message. */
  readonly message: string;
}

/** Everything that a success says (03 §10). */
export interface GroupResult {
  readonly resultId: string;
  /** Partial aggregates, each once, then FILE records: sent in this order. */
  readonly statsRecords: readonly StatsRecord[];
  /** In planned-path order. */
  readonly artifacts: readonly IndexArtifact[];
  /** One for each planned path, in plan order, all succeeded (03 §10.4). Inline doesn't send them. */
  readonly fileResults: readonly FileResult[];
}

export interface FileResult {
  readonly filePath: string;
  /** FILE records of this path: normally 1, 0 without statistics. */
  readonly statsProcessed: bigint;
  /** `artifact_uri` of the path's sidecar; format and version are those of every sidecar (06 §5.1). */
  readonly artifactUri: string | undefined;
}

/** The messages of one success, in sending order; the last one is the success itself. */
export interface PreparedSubmission {
  readonly messages: readonly SubmissionMessage[];
  /** Bytes that the messages hold in memory. */
  readonly byteLength: number;
}

export interface SubmissionMessage {
  readonly kind: "chunk" | "success";
  readonly byteLength: number;
  /** Sends the kept bytes; may be called again with the same effect. Resolves to `accepted`. */
  send(options: CallOptions): Promise<boolean>;
}

export interface GroupFailure {
  readonly resultId: string;
  readonly message: string;
}

/** Fields of CompleteLeasedReconcileJob that a file-group worker fills (03 §13); the other counters are 0. */
export interface Completion {
  readonly state: "succeeded" | "failed" | "cancelled";
  readonly disposition: "retryable" | "terminal";
  readonly retryClass: "unspecified" | "transient-error" | "dependency-not-ready" | "state-uncertain";
  readonly errors: bigint;
  readonly statsProcessed: bigint;
  readonly message: string;
}

/** `x-correlation-id` of a call about a job (03 §3.2). */
export function correlationId(lease: Lease): string {
  return `reconcile-job-${lease.jobId}`;
}

/** `x-correlation-id` of a lease call (03 §3.2). */
export function leaseCorrelationId(request: LeaseRequest): string {
  const id = request.instanceId.trim();
  return `reconcile-lease-${id === "" ? "aggregate" : id}`;
}
