import type { ControlPlaneLimits } from "../settings.ts";

/** 02 §3.7: 500, 1000, 2000 … 30000 ms, without jitter. */
export function backoffMs(
  attempt: number,
  limits: Pick<ControlPlaneLimits, "baseBackoffMs" | "maxBackoffMs">,
): number {
  const doublings = Math.min(8, Math.max(0, attempt - 1));
  return Math.min(limits.maxBackoffMs, limits.baseBackoffMs * 2 ** doublings);
}
