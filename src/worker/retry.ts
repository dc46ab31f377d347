/**
 * Trying a call again (03 §3.5, §18): at first soon, then in doubling waits, for as long as its rules allow. Never in
 * secret: every further try is told.
 */
import type { Clock } from "../model/index.ts";
import { ControlPlaneError, type ControlPlaneErrorKind } from "../protocol/port.ts";
import { backoffMs, CALL_BACKOFF } from "./backoff.ts";

/** Kinds after which the same call may succeed, whether or not it had an effect. */
const PASSING: ReadonlySet<ControlPlaneErrorKind> = new Set([
  "transport",
  "internal",
  "unauthenticated",
  "overloaded",
  "retryable-abort",
]);

/**
 * True for losses and overload, false for definite answers. What isn't an answer of the control plane at all (say, a token
 * endpoint that can't be reached) is no definite answer either.
 */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ControlPlaneError) || PASSING.has(error.kind);
}

/** Whether the call may have had its effect (03 §3.5, transport failure). */
export function isLoss(error: unknown): boolean {
  if (!(error instanceof ControlPlaneError) || error.status.unsent === true) return false;
  return error.kind === "transport" || error.kind === "internal";
}

export interface Retrying {
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Asked after failure number `failures` ≥ 1. */
  readonly again: (error: unknown, failures: number) => boolean;
  readonly onRetry: (error: unknown) => void;
}

/** The first success, or the error after which there is no further try; rejects with the signal's reason once it aborts. */
export async function withRetries<T>(attempt: () => Promise<T>, retrying: Retrying): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      retrying.signal.throwIfAborted();
      if (!retrying.again(error, failures)) throw error;
      retrying.onRetry(error);
    }
    await retrying.clock.sleep(backoffMs(CALL_BACKOFF, failures, retrying.random), retrying.signal);
  }
}
