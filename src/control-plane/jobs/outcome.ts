import type { ControlPlaneLimits } from "../settings.ts";
import { backoffMs } from "./backoff.ts";
import { type Counters, type Job, mergeCounters } from "./job.ts";

/** What Complete asks for, and what it does to a job (02 §3.7). */
export interface Outcome {
  readonly kind: "succeeded" | "failed-retryable" | "failed-terminal" | "waiting-on-dependency" | "cancelled";
  readonly message: string;
  readonly counters: Counters;
}

/** Numbers of `ReconcileCompletionState`, `…RetryDisposition` and `…RetryClass` (01 §4.1). */
const RCS = { succeeded: 1, failed: 2, cancelled: 3 } as const;
const RFRD = { retryable: 1, terminal: 2 } as const;
const RFRC_DEPENDENCY_NOT_READY = 2;

/** Undefined: the state is unspecified or unknown, which Complete refuses. */
export function outcomeKind(
  state: number,
  disposition: number,
  retryClass: number,
): Outcome["kind"] | undefined {
  switch (state) {
    case RCS.succeeded:
      return "succeeded";
    case RCS.cancelled:
      return "cancelled";
    case RCS.failed:
      if (disposition === RFRD.terminal) return "failed-terminal";
      if (disposition === RFRD.retryable && retryClass === RFRC_DEPENDENCY_NOT_READY) {
        return "waiting-on-dependency";
      }
      return "failed-retryable";
    default:
      return undefined;
  }
}

export interface OutcomeContext {
  readonly nowMs: number;
  readonly limits: Pick<ControlPlaneLimits, "maxAttempts" | "baseBackoffMs" | "maxBackoffMs">;
  /** Chunked: an ancestor is cancelling or cancelled. Always false in inline. */
  readonly ancestorCancelled: boolean;
}

/** The job after its lease's outcome, which is known to be valid. The lease goes with every accepted outcome (02 §3.5). */
export function applyOutcome(job: Job, outcome: Outcome, context: OutcomeContext): Job {
  const counters = mergeCounters(job.counters, outcome.counters);
  if (job.state === "cancelling" && outcome.kind !== "cancelled") {
    return cancelled(job, job.message, counters, context.nowMs);
  }
  switch (outcome.kind) {
    case "succeeded":
      return {
        ...job,
        state: "succeeded",
        message: "Succeeded",
        counters: { ...counters, errors: 0n },
        finishedAtMs: context.nowMs,
      };
    case "cancelled":
      return cancelled(job, outcome.message, counters, context.nowMs);
    case "failed-terminal":
      return failed({ ...job, counters }, outcome.message, context.nowMs);
    case "failed-retryable":
      if (context.ancestorCancelled) return cancelled(job, outcome.message, counters, context.nowMs);
      if (job.attempt + 1 >= context.limits.maxAttempts) {
        return failed({ ...job, counters }, outcome.message, context.nowMs);
      }
      return requeued(
        { ...job, counters, attempt: job.attempt + 1 },
        outcome.message,
        context.nowMs + backoffMs(job.attempt + 1, context.limits),
      );
    case "waiting-on-dependency":
      return requeued({ ...job, counters }, outcome.message, context.nowMs + context.limits.baseBackoffMs);
  }
}

function cancelled(job: Job, message: string, counters: Counters, nowMs: number): Job {
  return {
    ...job,
    state: "cancelled",
    message: message.trim() === "" ? "Cancelled" : message,
    counters,
    finishedAtMs: nowMs,
  };
}

function failed(job: Job, message: string, nowMs: number): Job {
  return { ...job, state: "failed", message, attempt: job.attempt + 1, finishedAtMs: nowMs };
}

function requeued(job: Job, message: string, dueMs: number): Job {
  return { ...job, state: "queued", message, executorId: "", finishedAtMs: 0, nextAttemptAtMs: dueMs };
}

/** An abandoned job after its lease was reclaimed (02 §3.5); undefined for states that have nothing to lose. */
export function reclaim(job: Job, context: Omit<OutcomeContext, "ancestorCancelled">): Job | undefined {
  if (job.state === "cancelling") {
    const message = job.message.trim() === "" ? "Cancelled after lease expiry" : job.message;
    return cancelled(job, message, job.counters, context.nowMs);
  }
  if (job.state !== "running") return undefined;
  const abandoned = { ...job, executorId: "" };
  if (job.attempt + 1 >= context.limits.maxAttempts) {
    return failed(abandoned, "Lease expired repeatedly; failed", context.nowMs);
  }
  return requeued(
    { ...abandoned, attempt: job.attempt + 1 },
    "Lease expired; requeued",
    context.nowMs + backoffMs(job.attempt + 1, context.limits),
  );
}
