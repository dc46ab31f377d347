/** Settings of the worker runtime (03 §2); where they come from is the business of `config`. */
import type { StageLimits } from "./stages.ts";

export interface WorkerSettings extends StageLimits {
  /** Stable identity of this process (decision 6). */
  readonly instanceId: string;
  /** The server's lease time; undefined: the default of the generation. It can't be asked for (02 §2). */
  readonly leaseMs?: number | undefined;
  /** `reconciler.lease-heartbeat-ms`. */
  readonly heartbeatMs?: number | undefined;
  /** Deadline of LeaseReconcileJob, Start and GetLeasedFileGroupExecution (03 §3.6). */
  readonly deadlineMs: number;
  /** Deadline of Renew, Progress and GetReconcileCancellation; a heartbeat's is shorter (03 §3.6). */
  readonly leaseDeadlineMs: number;
  /** Deadline of Submit and Complete (03 §3.6). */
  readonly mutationDeadlineMs: number;
  /** How long running groups may go on after a drain began (decision 26). */
  readonly drainGraceMs: number;
  /** How long handing back what is left may take after that. */
  readonly handBackMs: number;
}

/**
 * Sized for two cores: a slot and a group read ahead for each, and so many results in flight that groups of 150 ms keep
 * both slots busy while the server takes 18 s for a result.
 */
export const DEFAULT_WORKER_SETTINGS: Omit<WorkerSettings, "instanceId"> = {
  maxParallelism: 2,
  prefetchedGroups: 2,
  maxPendingResults: 256,
  maxPendingResultBytes: 256 * 1024 * 1024,
  deadlineMs: 120_000,
  leaseDeadlineMs: 120_000,
  mutationDeadlineMs: 120_000,
  drainGraceMs: 30_000,
  handBackMs: 5000,
};
