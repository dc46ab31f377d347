import { TableState } from "../gen/admin_pb.ts";
import { isTerminal, type Job, type JobState } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import { FILE_STATE } from "../store/index.ts";

/** How an enqueued table is getting on, counted over the jobs below its root. */
export type TableStatus = NonNullable<ReturnType<typeof tableStatus>>;

export function tableStatus(context: ServiceContext, jobId: string) {
  const { store } = context;
  const root = store.jobs.get(jobId);
  if (root === undefined) return undefined;
  const parents = store.jobs.children(jobId).filter((child) => child.kind === "plan-snapshot");
  const groups = parents.flatMap((parent) =>
    store.jobs.children(parent.jobId).filter((child) => child.kind === "exec-file-group"),
  );
  const plans = parents.flatMap((parent) => store.results.plan(parent.jobId));
  const results = groups.flatMap((group) => store.results.results(group.jobId) ?? []);
  const count = (state: number) => results.filter((result) => result.state === state).length;
  return {
    jobId,
    state: STATE[stateOf(root, groups)],
    message: root.message,
    groupCount: plans.length,
    groupsFinished: groups.filter((group) => isTerminal(group.state)).length,
    groupsFailed: groups.filter((group) => group.state === "failed" || group.state === "cancelled").length,
    fileCount: plans.reduce((sum, plan) => sum + plan.filePaths.length, 0),
    filesFinished: count(FILE_STATE.succeeded),
    filesFailed: count(FILE_STATE.failed),
  };
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

/** A root that waits counts as queued until a group of it has been leased. */
function stateOf(root: Job, groups: readonly Job[]): JobState {
  const untouched = groups.every((group) => group.state === "queued" && group.startedAtMs === 0);
  return root.state === "waiting" && groups.length > 0 && untouched ? "queued" : root.state;
}

export function finished({ state }: { readonly state: TableState }): boolean {
  return state === TableState.SUCCEEDED || state === TableState.FAILED || state === TableState.CANCELLED;
}
