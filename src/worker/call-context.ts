import type { Clock } from "../model/index.ts";
import type { ControlPlane, ControlPlaneCall } from "../protocol/port.ts";

/** What it takes to make a call about a job and to try it again. */
export interface CallContext {
  readonly controlPlane: ControlPlane;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborts when the process can't wait any longer. */
  readonly signal: AbortSignal;
  /** Deadline of one try. */
  readonly timeoutMs: number;
  /** For how long a call is tried again. */
  readonly retryBudgetMs: number;
  readonly onRetry: (call: ControlPlaneCall, error: unknown) => void;
}
