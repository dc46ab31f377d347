import type { Clock } from "../../model/index.ts";
import { textStatus } from "../errors/index.ts";
import type { Call } from "../grpc/index.ts";
import type { ControlPlaneLimits } from "../settings.ts";

/**
 * How many lease scans run at a time, and how long one may take (02 §3.3, chunked). A scan here takes no time worth
 * speaking of, so the limits show only where a test holds scans up with `beforeScan`.
 */
export interface ScanAdmission {
  scan<T>(work: () => T, call: Pick<Call, "signal" | "timeoutMs">): Promise<T>;
}

export interface ScanAdmissionOptions {
  readonly limits: Pick<
    ControlPlaneLimits,
    "leaseMaxConcurrency" | "leaseAcquireTimeoutMs" | "leaseScanBudgetMs"
  >;
  readonly clock: Clock;
  /** Awaited inside the scan. */
  readonly beforeScan?: (() => Promise<void>) | undefined;
}

/** Inline admits every scan. */
export const unlimitedScans: ScanAdmission = { scan: async (work) => work() };

export function limitedScans({ limits, clock, beforeScan }: ScanAdmissionOptions): ScanAdmission {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function enter(call: Pick<Call, "signal">): Promise<void> {
    if (running >= limits.leaseMaxConcurrency) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      const admitted = await waitFor(turn.promise, limits.leaseAcquireTimeoutMs, call.signal);
      if (!admitted) {
        waiting.splice(waiting.indexOf(turn.resolve), 1);
        throw textStatus(
          "RESOURCE_EXHAUSTED",
          `reconcile lease scan capacity exhausted cap=${limits.leaseMaxConcurrency}`,
        );
      }
    }
    running++;
  }

  function leave(): void {
    running--;
    waiting.shift()?.();
  }

  /** True once `event` has come, false when the time is over; rejects when the caller goes away. */
  async function waitFor(event: Promise<void>, ms: number, signal: AbortSignal): Promise<boolean> {
    const timer = new AbortController();
    try {
      const timeout = clock.sleep(ms, AbortSignal.any([timer.signal, signal])).then(() => false);
      return await Promise.race([event.then(() => true), timeout]);
    } catch {
      throw textStatus("CANCELLED", "reconcile lease scan cancelled");
    } finally {
      timer.abort();
    }
  }

  return {
    async scan(work, call) {
      await enter(call);
      try {
        if (beforeScan !== undefined) {
          const budgetMs = Math.min(limits.leaseScanBudgetMs || Infinity, call.timeoutMs ?? Infinity);
          const ready = await waitFor(beforeScan(), Math.min(budgetMs, MAX_TIMER_MS), call.signal);
          if (!ready) {
            throw textStatus(
              "RESOURCE_EXHAUSTED",
              `reconcile lease scan deadline exceeded budget_ms=${limits.leaseScanBudgetMs}`,
            );
          }
        }
        return work();
      } finally {
        leave();
      }
    },
  };
}

const MAX_TIMER_MS = 2 ** 31 - 1;
