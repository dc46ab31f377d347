import type { Generation } from "../../model/index.ts";
import type { ControlPlaneLimits } from "../settings.ts";
import type { Lease } from "./job.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Which operation a lease still allows (02 §3.6). The epoch must match in every case. The generations differ once a lease
 * has run out: inline lets it be revived within the grace, chunked never revives it, but takes an ending until it is
 * reclaimed.
 */
export interface LeaseRules {
  readonly generation: Generation;
  readonly limits: Pick<ControlPlaneLimits, "leaseRenewGraceMs">;
}

/** A lease is live while `expires_at > now` (02 §3.5). */
export function isLive(lease: Lease, nowMs: number): boolean {
  return lease.expiresAtMs > nowMs;
}

function withinGrace(lease: Lease, nowMs: number, rules: LeaseRules): boolean {
  return nowMs - lease.expiresAtMs <= rules.limits.leaseRenewGraceMs;
}

/** Renew, Progress, Get…Execution and Submit all begin with this. The job's state isn't looked at. */
export function mayRenew(
  lease: Lease | undefined,
  epoch: string,
  nowMs: number,
  rules: LeaseRules,
): lease is Lease {
  if (lease === undefined || lease.epoch !== epoch) return false;
  return isLive(lease, nowMs) || (rules.generation === "inline" && withinGrace(lease, nowMs, rules));
}

/** Complete, by its outcome. */
export function mayEnd(
  lease: Lease | undefined,
  epoch: string,
  outcome: Outcome["kind"],
  nowMs: number,
  rules: LeaseRules,
): lease is Lease {
  if (lease === undefined || lease.epoch !== epoch) return false;
  if (isLive(lease, nowMs)) return true;
  switch (outcome) {
    case "failed-retryable":
    case "waiting-on-dependency":
      return false;
    case "succeeded":
    case "failed-terminal":
    case "cancelled":
      return rules.generation === "chunked" || withinGrace(lease, nowMs, rules);
  }
}

/** Reclaimed once the grace is over, in both generations (02 §3.5). */
export function isReclaimable(lease: Lease, nowMs: number, rules: LeaseRules): boolean {
  return nowMs - lease.expiresAtMs > rules.limits.leaseRenewGraceMs;
}
