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

/** A snapshot that is to be captured, already divided into groups. */
export interface SnapshotPlan {
  readonly accountId: string;
  readonly connectorId: string;
  readonly snapshot: SnapshotIdentity;
  /** Paths of each group, in plan order. */
  readonly groups: readonly (readonly string[])[];
  readonly scope: CaptureScope;
  /** Number of `CaptureMode`. */
  readonly mode: number;
  readonly fullRescan: boolean;
  readonly policy: ExecutionPolicy;
}

export interface StoredPlan {
  /** The job that stands for the table. */
  readonly root: Job;
  /** The PLAN_SNAPSHOT job, whose children the groups are. */
  readonly parent: Job;
}

/**
 * Stores a plan as the jobs of 02 §3.1: a root, the snapshot's job, one job a group, without its paths, due one after the other
 * so that groups drain in plan order. Root and snapshot wait until their children have ended.
 */
export function storePlan(context: ServiceContext, plan: SnapshotPlan): StoredPlan {
  const { store, engine, generation } = context;
  return store.transaction(() => {
    const { tableId, snapshotId } = plan.snapshot;
    const root = planJob(context, plan, {
      kind: "plan-connector",
      parentJobId: "",
      state: "waiting",
      laneKey: `plan-connector|${plan.connectorId}`,
    });
    const parent = planJob(context, plan, {
      kind: "plan-snapshot",
      parentJobId: root.jobId,
      state: "waiting",
      laneKey: `plan-snapshot|${tableId}|${snapshotId}`,
      snapshot: plan.snapshot,
    });
    engine.save(root);
    engine.save(parent);
    const planned = plan.groups.map((filePaths, index) => ({
      planId: parent.jobId,
      groupId: `snapshot-${snapshotId}-group-${index}`,
      filePaths,
    }));
    store.results.putPlan(parent.jobId, planned);
    planned.forEach(({ planId, groupId }, position) => {
      const job = planJob(context, plan, {
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
    return { root, parent };
  });
}

function planJob(
  context: ServiceContext,
  plan: SnapshotPlan,
  own: {
    readonly kind: Job["kind"];
    readonly parentJobId: string;
    readonly state: JobState;
    readonly laneKey: string;
    readonly snapshot?: SnapshotIdentity;
    readonly group?: Job["group"];
  },
): Job {
  const nowMs = context.clock.nowMs();
  return {
    jobId: context.newId(),
    accountId: plan.accountId,
    message: plan.fullRescan ? "Queued (full)" : "Queued",
    startedAtMs: own.state === "waiting" ? nowMs : 0,
    finishedAtMs: 0,
    executorId: "",
    attempt: 0,
    nextAttemptAtMs: nowMs,
    counters: NO_COUNTERS,
    pinnedExecutorId: "",
    policy: plan.policy,
    connectorId: plan.connectorId,
    mode: plan.mode,
    fullRescan: plan.fullRescan,
    scope: plan.scope,
    createdAtMs: nowMs,
    ...own,
    group: own.group,
    snapshot: own.snapshot,
  };
}
