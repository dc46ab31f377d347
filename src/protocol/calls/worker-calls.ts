/**
 * The calls of the port whose messages are the same in both generations (01 §4.4, 02 §4.1–4.6, 4.8, 03 §1, §13). What
 * differs, the submission, is in `inline/` and `chunked/`.
 */
import type { FileGroup, Generation } from "../../model/index.ts";
import {
  type CallOptions,
  type Completion,
  type ControlPlane,
  correlationId,
  InvalidPayloadError,
  type JobKind,
  type Lease,
  type LeasedJob,
  leaseCorrelationId,
} from "../port.ts";
import type { WorkerCaller } from "./invoke.ts";
import { fileGroupFrom } from "./payload.ts";
import type { LeasedJobMessage, LeaseInit, WorkerRpc } from "./worker-rpc.ts";

export type CommonCalls = Pick<
  ControlPlane,
  "lease" | "start" | "renew" | "reportProgress" | "getCancellation" | "getFileGroup" | "complete"
>;

export function commonCalls(generation: Generation, rpc: WorkerRpc, call: WorkerCaller): CommonCalls {
  return {
    async lease({ instanceId, executorIds }, options) {
      const about = { accountId: "", correlationId: leaseCorrelationId({ instanceId, executorIds }) };
      const request = {
        executorId: instanceId,
        executionClasses: [...EVERY_CLASS],
        lanes: [ANY_LANE],
        jobKinds: [...ONE_KIND],
        executorIds: [...executorIds],
      };
      const { found, job } = await call("leaseReconcileJob", about, options, (rpcOptions) =>
        rpc.leaseReconcileJob(request, rpcOptions),
      );
      return found && job !== undefined ? leasedJobFrom(job) : undefined;
    },

    async start(lease, executorId, options) {
      const request = { ...leaseInit(lease), executorId };
      await call("startLeasedReconcileJob", aboutLease(lease), options, (rpcOptions) =>
        rpc.startLeasedReconcileJob(request, rpcOptions),
      );
    },

    async renew(lease, options) {
      const answer = await call("renewReconcileLease", aboutLease(lease), options, (rpcOptions) =>
        rpc.renewReconcileLease(leaseInit(lease), rpcOptions),
      );
      return { held: answer.renewed, cancellationRequested: answer.cancellationRequested };
    },

    async reportProgress(lease, { statsProcessed, message }, options) {
      const request = { ...leaseInit(lease), statsProcessed, message };
      const answer = await call("reportReconcileProgress", aboutLease(lease), options, (rpcOptions) =>
        rpc.reportReconcileProgress(request, rpcOptions),
      );
      return { held: answer.leaseValid, cancellationRequested: answer.cancellationRequested };
    },

    async getCancellation(lease, options) {
      const answer = await call("getReconcileCancellation", aboutLease(lease), options, (rpcOptions) =>
        rpc.getReconcileCancellation({ jobId: lease.jobId }, rpcOptions),
      );
      return answer.cancellationRequested;
    },

    async getFileGroup(job: LeasedJob, options: CallOptions): Promise<FileGroup> {
      const { execution } = await call(
        "getLeasedFileGroupExecution",
        aboutLease(job),
        options,
        (rpcOptions) => rpc.getLeasedFileGroupExecution(leaseInit(job), rpcOptions),
      );
      if (execution === undefined) throw new InvalidPayloadError("the leased job has no file-group payload");
      return fileGroupFrom(generation, execution, job);
    },

    async complete(lease, completion, options) {
      const request = { ...leaseInit(lease), ...completionInit(completion) };
      const { accepted } = await call(
        "completeLeasedReconcileJob",
        aboutLease(lease),
        options,
        (rpcOptions) => rpc.completeLeasedReconcileJob(request, rpcOptions),
      );
      return accepted;
    },
  };
}

/** `EC_DEFAULT`, `EC_INTERACTIVE`, `EC_BATCH`, `EC_HEAVY`, in the order of 03 §1.1. */
const EVERY_CLASS = [1, 2, 3, 4] as const;
const ANY_LANE = "*";
/** `RJK_EXEC_FILE_GROUP`: an empty list of kinds would ask for every kind (03 §1.1). */
const ONE_KIND = [5] as const;

/** Echoed as they were leased, never trimmed (03 §1.2). */
export function leaseInit({ jobId, leaseEpoch }: Lease): LeaseInit {
  return { jobId, leaseEpoch };
}

export function aboutLease(lease: Lease): { accountId: string; correlationId: string } {
  return { accountId: lease.accountId, correlationId: correlationId(lease) };
}

/** `ReconcileJobKind` by number; 0 and unknown numbers read as the first (03 §1.2). */
const JOB_KINDS: ReadonlyMap<number, JobKind> = new Map([
  [1, "plan-connector"],
  [2, "plan-table"],
  [3, "plan-view"],
  [4, "plan-snapshot"],
  [5, "exec-file-group"],
  [6, "finalize-snapshot-capture"],
]);

function leasedJobFrom(job: LeasedJobMessage): LeasedJob {
  return {
    jobId: job.jobId,
    leaseEpoch: job.leaseEpoch,
    accountId: job.connectorId?.accountId ?? "",
    kind: JOB_KINDS.get(job.kind) ?? "plan-connector",
    connectorId: job.connectorId?.id ?? "",
    parentJobId: job.parentJobId,
    pinnedExecutorId: job.pinnedExecutorId,
    fullRescan: job.fullRescan,
    planId: job.fileGroupTask?.planId ?? "",
    groupId: job.fileGroupTask?.groupId ?? "",
  };
}

const COMPLETION_STATES = { succeeded: 1, failed: 2, cancelled: 3 } as const;
const DISPOSITIONS = { retryable: 1, terminal: 2 } as const;
const RETRY_CLASSES = {
  unspecified: 0,
  "transient-error": 1,
  "dependency-not-ready": 2,
  "state-uncertain": 3,
} as const;

function completionInit(completion: Completion) {
  return {
    state: COMPLETION_STATES[completion.state],
    errors: completion.errors,
    statsProcessed: completion.statsProcessed,
    message: completion.message,
    failureRetryDisposition: DISPOSITIONS[completion.disposition],
    failureRetryClass: RETRY_CLASSES[completion.retryClass],
  };
}
