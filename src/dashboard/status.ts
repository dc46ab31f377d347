/**
 * What the status page and its JSON API show of a process. Times are wall-clock milliseconds, numbers are JSON numbers, and
 * nothing in it is secret: no connector, no credential, no query of a URL.
 */
export interface Status {
  readonly role: "worker" | "control-plane" | "viewer";
  readonly version: string;
  /** Host and instance of a worker, address of a control plane, folder of a viewer. */
  readonly identity: string;
  readonly generation: string | undefined;
  /** Address of the control plane that a worker serves. */
  readonly controlPlane: string | undefined;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly readiness: Readiness;
  readonly jobs: readonly JobInFlight[];
  /** Jobs by state, of a control plane. */
  readonly queue: Readonly<Record<string, number>> | undefined;
  /** Busy and existing capture slots, of a worker. */
  readonly slots: { readonly busy: number; readonly all: number } | undefined;
  readonly totals: Totals;
  /** Oldest first; the last one is still filling. */
  readonly throughput: readonly ThroughputBucket[];
  /** Newest first. */
  readonly failures: readonly Failure[];
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, or what it is doing. */
  readonly reason: string;
}

export interface JobInFlight {
  readonly jobId: string;
  readonly groupId: string;
  readonly tableId: string;
  /** As text: a 64-bit number. */
  readonly snapshotId: string;
  readonly stage: string;
  readonly filesDone: number;
  /** 0 while the files aren't known. */
  readonly fileCount: number;
  readonly startedAtMs: number;
  readonly attempt: number | undefined;
  readonly executor: string | undefined;
  readonly lease: { readonly endsAtMs: number; readonly lengthMs: number } | undefined;
}

export interface Totals {
  readonly jobsSucceeded: number;
  readonly jobsFailed: number;
  readonly files: number;
  readonly rows: number;
  readonly pages: number;
  readonly bytesRead: number;
}

export interface ThroughputBucket {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly files: number;
  readonly bytesRead: number;
}

export interface Failure {
  readonly atMs: number;
  readonly jobId: string;
  readonly groupId: string;
  readonly tableId: string;
  /** What became of the job. */
  readonly outcome: string;
  readonly reason: string;
}

export interface StatusSource {
  status(): Status;
}
