import { type Clock, TransientReadError } from "../../model/index.ts";

/** A failure that waiting mends, as the server says: its own wait counts. */
export class ThrottledError extends TransientReadError {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RetryOptions {
  readonly attempts: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 100;
const FIRST_THROTTLED_WAIT_MS = 500;
const MAX_WAIT_MS = 20_000;

/**
 * Tries again what fails in passing (`TransientReadError`), with waits that double and are dealt out at random between half
 * and all of it. `attempt` tells whether it has got further than before: then the count begins anew, so that a long read over
 * a bad line ends.
 */
export async function withRetries<T>(
  attempt: (progress: { made: boolean }) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    options.signal.throwIfAborted();
    const progress = { made: false };
    try {
      return await attempt(progress);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof TransientReadError)) throw error;
      if (progress.made) failures = 1;
      if (failures >= options.attempts) throw error;
      await options.clock.sleep(waitMs(error, failures, options.random), options.signal);
    }
  }
}

function waitMs(error: TransientReadError, failures: number, random: () => number): number {
  const throttled = error instanceof ThrottledError;
  const first = throttled ? FIRST_THROTTLED_WAIT_MS : FIRST_WAIT_MS;
  const most = Math.min(MAX_WAIT_MS, first * 2 ** (failures - 1));
  const jittered = most / 2 + (most / 2) * random();
  const asked = throttled ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(jittered, Math.min(asked, MAX_WAIT_MS));
}

/** `Retry-After` in its seconds form. */
export function retryAfterMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
