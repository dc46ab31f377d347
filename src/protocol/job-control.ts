import type { CallOptions } from "./port.ts";

/**
 * Jobs as an operator sees them (01 §4.6, 02 §8). The messages are the same in both generations as far as they are read
 * here, so no detection comes first. Rejects with `ControlPlaneError`.
 */
export interface JobControl {
  /** One page, newest first as the server orders them; the next one by `nextPageToken`, undefined on the last page. */
  list(query: JobQuery, options: CallOptions): Promise<JobPage>;
  get(jobId: string, options: CallOptions): Promise<Job>;
  /** The job and all its descendants. */
  tree(jobId: string, options: CallOptions): Promise<readonly Job[]>;
  /** False: it had ended already. */
  cancel(jobId: string, reason: string, options: CallOptions): Promise<boolean>;
}

export interface JobQuery {
  readonly connectorId?: string | undefined;
  /** None: any state. */
  readonly states?: readonly JobState[] | undefined;
  readonly rootsOnly?: boolean | undefined;
  /** The server's default, 100, if undefined. */
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  readonly nextPageToken: string | undefined;
}

export const JOB_STATES = [
  "queued",
  "waiting",
  "running",
  "succeeded",
  "failed",
  "cancelling",
  "cancelled",
] as const;
export type JobState = (typeof JOB_STATES)[number];

export interface Job {
  readonly jobId: string;
  readonly parentJobId: string;
  readonly connectorId: string;
  /** Lower case without prefix, such as `exec_file_group`; `unspecified` for what isn't known. */
  readonly kind: string;
  readonly state: JobState | "unspecified";
  readonly message: string;
  /** Undefined: not started, not finished. */
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly durationMs: bigint;
  readonly executorId: string;
  readonly fullRescan: boolean;
  /** `namespace.table` of the source, `""` if the job is about none. */
  readonly sourceTable: string;
  readonly errors: bigint;
  readonly statsProcessed: bigint;
  readonly indexesProcessed: bigint;
  /** Zero in lists and trees (02 §8). */
  readonly fileGroups: Counts;
  readonly files: Counts;
  readonly fileResults: readonly JobFileResult[];
}

export interface Counts {
  readonly total: bigint;
  readonly completed: bigint;
  readonly failed: bigint;
}

export interface JobFileResult {
  readonly filePath: string;
  readonly state: "succeeded" | "failed" | "skipped" | "unspecified";
  readonly statsProcessed: bigint;
  readonly message: string;
  /** `""`: no sidecar. */
  readonly artifactUri: string;
}
