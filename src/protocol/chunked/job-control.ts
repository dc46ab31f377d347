/**
 * Job control over the definitions of the chunked generation. Inline servers are read with them too: its messages differ
 * only in fields that are not read here (01 §12.1).
 */
import { createClient, type Transport } from "@connectrpc/connect";
import { CallFailedError, type Credentials, invoke, type RpcOptions } from "../calls/invoke.ts";
import type { Job, JobControl, JobFileResult, JobState } from "../job-control.ts";
import {
  type CallOptions,
  type ControlPlaneCall,
  ControlPlaneError,
  controlPlaneErrorKind,
} from "../port.ts";
import { timestampMs } from "../records/wire-values.ts";
import {
  type GetReconcileJobResponse,
  JobState as JobStateNumber,
  ReconcileControl,
  type ReconcileFileGroupTask,
  type ReconcileJobKind,
  ReconcileJobKindSchema,
} from "./gen/floecat/reconciler/reconciler_pb.ts";

export function jobControl(transport: Transport, credentials: Credentials): JobControl {
  const client = createClient(ReconcileControl, transport);

  async function call<Answer>(
    name: ControlPlaneCall,
    options: CallOptions,
    run: (rpc: RpcOptions) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await invoke(credentials, { accountId: "", headers: {} }, options, run);
    } catch (error) {
      if (!(error instanceof CallFailedError)) throw error;
      const kind = controlPlaneErrorKind(name, error.status, "chunked");
      throw new ControlPlaneError(kind, name, error.status, { cause: error.cause });
    }
  }

  return {
    async list(query, options) {
      const request = {
        page: { pageSize: query.pageSize ?? 0, pageToken: query.pageToken ?? "" },
        connectorId: query.connectorId ?? "",
        states: (query.states ?? []).map((state) => STATE_NUMBERS[state]),
        rootsOnly: query.rootsOnly ?? false,
      };
      const answer = await call("listReconcileJobs", options, (rpc) =>
        client.listReconcileJobs(request, rpc),
      );
      return { jobs: answer.jobs.map(jobFrom), nextPageToken: answer.page?.nextPageToken || undefined };
    },

    async get(jobId, options) {
      return jobFrom(await call("getReconcileJob", options, (rpc) => client.getReconcileJob({ jobId }, rpc)));
    },

    async tree(jobId, options) {
      const answer = await call("getReconcileJobTree", options, (rpc) =>
        client.getReconcileJobTree({ jobId }, rpc),
      );
      return answer.jobs.map(jobFrom);
    },

    async cancel(jobId, reason, options) {
      const answer = await call("cancelReconcileJob", options, (rpc) =>
        client.cancelReconcileJob({ jobId, reason }, rpc),
      );
      return answer.cancelled;
    },
  };
}

/** Numbers are not in life-cycle order (01 §4.1). */
const STATE_NUMBERS = {
  queued: JobStateNumber.JS_QUEUED,
  waiting: JobStateNumber.JS_WAITING,
  running: JobStateNumber.JS_RUNNING,
  succeeded: JobStateNumber.JS_SUCCEEDED,
  failed: JobStateNumber.JS_FAILED,
  cancelling: JobStateNumber.JS_CANCELLING,
  cancelled: JobStateNumber.JS_CANCELLED,
} as const satisfies Record<JobState, number>;

const STATES: ReadonlyMap<number, JobState> = new Map([
  [STATE_NUMBERS.queued, "queued"],
  [STATE_NUMBERS.waiting, "waiting"],
  [STATE_NUMBERS.running, "running"],
  [STATE_NUMBERS.succeeded, "succeeded"],
  [STATE_NUMBERS.failed, "failed"],
  [STATE_NUMBERS.cancelling, "cancelling"],
  [STATE_NUMBERS.cancelled, "cancelled"],
]);

function jobFrom(job: GetReconcileJobResponse): Job {
  return {
    jobId: job.jobId,
    parentJobId: job.parentJobId,
    connectorId: job.connectorId,
    kind: kindName(job.kind),
    state: STATES.get(job.state) ?? "unspecified",
    message: job.message,
    startedAtMs: reachedAt(job.startedAt),
    finishedAtMs: reachedAt(job.finishedAt),
    durationMs: job.durationMs,
    executorId: job.executorId,
    fullRescan: job.fullRescan,
    sourceTable: sourceTable(job),
    errors: job.errors,
    statsProcessed: job.statsProcessed,
    indexesProcessed: job.indexesProcessed,
    fileGroups: {
      total: job.fileGroupsTotal,
      completed: job.fileGroupsCompleted,
      failed: job.fileGroupsFailed,
    },
    files: { total: job.filesTotal, completed: job.filesCompleted, failed: job.filesFailed },
    fileResults: fileResults(job.fileGroupTask),
  };
}

/** `RJK_EXEC_FILE_GROUP` → `exec_file_group`. */
function kindName(kind: ReconcileJobKind): string {
  const name = ReconcileJobKindSchema.value[kind]?.name ?? "RJK_UNSPECIFIED";
  return name.slice("RJK_".length).toLowerCase();
}

/** The times are always there: the epoch stands for "not yet" (01 §4.6). */
function reachedAt(timestamp: Parameters<typeof timestampMs>[0]): number | undefined {
  return timestampMs(timestamp) || undefined;
}

/** Tasks that don't apply are filled too, with blank names (01 §4.3). */
function sourceTable({ tableTask, snapshotTask }: GetReconcileJobResponse): string {
  const task = [tableTask, snapshotTask].find((each) => each !== undefined && each.sourceTable !== "");
  return task === undefined ? "" : [task.sourceNamespace, task.sourceTable].filter(Boolean).join(".");
}

const FILE_STATES: readonly JobFileResult["state"][] = ["unspecified", "succeeded", "failed", "skipped"];

function fileResults(task: ReconcileFileGroupTask | undefined): JobFileResult[] {
  return (task?.fileResults ?? []).map((result) => ({
    filePath: result.filePath,
    state: FILE_STATES[result.state] ?? "unspecified",
    statsProcessed: result.statsProcessed,
    message: result.message,
    artifactUri: result.indexArtifact?.artifactUri ?? "",
  }));
}
