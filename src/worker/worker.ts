/**
 * The worker process: the lease loop, the jobs that run, and the drain (03 §4, §16, decision 26).
 *
 *   leasing ── drain ──► draining: no new lease, running jobs go on with their heartbeats
 *           draining ── all ended ──► ended
 *                    ── grace over, or hurry ──► handing back: each job is completed as FAILED, retryable
 *       handing back ── all ended, or out of time ──► ended
 *
 * Never CANCELLED: that would end a job for good that another worker can do.
 */

import type { Clock } from "../model/index.ts";
import {
  type ControlPlane,
  FILE_GROUP_EXECUTOR_ID,
  type LeasedJob,
  type LeaseRequest,
} from "../protocol/port.ts";
import type { GroupCapture } from "./capture-port.ts";
import { sendCompletion } from "./completion.ts";
import { failedRetryable } from "./completions.ts";
import type { WorkerEvent } from "./events.ts";
import { runJob } from "./job-run.ts";
import { startLeaseLoop } from "./lease-loop.ts";
import type { JobRunOptions } from "./run.ts";
import type { WorkerSettings } from "./settings.ts";
import { type StageCounts, Stages } from "./stages.ts";
import { leaseTiming } from "./timing.ts";

export interface WorkerOptions {
  readonly controlPlane: ControlPlane;
  readonly capture: GroupCapture;
  readonly clock: Clock;
  /** [0, 1), for jitter. */
  readonly random: () => number;
  readonly settings: WorkerSettings;
  readonly onEvent: (event: WorkerEvent) => void;
  /** First signal: drain. */
  readonly drain: AbortSignal;
  /** Second signal: the grace is over. */
  readonly hurry: AbortSignal;
}

export interface RunningWorker {
  /** Resolves once the drain is over; never rejects. */
  readonly ended: Promise<void>;
  status(): WorkerStatus;
}

export interface WorkerStatus extends StageCounts {
  readonly phase: "leasing" | "draining" | "handing-back" | "ended";
  /** Jobs that hold a lease. */
  readonly jobs: number;
}

export function startWorker(options: WorkerOptions): RunningWorker {
  const { controlPlane, clock, random, settings, onEvent } = options;
  const handBack = new AbortController();
  const cut = new AbortController();
  const stages = new Stages(settings);
  const running = new Set<Promise<unknown>>();
  let phase: WorkerStatus["phase"] = "leasing";

  const shared: JobRunOptions = {
    controlPlane,
    capture: options.capture,
    clock,
    random,
    settings,
    timing: leaseTiming(controlPlane.generation, settings),
    onEvent,
    handBack: handBack.signal,
    cut: cut.signal,
  };
  const request = leaseRequest(settings.instanceId);

  const loop = startLeaseLoop({
    controlPlane,
    clock,
    random,
    request,
    timeoutMs: settings.deadlineMs,
    onEvent,
    room: (signal) => (settings.maxParallelism > 0 ? stages.roomForLease(signal) : never(signal)),
    onJob: (job, leasedAtMs) => {
      const unfit = unfitReason(job, request, options.drain);
      const run =
        unfit === undefined
          ? runJob(job, shared, { ticket: stages.enter(), leasedAtMs })
          : returnJob(job, unfit, shared);
      running.add(run);
      void run.finally(() => {
        running.delete(run);
        loop.wake();
      });
    },
    drain: options.drain,
    cut: cut.signal,
  });

  const allEnded = async () => {
    await loop.ended;
    while (running.size > 0) await Promise.allSettled(running);
  };

  /** Resolves when nothing runs any more, after `ms`, or when the signal aborts. */
  const endedWithin = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const done = new AbortController();
    void allEnded().then(() => done.abort());
    const wake = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
    await clock.sleep(ms, wake).catch(() => {});
  };

  const live = async () => {
    await never(options.drain).catch(() => {});
    phase = "draining";
    onEvent({ type: "draining", unfinished: running.size });
    await endedWithin(settings.drainGraceMs, options.hurry);
    if (running.size > 0) {
      phase = "handing-back";
      onEvent({ type: "handing-back", unfinished: running.size });
      handBack.abort();
      await endedWithin(settings.handBackMs);
    }
    cut.abort();
    await allEnded();
    phase = "ended";
  };

  return {
    ended: live(),
    status: () => ({ phase, jobs: running.size, ...stages.counts() }),
  };
}

/** Decision 6: our own stable identity, and the implementation that pins name (03 §1.1). */
function leaseRequest(instanceId: string): LeaseRequest {
  return { instanceId, executorIds: [instanceId, FILE_GROUP_EXECUTOR_ID] };
}

/** Why a leased job isn't ours to run (03 §1.2, 02 §12.12), or can't be begun any more. */
function unfitReason(job: LeasedJob, request: LeaseRequest, drain: AbortSignal): string | undefined {
  if (job.kind !== "exec-file-group") {
    return `This worker executes file groups and can't run a job of kind ${job.kind}`;
  }
  const pin = job.pinnedExecutorId.trim();
  if (pin !== "" && !request.executorIds.includes(pin)) {
    return `The job is pinned to executor ${pin}, which this worker isn't`;
  }
  if (drain.aborted) return "The worker was shutting down when it leased the job";
  return undefined;
}

/** Gives a job back at once, where the reference lets its lease expire (03 §1.2). */
async function returnJob(job: LeasedJob, reason: string, shared: JobRunOptions): Promise<void> {
  const { clock, settings, timing, onEvent } = shared;
  onEvent({ type: "job-unfit", job, reason });
  const beganMs = clock.monotonicMs();
  const completion = failedRetryable(reason);
  const outcome = await sendCompletion(job, completion, {
    ...shared,
    signal: shared.cut,
    timeoutMs: settings.mutationDeadlineMs,
    retryBudgetMs: timing.leaseMs,
    retryUntilMs: beganMs + timing.leaseMs,
    onRetry: (call, error) => onEvent({ type: "call-retried", job, call, error }),
  }).catch(() => undefined);
  if (outcome?.kind === "answered" && !outcome.accepted) {
    onEvent({ type: "completion-rejected", job, completion });
  }
}

/** Rejects once the signal aborts. With a parallelism of 0 there is never room for a job (03 §2). */
function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
