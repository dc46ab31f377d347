import { TableState } from "../gen/admin_pb.ts";
import type { Job, JobState } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import { FILE_STATE } from "../store/index.ts";

/** How an enqueued table is getting on, counted over the jobs below its root. */
export type TableStatus = NonNullable<ReturnType<typeof tableStatus>>;

export function tableStatus(context: ServiceContext, jobId: string) {
  const { store } = context;
  const root = store.jobs.get(jobId);
  if (root === undefined) return undefined;
  const parents = store.jobs.children(jobId).filter((child) => child.kind === "plan-snapshot");
  const groups = sumOf(parents, (parent) => store.jobs.childStates(parent.jobId, "exec-file-group"));
  const files = sumOf(parents, (parent) => store.results.fileStates(parent.jobId));
  const sizes = parents.map((parent) => store.results.planSize(parent.jobId));
  const count = (...states: JobState[]) => states.reduce((sum, state) => sum + (groups.get(state) ?? 0), 0);
  const groupCount = sizes.reduce((sum, size) => sum + size.groupCount, 0);
  const untouched = root.state === "waiting" && groupCount > 0 && count("queued") === groupCount;
  return {
    jobId,
    // A root that waits counts as queued until a group of it has been leased.
    state: STATE[untouched ? "queued" : root.state],
    message: root.message,
    groupCount,
    groupsFinished: count("succeeded", "failed", "cancelled"),
    groupsFailed: count("failed", "cancelled"),
    fileCount: sizes.reduce((sum, size) => sum + size.fileCount, 0),
    filesFinished: files.get(FILE_STATE.succeeded) ?? 0,
    filesFailed: files.get(FILE_STATE.failed) ?? 0,
  };
}

function sumOf<Key>(
  parents: readonly Job[],
  countsOf: (parent: Job) => ReadonlyMap<Key, number>,
): ReadonlyMap<Key, number> {
  const sum = new Map<Key, number>();
  for (const parent of parents) {
    for (const [key, count] of countsOf(parent)) sum.set(key, (sum.get(key) ?? 0) + count);
  }
  return sum;
}

const STATE: Readonly<Record<JobState, TableState>> = {
  queued: TableState.QUEUED,
  waiting: TableState.RUNNING,
  running: TableState.RUNNING,
  cancelling: TableState.RUNNING,
  succeeded: TableState.SUCCEEDED,
  failed: TableState.FAILED,
  cancelled: TableState.CANCELLED,
};

export function finished({ state }: { readonly state: TableState }): boolean {
  return state === TableState.SUCCEEDED || state === TableState.FAILED || state === TableState.CANCELLED;
}
