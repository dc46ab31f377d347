/**
 * Result ids (03 §11): one per outcome of one lease. By decision 1 both generations use the form with the lease epoch, so
 * that a new attempt never collides with what an earlier one left behind (02 §12.4).
 */
import type { Lease } from "../protocol/port.ts";

export function resultId(
  lease: Lease,
  ids: { readonly planId: string; readonly groupId: string },
  outcome: "success" | "failure",
): string {
  return [lease.jobId, ids.planId, ids.groupId, lease.leaseEpoch, outcome]
    .map((part) => part.trim())
    .join(":");
}

/** The payload's ids where it has them, else those of the leased task (03 §11). */
export function groupIds(
  task: { readonly planId: string; readonly groupId: string },
  payload: { readonly planId: string; readonly groupId: string } | undefined,
): { readonly planId: string; readonly groupId: string } {
  return {
    planId: firstNonBlank(payload?.planId, task.planId),
    groupId: firstNonBlank(payload?.groupId, task.groupId),
  };
}

function firstNonBlank(preferred: string | undefined, fallback: string): string {
  return preferred === undefined || preferred.trim() === "" ? fallback : preferred;
}
