/** What the steps of one job share. */
import type { Clock } from "../model/index.ts";
import type { ControlPlane, LeasedJob } from "../protocol/port.ts";
import type { CallContext } from "./call-context.ts";
import type { GroupCapture } from "./capture-port.ts";
import type { WorkerEvent } from "./events.ts";
import { LeaseWatch } from "./lease-watch.ts";
import type { WorkerSettings } from "./settings.ts";
import type { StageTicket } from "./stages.ts";
import type { LeaseTiming } from "./timing.ts";

/** What every job of a worker shares. */
export interface JobRunOptions {
  readonly controlPlane: ControlPlane;
  readonly capture: GroupCapture;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: LeaseTiming;
  readonly settings: WorkerSettings;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Aborts when unfinished jobs are to be handed back (03 §16). */
  readonly handBack: AbortSignal;
  /** Aborts when the process can't wait any longer. */
  readonly cut: AbortSignal;
}

export interface Run extends JobRunOptions {
  readonly job: LeasedJob;
  readonly ticket: StageTicket;
  readonly watch: LeaseWatch;
  /** Aborts when the process can't wait any longer: `cut`, for as long as this job runs. */
  readonly life: AbortSignal;
  /** For Submit and Complete. */
  readonly mutation: CallContext;
}

/** Tries of a call that keeps failing while the lease lives. */
export const MAX_CALL_TRIES = 6;

export function createRun(
  job: LeasedJob,
  options: JobRunOptions,
  lease: { readonly ticket: StageTicket; readonly leasedAtMs: number; readonly life: AbortSignal },
): Run {
  const { controlPlane, clock, random, settings, timing, onEvent } = options;
  return {
    ...options,
    job,
    ticket: lease.ticket,
    life: lease.life,
    watch: new LeaseWatch(job, {
      controlPlane,
      clock,
      random,
      timing,
      leaseDeadlineMs: settings.leaseDeadlineMs,
      leasedAtMs: lease.leasedAtMs,
      onEvent,
    }),
    mutation: {
      controlPlane,
      clock,
      random,
      signal: lease.life,
      timeoutMs: settings.mutationDeadlineMs,
      retryBudgetMs: timing.leaseMs,
      onRetry: (call, error) => onEvent({ type: "call-retried", job, call, error }),
    },
  };
}
