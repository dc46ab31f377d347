/**
 * Sends CompleteLeasedReconcileJob (03 §13). Losses are tried again with the same contents (decision 2): a duplicate is at
 * worst answered `accepted=false`.
 */
import { type Completion, ControlPlaneError, type Lease } from "../protocol/port.ts";
import type { CallContext } from "./call-context.ts";
import { errorText } from "./failure.ts";
import { mayPass, withRetries } from "./retry.ts";

export type CompletionOutcome =
  | { readonly kind: "answered"; readonly accepted: boolean }
  | { readonly kind: "refused"; readonly error: unknown }
  | { readonly kind: "dropped"; readonly reason: string }
  | { readonly kind: "abandoned"; readonly reason: string };

export interface Completing extends CallContext {
  /** Monotonic time after which no further try is made, the second excepted. */
  readonly retryUntilMs: number;
}

export async function sendCompletion(
  lease: Lease,
  completion: Completion,
  completing: Completing,
): Promise<CompletionOutcome> {
  const { controlPlane, clock, signal, timeoutMs } = completing;
  try {
    const accepted = await withRetries(
      () => controlPlane.complete(lease, completion, { signal, timeoutMs }),
      {
        clock,
        random: completing.random,
        signal,
        again: (error, failures) =>
          mayPass(error) && (failures < 2 || clock.monotonicMs() < completing.retryUntilMs),
        onRetry: (error) => completing.onRetry("completeLeasedReconcileJob", error),
      },
    );
    return { kind: "answered", accepted };
  } catch (error) {
    signal.throwIfAborted();
    if (mayPass(error)) return { kind: "abandoned", reason: errorText(error) };
    if (error instanceof ControlPlaneError && error.kind === "lease-lost") {
      return { kind: "dropped", reason: error.message };
    }
    return { kind: "refused", error };
  }
}
