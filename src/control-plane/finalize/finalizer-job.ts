import type { Job } from "../jobs/index.ts";
import { NO_COUNTERS } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";

/** Finalizers are run by the control plane itself, so they are pinned away from every worker. */
export const FINALIZER_EXECUTOR_ID = "embedded_snapshot_finalizer";

/** Puts the finalizer of a snapshot's job in the queue (02 §3.7): once. */
export function addFinalizer(context: ServiceContext, parent: Job): void {
  const { engine, store, clock, generation } = context;
  const { snapshot } = parent;
  if (snapshot === undefined || finalizerOf(context, parent.jobId) !== undefined) return;
  const nowMs = clock.nowMs();
  engine.save({
    jobId: context.newId(),
    accountId: parent.accountId,
    parentJobId: parent.jobId,
    kind: "finalize-snapshot-capture",
    state: "queued",
    message: parent.fullRescan ? "Queued (full)" : "Queued",
    startedAtMs: 0,
    finishedAtMs: 0,
    executorId: "",
    attempt: 0,
    // Behind its siblings in listings, though it was made with them in inline.
    nextAttemptAtMs:
      generation === "inline" ? nowMs + store.results.planSize(parent.jobId).groupCount : nowMs,
    counters: NO_COUNTERS,
    pinnedExecutorId: FINALIZER_EXECUTOR_ID,
    policy: parent.policy,
    laneKey: `finalize-snapshot-capture|${snapshot.tableId}|${snapshot.snapshotId}`,
    connectorId: parent.connectorId,
    mode: parent.mode,
    fullRescan: parent.fullRescan,
    scope: parent.scope,
    group: undefined,
    snapshot,
    createdAtMs: nowMs,
  });
}

export function finalizerOf({ store }: Pick<ServiceContext, "store">, parentJobId: string): Job | undefined {
  return store.jobs.child(parentJobId, "finalize-snapshot-capture");
}
