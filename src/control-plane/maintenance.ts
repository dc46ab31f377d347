import type { StoreSettings } from "../storage/index.ts";
import { finalizeSnapshot } from "./finalize/finalize-snapshot.ts";
import { FINALIZER_EXECUTOR_ID } from "./finalize/finalizer-job.ts";
import { groupsAreDecided } from "./finalize/settle.ts";
import { runPlanners } from "./plan/plan-capture.ts";
import type { ServiceContext } from "./service.ts";
import { rescanPublication } from "./submit/chunked-success.ts";

/**
 * What happens without a call (02 §2, §3.5): reclaiming leases, ending orphans of cancelled plans, running finalizers, forgetting
 * idempotency records, finished jobs and blobs that nothing speaks of. `tick` does what is due by the clock; the server calls it on its rhythm.
 */
export interface Maintenance {
  tick(): Promise<void>;
  /** Reclaims expired leases, if the interval since the last time is over. */
  reclaimIfDue(): void;
  /** Runs planners and finalizers that are due, even where they are left alone otherwise. */
  runExecutors(): Promise<void>;
  /** What a change of a job may have made due. */
  afterChange(): Promise<void>;
}

const BLOBS_PER_SWEEP = 1000;

/** How often descendants of cancelled jobs are looked for (02 §3.8). */
const ORPHAN_INTERVAL_MS = 5000;

export function createMaintenance(
  context: ServiceContext,
  options: {
    readonly runExecutors: boolean;
    /** Where the planner may read. */
    readonly store: StoreSettings;
    readonly signal: AbortSignal;
  },
): Maintenance {
  const { engine, store, clock, limits } = context;
  const every = (intervalMs: number, work: () => void) => {
    let doneAtMs = clock.nowMs();
    return () => {
      if (clock.nowMs() - doneAtMs < intervalMs) return;
      work();
      doneAtMs = clock.nowMs();
    };
  };
  let finalizing: Promise<void> | undefined;
  let again = false;

  async function finalizeDue(): Promise<void> {
    const nowMs = clock.nowMs();
    const selection = { by: "pin", executorId: FINALIZER_EXECUTOR_ID } as const;
    for (const { jobId, parentJobId } of [...store.jobs.queued(selection, { nowMs, unpinnedOnly: false })]) {
      // Not leased in vain while inline's groups are still worked on.
      if (!groupsAreDecided(context, parentJobId)) continue;
      const leased = engine.leaseJob(jobId);
      if (leased === undefined) continue;
      const { job, lease } = leased;
      engine.start(job.jobId, lease.epoch, FINALIZER_EXECUTOR_ID);
      engine.complete(job.jobId, lease.epoch, await finalizeSnapshot(context, job));
    }
  }

  async function runExecutors(): Promise<void> {
    again = true;
    finalizing ??= (async () => {
      try {
        while (again) {
          again = false;
          await runPlanners(context, options);
          await finalizeDue();
        }
      } finally {
        finalizing = undefined;
      }
    })();
    await finalizing;
  }

  const reclaimIfDue = every(limits.reclaimIntervalMs, () => engine.reclaimExpired());
  const steps = [
    reclaimIfDue,
    every(ORPHAN_INTERVAL_MS, () => engine.cancelOrphans()),
    every(limits.idempotencyGcMs, () => {
      store.idempotency.removeExpired(clock.nowMs());
    }),
    every(limits.idempotencyGcMs, () => removeFinished(context)),
  ];
  let blobsSweptAtMs = clock.nowMs();

  async function sweepBlobs(): Promise<void> {
    if (clock.nowMs() - blobsSweptAtMs < limits.idempotencyGcMs) return;
    blobsSweptAtMs = clock.nowMs();
    const before = clock.nowMs() - limits.idempotencyTtlMs;
    for (const key of store.blobs.unreferenced(before, BLOBS_PER_SWEEP)) await store.blobs.remove(key);
  }

  return {
    async tick() {
      for (const step of steps) step();
      await sweepBlobs();
      if (options.runExecutors) await runExecutors();
    },
    reclaimIfDue,
    runExecutors,
    async afterChange() {
      if (options.runExecutors) await runExecutors();
    },
  };
}

/** Trees of jobs go together, once the root has been finished for long enough; statistics and sidecars stay. */
function removeFinished({ store, clock, limits }: ServiceContext): void {
  const before = clock.nowMs() - limits.finishedJobRetentionMs;
  for (const rootId of store.jobs.finishedRootsBefore(before)) {
    store.transaction(() => removeTree(rootId));
  }

  function removeTree(jobId: string): void {
    for (const child of store.jobs.children(jobId)) removeTree(child.jobId);
    store.results.remove(jobId);
    store.statistics.removePublication(rescanPublication(jobId));
    store.leases.remove(jobId);
    store.jobs.remove(jobId);
  }
}
