/**
 * The times that follow from the lease time (03 §5.1), in integer milliseconds. Decision 3 adds that a renew is never
 * further away than a third of the lease, which changes leases shorter than 6 s.
 */
import type { Generation } from "../model/index.ts";

export interface LeaseTiming {
  /** How long the server grants a lease; never sent on the wire, so both sides must be set alike. */
  readonly leaseMs: number;
  /** Period of the heartbeat. */
  readonly heartbeatMs: number;
  /** Deadline of one renew: below the period, so that a hung call costs one beat and not the lease. */
  readonly heartbeatTimeoutMs: number;
  /** Least time between two questions for the cancel flag. */
  readonly cancelCheckMs: number;
  /** Age of the last confirmation beyond which the lease has probably expired. */
  readonly thresholdMs: number;
}

const DEFAULT_LEASE_MS: Record<Generation, number> = { inline: 30_000, chunked: 120_000 };

export function leaseTiming(
  generation: Generation,
  settings: { readonly leaseMs?: number | undefined; readonly heartbeatMs?: number | undefined },
): LeaseTiming {
  const leaseMs = Math.max(1000, Math.trunc(settings.leaseMs ?? DEFAULT_LEASE_MS[generation]));
  const thirdMs = Math.trunc(leaseMs / 3);
  const wantedMs = Math.max(
    1000,
    Math.trunc(settings.heartbeatMs ?? defaultHeartbeatMs(generation, leaseMs)),
  );
  const heartbeatMs = Math.min(wantedMs, thirdMs);
  const marginMs = Math.max(1000, Math.min(2 * heartbeatMs, Math.max(1000, thirdMs)));
  return {
    leaseMs,
    heartbeatMs,
    heartbeatTimeoutMs: Math.trunc((heartbeatMs * 3) / 4),
    cancelCheckMs: Math.max(500, Math.trunc(heartbeatMs / 2)),
    thresholdMs: Math.max(1000, leaseMs - marginMs),
  };
}

function defaultHeartbeatMs(generation: Generation, leaseMs: number): number {
  const share = generation === "inline" ? Math.trunc(leaseMs / 3) : Math.min(10_000, Math.trunc(leaseMs / 4));
  return Math.max(2000, share);
}
