import { addFinalizer } from "../finalize/finalizer-job.ts";
import {
  type CaptureScope,
  type ExecutionPolicy,
  type Job,
  type JobState,
  NO_COUNTERS,
  type SnapshotIdentity,
} from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";

/** What all jobs of one capture share. */
export interface CaptureRequest {
  readonly accountId: string;
  readonly connectorId: string;
  readonly scope: CaptureScope;
  /** Number of `CaptureMode`. */
  readonly mode: number;
  readonly fullRescan: boolean;
  readonly policy: ExecutionPolicy;
}

/** A snapshot that is to be captured, already divided into groups. */
export interface SnapshotPlan {
  readonly snapshot: SnapshotIdentity;
  /** Paths of each group, in plan order. */
  readonly groups: readonly (readonly string[])[];
}

/** Executor of planning: the control plane itself, so such jobs are pinned away from every worker. */
export const PLANNER_EXECUTOR_ID = "embedded_planner";

/** The PLAN_CONNECTOR job that stands for a capture; `queued` for the planner, or `waiting` if it is planned already. */
export function rootJob(context: ServiceContext, request: CaptureRequest, state: "queued" | "waiting"): Job {
  return planJob(context, request, {
    kind: "plan-connector",
    parentJobId: "",
    state,
    pinnedExecutorId: PLANNER_EXECUTOR_ID,
    laneKey: `plan-connector|${request.connectorId}`,
  });
}

/**
 * Stores the plan of a snapshot below its root, as the jobs of 02 §3.1: the snapshot's job, and one job a group, without its
 * paths, due one after the other so that groups drain in plan order. Answers the snapshot's job, which waits for its groups.
 */
export function storePlan(
  context: ServiceContext,
  root: Job,
  request: CaptureRequest,
  plan: SnapshotPlan,
): Job {
  const { store, engine, generation } = context;
  return store.transaction(() => {
    const { tableId, snapshotId } = plan.snapshot;
    const parent = planJob(context, request, {
      kind: "plan-snapshot",
      parentJobId: root.jobId,
      state: "waiting",
      laneKey: `plan-snapshot|${tableId}|${snapshotId}`,
      snapshot: plan.snapshot,
    });
    engine.save(parent);
    const planned = plan.groups.map((filePaths, index) => ({
      planId: parent.jobId,
      groupId: `snapshot-${snapshotId}-group-${index}`,
      filePaths,
    }));
    store.results.putPlan(parent.jobId, planned);
    planned.forEach(({ planId, groupId }, position) => {
      const job = planJob(context, request, {
        kind: "exec-file-group",
        parentJobId: parent.jobId,
        state: "queued",
        laneKey: `file-group|${tableId}|${snapshotId}|${groupId}`,
        snapshot: plan.snapshot,
        group: { planId, groupId },
      });
      engine.save({ ...job, nextAttemptAtMs: job.createdAtMs + position });
    });
    if (generation === "inline" || planned.length === 0) addFinalizer(context, parent);
    return parent;
  });
}

function planJob(
  context: ServiceContext,
  request: CaptureRequest,
  own: {
    readonly kind: Job["kind"];
    readonly parentJobId: string;
    readonly state: JobState;
    readonly laneKey: string;
    readonly pinnedExecutorId?: string;
    readonly snapshot?: SnapshotIdentity;
    readonly group?: Job["group"];
  },
): Job {
  const nowMs = context.clock.nowMs();
  return {
    jobId: context.newId(),
    accountId: request.accountId,
    message: request.fullRescan ? "Queued (full)" : "Queued",
    startedAtMs: own.state === "waiting" ? nowMs : 0,
    finishedAtMs: 0,
    executorId: "",
    attempt: 0,
    nextAttemptAtMs: nowMs,
    counters: NO_COUNTERS,
    pinnedExecutorId: "",
    policy: request.policy,
    connectorId: request.connectorId,
    mode: request.mode,
    fullRescan: request.fullRescan,
    scope: request.scope,
    createdAtMs: nowMs,
    ...own,
    group: own.group,
    snapshot: own.snapshot,
  };
}
