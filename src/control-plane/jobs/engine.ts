import type { Clock, Generation } from "../../model/index.ts";
import type { ControlPlaneLimits } from "../settings.ts";
import type { Store } from "../store/index.ts";
import { requestCancel } from "./cancel.ts";
import {
  type Counters,
  countersWithin,
  isCancelRequested,
  isTerminal,
  type Job,
  type Lease,
  mergeCounters,
} from "./job.ts";
import { isLive, isReclaimable, mayEnd, mayRenew } from "./lease-validity.ts";
import { type LeaseFilter, matches, selections } from "./matching.ts";
import { applyOutcome, type Outcome, reclaim } from "./outcome.ts";
import { scanCursors } from "./scan-cursors.ts";

/**
 * Jobs, leases and the queue of 02 §3: the pure rules of this folder applied to the store, one transaction a call. Since
 * nothing is awaited inside, calls don't mix, and the peer's compare-and-set loops have nothing to guard against here.
 */
export interface EngineContext {
  readonly generation: Generation;
  readonly limits: ControlPlaneLimits;
  /** A lease call looks at one page of each index, and goes on behind it at the next call (02 §3.3). */
  readonly pagedScans: boolean;
  readonly store: Store;
  readonly clock: Clock;
  /** Fresh random UUIDs, for lease epochs. */
  readonly newId: () => string;
  /** Told of every job that has changed, after the change is stored. */
  readonly onChange: (job: Job) => void;
  /** Runs in the transaction in which a job ends. */
  readonly onEnded: (job: Job) => void;
}

export interface Progress {
  readonly counters: Counters;
  /** Blank keeps the stored one. */
  readonly message: string;
}

export interface LeasedJob {
  readonly job: Job;
  readonly lease: Lease;
}

export type JobEngine = ReturnType<typeof createJobEngine>;

export function createJobEngine(context: EngineContext) {
  const { generation, limits, store, clock } = context;
  const { jobs, leases } = store;
  let rotation = 0;
  const scans = scanCursors(jobs, context.pagedScans);

  /** Ancestors matter for cancellation in chunked only; inline cancels every descendant itself (02 §3.8). */
  function hasCancelledAncestor(job: Job): boolean {
    if (generation === "inline") return false;
    return ancestors(job).some((ancestor) => isCancelRequested(ancestor.state));
  }

  function ancestors(job: Job): Job[] {
    const found: Job[] = [];
    for (let at = job.parentJobId; at !== "" && found.length < MAX_DEPTH; ) {
      const parent = jobs.get(at);
      if (parent === undefined) break;
      found.push(parent);
      at = parent.parentJobId;
    }
    return found;
  }

  function save(job: Job): Job {
    jobs.put(job);
    context.onChange(job);
    return job;
  }

  /** A job that has ended: its lease goes, and what follows from it happens in the same transaction. */
  function end(job: Job): Job {
    leases.remove(job.jobId);
    save(job);
    if (isTerminal(job.state)) context.onEnded(job);
    return job;
  }

  /** 02 §3.4 steps 1 and 2. */
  function isFree(job: Job, nowMs: number): boolean {
    const held = leases.get(job.jobId);
    if (job.state !== "queued" || (held !== undefined && isLive(held, nowMs))) return false;
    return !isExcluded(job, nowMs);
  }

  /** 02 §3.4 step 3, for a job that is free. */
  function acquire(job: Job, nowMs: number): LeasedJob {
    const lease: Lease = {
      jobId: job.jobId,
      accountId: job.accountId,
      epoch: context.newId(),
      expiresAtMs: nowMs + limits.leaseMs,
    };
    leases.put(lease);
    const running = save({
      ...job,
      state: "running",
      message: "Leased",
      startedAtMs: job.startedAtMs === 0 ? nowMs : job.startedAtMs,
    });
    return { job: running, lease };
  }

  /** Exclusivity claims (02 §3.4 step 2): file groups of a snapshot run in parallel; inline keeps two of one group apart. */
  function isExcluded(job: Job, nowMs: number): boolean {
    const byLane =
      generation === "inline" || (job.kind !== "exec-file-group" && job.kind !== "plan-snapshot");
    if (byLane && job.laneKey !== "" && jobs.laneHeld(job, nowMs)) return true;
    return job.kind === "plan-snapshot" && jobs.snapshotHeld(job, nowMs);
  }

  return {
    hasCancelledAncestor,
    save,

    /** LeaseReconcileJob (02 §3.2–3.4): the first job, in the order of its indexes, that matches and can be had. */
    lease(filter: LeaseFilter): LeasedJob | undefined {
      return store.transaction(() => {
        const nowMs = clock.nowMs();
        const unpinnedOnly = generation === "chunked";
        for (const selection of selections(filter, rotation++)) {
          const found = firstOf(scans.read(selection, filter, { nowMs, unpinnedOnly }), (job) => {
            return matches(job, filter) && !hasCancelledAncestor(job) && isFree(job, nowMs);
          });
          if (found !== undefined) return acquire(found, nowMs);
        }
        return undefined;
      });
    },

    /** Leases one job by id, for the executors inside the control plane. */
    leaseJob(jobId: string): LeasedJob | undefined {
      return store.transaction(() => {
        const nowMs = clock.nowMs();
        const job = jobs.get(jobId);
        if (job === undefined || job.nextAttemptAtMs > nowMs || hasCancelledAncestor(job)) return undefined;
        return isFree(job, nowMs) ? acquire(job, nowMs) : undefined;
      });
    },

    /** 02 §4.3. */
    renew(jobId: string, epoch: string): boolean {
      return store.transaction(() => {
        const nowMs = clock.nowMs();
        const lease = leases.get(jobId);
        if (!mayRenew(lease, epoch, nowMs, context)) return false;
        leases.put({ ...lease, expiresAtMs: nowMs + limits.leaseMs });
        return true;
      });
    },

    /** The flag of Renew, Progress and GetReconcileCancellation (02 §4.3, §4.5); false for an unknown job. */
    cancellationRequested(jobId: string): boolean {
      const job = jobs.get(jobId);
      return job !== undefined && (isCancelRequested(job.state) || hasCancelledAncestor(job));
    },

    /** 02 §4.2: a bad lease is a silent no-op. */
    start(jobId: string, epoch: string, executorId: string): void {
      store.transaction(() => {
        const nowMs = clock.nowMs();
        const job = runningUnder(jobId, epoch, nowMs);
        if (job === undefined) return;
        save({
          ...job,
          message: "Running",
          executorId,
          startedAtMs: job.startedAtMs === 0 ? nowMs : job.startedAtMs,
        });
      });
    },

    /** 02 §4.4, after a successful renew: nothing is stored unless the job is running. */
    storeProgress(jobId: string, epoch: string, progress: Progress): void {
      store.transaction(() => {
        const job = runningUnder(jobId, epoch, clock.nowMs());
        if (job === undefined) return;
        save({
          ...job,
          counters: mergeCounters(job.counters, progress.counters),
          message: progress.message.trim() === "" ? job.message : progress.message,
        });
      });
    },

    runningUnder,

    /** 02 §4.8. */
    complete(jobId: string, epoch: string, outcome: Outcome): boolean {
      return store.transaction(() => {
        const job = jobs.get(jobId);
        if (job === undefined) return false;
        if (job.state === "succeeded" && outcome.kind === "succeeded" && generation === "chunked") {
          return countersWithin(outcome.counters, job.counters);
        }
        if (job.state !== "running" && job.state !== "cancelling") return false;
        const nowMs = clock.nowMs();
        if (!mayEnd(leases.get(jobId), epoch, outcome.kind, nowMs, context)) return false;
        const ancestorCancelled = hasCancelledAncestor(job);
        end(applyOutcome(job, outcome, { nowMs, limits, ancestorCancelled }));
        return true;
      });
    },

    /** Cancels one job; inline also everything below it, at once (02 §3.8). */
    cancel(jobId: string, reason: string): Job | undefined {
      return store.transaction(() => {
        const job = jobs.get(jobId);
        if (job === undefined) return undefined;
        const cancelled = cancelOne(job, reason);
        if (generation === "inline") cancelBelow(cancelled, reason);
        return cancelled;
      });
    },

    cancelBelow,

    /** 02 §3.5: gives abandoned jobs back to the queue. */
    reclaimExpired(): void {
      store.transaction(() => {
        const nowMs = clock.nowMs();
        for (const lease of leases.expiredBefore(nowMs - limits.leaseRenewGraceMs)) {
          if (!isReclaimable(lease, nowMs, context)) continue;
          leases.remove(lease.jobId);
          const job = jobs.get(lease.jobId);
          const reclaimed = job && reclaim(job, { nowMs, limits });
          if (reclaimed !== undefined) end(reclaimed);
        }
      });
    },

    /** Chunked maintenance (02 §3.8): descendants of a cancelled job that nobody holds a live lease on. */
    cancelOrphans(): void {
      if (generation === "inline") return;
      store.transaction(() => {
        const nowMs = clock.nowMs();
        // Level by level: what is ended here may have children of its own.
        for (let ended = 1; ended > 0; ) {
          ended = 0;
          for (const job of jobs.belowCancelled()) {
            const lease = leases.get(job.jobId);
            if (lease !== undefined && isLive(lease, nowMs)) continue;
            const cause = jobs.get(job.parentJobId)?.message || "Cancelled";
            end({ ...job, state: "cancelled", message: cause, finishedAtMs: nowMs });
            ended++;
          }
        }
      });
    },
  };

  /** The job, if this epoch still holds a live lease on it and it is running. */
  function runningUnder(jobId: string, epoch: string, nowMs: number): Job | undefined {
    const lease = leases.get(jobId);
    if (lease === undefined || lease.epoch !== epoch || !isLive(lease, nowMs)) return undefined;
    const job = jobs.get(jobId);
    return job?.state === "running" ? job : undefined;
  }

  function cancelOne(job: Job, reason: string): Job {
    const lease = leases.get(job.jobId);
    const result = requestCancel(job, lease, reason, { nowMs: clock.nowMs(), limits });
    if (result.job === job) return job;
    if (isTerminal(result.job.state)) return end(result.job);
    if (result.lease !== undefined) leases.put(result.lease);
    return save(result.job);
  }

  function cancelBelow(job: Job, reason: string): void {
    for (const child of jobs.children(job.jobId)) {
      cancelOne(child, reason);
      cancelBelow(child, reason);
    }
  }
}

/** Longer chains of parents don't occur; a damaged one must not loop. */
const MAX_DEPTH = 16;

/** The first value that fits; the rest isn't read. */
function firstOf<T>(values: Iterable<T>, fits: (value: T) => boolean): T | undefined {
  for (const value of values) if (fits(value)) return value;
  return undefined;
}
