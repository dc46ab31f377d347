import type { ControlPlaneLimits } from "../settings.ts";
import { isTerminal, type Job, type Lease } from "./job.ts";

/** A cancel request (02 §3.8): the job and its lease afterwards. */
export interface CancelResult {
  readonly job: Job;
  readonly lease: Lease | undefined;
}

/**
 * A job that nobody works on is cancelled at once. A running one becomes cancelling and its lease is cut short, so that its
 * worker learns of it soon; a renew in time restores the whole lease. The first reason stays.
 */
export function requestCancel(
  job: Job,
  lease: Lease | undefined,
  reason: string,
  context: { readonly nowMs: number; readonly limits: Pick<ControlPlaneLimits, "cancelPokeMs"> },
): CancelResult {
  const { nowMs, limits } = context;
  if (isTerminal(job.state) || job.state === "cancelling") return { job, lease };
  const given = reason.trim() !== "";
  if (job.state === "running") {
    return {
      job: { ...job, state: "cancelling", message: given ? reason : "Cancelling" },
      lease: lease && {
        ...lease,
        expiresAtMs: Math.min(Math.max(nowMs, lease.expiresAtMs), nowMs + limits.cancelPokeMs),
      },
    };
  }
  return {
    job: { ...job, state: "cancelled", message: given ? reason : "Cancelled", finishedAtMs: nowMs },
    lease: undefined,
  };
}
