/**
 * Asks for jobs, one call at a time (03 §4, decision 5): again at once while jobs are found, else after a growing wait with
 * jitter, cut short whenever a job ends. A lease call isn't repeated because its answer was lost: that would strand one job
 * more (03 §3.5).
 */
import type { Clock } from "../model/index.ts";
import { type ControlPlane, ControlPlaneError, type LeasedJob, type LeaseRequest } from "../protocol/port.ts";
import { backoffMs, IDLE_BACKOFF } from "./backoff.ts";
import type { WorkerEvent } from "./events.ts";

export interface LeaseLoopOptions {
  readonly controlPlane: ControlPlane;
  readonly clock: Clock;
  readonly random: () => number;
  readonly request: LeaseRequest;
  readonly timeoutMs: number;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Resolves when one more job may be leased. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  /** Takes the job; must return at once. */
  readonly onJob: (job: LeasedJob, leasedAtMs: number) => void;
  /** Ends the loop. A call under way is awaited: it may have leased a job. */
  readonly drain: AbortSignal;
  /** Ends a call under way too. */
  readonly cut: AbortSignal;
}

export interface LeaseLoop {
  /** Resolves when the loop has ended; never rejects. */
  readonly ended: Promise<void>;
  /** Ends the present wait: a job has ended, so that there may be work again (03 §4.1 item 4). */
  wake(): void;
}

export function startLeaseLoop(options: LeaseLoopOptions): LeaseLoop {
  let waiting = new AbortController();
  const loop = async () => {
    let idleCalls = 0;
    while (!options.drain.aborted) {
      await options.room(options.drain);
      options.drain.throwIfAborted();
      // A job that ends while the call is under way cuts the wait after it short too.
      waiting = new AbortController();
      idleCalls = (await leaseOne(options)) ? 0 : idleCalls + 1;
      if (idleCalls === 0) continue;
      const waitMs = backoffMs(IDLE_BACKOFF, idleCalls, options.random);
      await options.clock.sleep(waitMs, waiting.signal).catch(() => {});
    }
  };
  options.drain.addEventListener("abort", () => waiting.abort(), { once: true });
  return {
    // What rejects here is the drain or the cut.
    ended: loop().catch(() => {}),
    wake: () => waiting.abort(),
  };
}

async function leaseOne(options: LeaseLoopOptions): Promise<boolean> {
  const leasedAtMs = options.clock.monotonicMs();
  let job: LeasedJob | undefined;
  try {
    job = await options.controlPlane.lease(options.request, {
      signal: options.cut,
      timeoutMs: options.timeoutMs,
    });
  } catch (error) {
    options.cut.throwIfAborted();
    const overloaded = error instanceof ControlPlaneError && error.kind === "overloaded";
    options.onEvent({ type: "lease-call-failed", error, overloaded });
    return false;
  }
  if (job === undefined) return false;
  options.onEvent({ type: "leased", job });
  options.onJob(job, leasedAtMs);
  return true;
}
