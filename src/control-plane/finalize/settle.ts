import { isCancelRequested, isTerminal, type Job, type JobState } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import { judgeChildren } from "./child-state.ts";
import { addFinalizer, finalizerOf } from "./finalizer-job.ts";

/**
 * What follows from the end of a job, in the same transaction: the finalizer once every group has succeeded (02 §3.7), the end of
 * the parents that were waiting for it. A plan that failed or was cancelled takes its children along.
 */
export function settle(context: ServiceContext, ended: Job): void {
  const parent = context.store.jobs.get(ended.parentJobId);
  if (
    ended.kind !== "exec-file-group" &&
    ended.kind !== "finalize-snapshot-capture" &&
    ended.state !== "succeeded"
  ) {
    if (context.generation === "inline") context.engine.cancelBelow(ended, ended.message);
  }
  if (parent === undefined || isTerminal(parent.state)) return;
  switch (ended.kind) {
    case "exec-file-group":
      settleGroup(context, parent);
      return;
    case "finalize-snapshot-capture":
      end(context, parent, ended.state, ended.message);
      return;
    case "plan-snapshot":
      settleRoot(context, parent);
      return;
    default:
      return;
  }
}

function settleGroup(context: ServiceContext, parent: Job): void {
  const { store, generation, engine } = context;
  // The usual case, and it must cost the same however many groups there are.
  if (!groupsAreDecided(context, parent.jobId)) return;
  const finalizer = finalizerOf(context, parent.jobId);
  if (generation === "inline") {
    // Instead of letting it poll: its turn has come.
    if (finalizer?.state === "queued") engine.save({ ...finalizer, nextAttemptAtMs: context.clock.nowMs() });
    return;
  }
  if (finalizer !== undefined || unfinishedGroups(context, parent.jobId)) return;
  const { results } = store;
  const jobs = store.jobs.children(parent.jobId).filter((child) => child.kind === "exec-file-group");
  const plan = results.plan(parent.jobId);
  if (allSucceeded(jobs, plan.length)) {
    const cancelled = isCancelRequested(parent.state) || engine.hasCancelledAncestor(parent);
    if (!cancelled) addFinalizer(context, parent);
    return;
  }
  // No finalizer will come to say so.
  const verdict = judgeChildren({ plan, jobs, resultsOf: results.results }, "inline");
  const message = verdict.kind === "failed" ? verdict.message : "Cancelled";
  end(context, parent, verdict.kind === "failed" ? "failed" : "cancelled", message);
}

/** Whether a finalizer would find more than groups to wait for. */
export function groupsAreDecided(context: Pick<ServiceContext, "store">, parentJobId: string): boolean {
  const failed = context.store.jobs.hasChild(parentJobId, "exec-file-group", ["failed"]);
  return failed || !unfinishedGroups(context, parentJobId);
}

function unfinishedGroups({ store }: Pick<ServiceContext, "store">, parentJobId: string): boolean {
  return store.jobs.hasChild(parentJobId, "exec-file-group", ["queued", "running", "waiting", "cancelling"]);
}

/** Every planned group has exactly one job, and it succeeded. */
function allSucceeded(jobs: readonly Job[], plannedCount: number): boolean {
  const groups = new Set(jobs.map((job) => JSON.stringify(job.group)));
  return (
    jobs.length === plannedCount &&
    groups.size === plannedCount &&
    jobs.every((job) => job.state === "succeeded")
  );
}

/** A root ends with the last of its snapshots: badly if one of them did. */
function settleRoot(context: ServiceContext, root: Job): void {
  const snapshots = context.store.jobs.children(root.jobId).filter((child) => child.kind === "plan-snapshot");
  if (root.state !== "waiting" || !snapshots.every((snapshot) => isTerminal(snapshot.state))) return;
  const worst =
    snapshots.find((snapshot) => snapshot.state === "failed") ??
    snapshots.find((snapshot) => snapshot.state === "cancelled");
  end(context, root, worst?.state ?? "succeeded", worst?.message ?? "");
}

function end(context: ServiceContext, job: Job, state: JobState, message: string): void {
  const text = state === "succeeded" ? "Succeeded" : message;
  const ended: Job = { ...job, state, message: text, finishedAtMs: context.clock.nowMs() };
  context.engine.save(ended);
  settle(context, ended);
}
