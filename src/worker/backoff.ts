/**
 * Waits between tries: doubling from a first wait to a cap, each spread over its upper half so that a fleet doesn't act in
 * step. Times are passed in, nothing here sleeps.
 */
export interface BackoffSettings {
  readonly firstMs: number;
  readonly capMs: number;
}

/** Wait before try number `failures` + 1, for `failures` ≥ 1; `random` gives [0, 1). */
export function backoffMs(settings: BackoffSettings, failures: number, random: () => number): number {
  const fullMs = Math.min(settings.capMs, settings.firstMs * 2 ** Math.min(30, failures - 1));
  return fullMs * (0.5 + random() / 2);
}

/** Between tries of a call about a job. */
export const CALL_BACKOFF: BackoffSettings = { firstMs: 100, capMs: 5000 };

/** Between lease calls while none finds a job (decision 5). */
export const IDLE_BACKOFF: BackoffSettings = { firstMs: 50, capMs: 1000 };
