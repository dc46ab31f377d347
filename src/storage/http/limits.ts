import type { StoreLimits } from "../settings.ts";

/** Effective limits of the stores of one thread. */
export interface HttpLimits {
  /** Enough to hide 80 ms of latency for files of a few MiB, few enough for a server not to throttle one worker. */
  readonly concurrentRequests: number;
  readonly attempts: number;
  readonly idleMs: number;
  readonly requestMs: number;
  /** Held of bytes that were fetched ahead. */
  readonly readAheadBytes: number;
}

export function httpLimits(limits: StoreLimits = {}): HttpLimits {
  return {
    concurrentRequests: limits.concurrentRequests ?? 32,
    attempts: limits.attempts ?? 6,
    idleMs: limits.idleMs ?? 20_000,
    requestMs: limits.requestMs ?? 120_000,
    readAheadBytes: limits.readAheadBytes ?? 24 * 1024 * 1024,
  };
}
