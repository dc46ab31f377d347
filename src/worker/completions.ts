/** The completions that a file-group job can have (03 §13, row by row), with their exact texts. */
import type { FileGroup } from "../model/index.ts";
import type { Completion } from "../protocol/port.ts";

const NEUTRAL = {
  disposition: "retryable",
  retryClass: "unspecified",
  errors: 0n,
  statsProcessed: 0n,
} as const;

/** Inline only; in chunked the accepted submission ends the job. */
export function succeeded(groupId: string, recordCount: bigint): Completion {
  return {
    ...NEUTRAL,
    state: "succeeded",
    statsProcessed: recordCount,
    message: `Executed file group ${groupId}`,
  };
}

export function skipped(groupId: string): Completion {
  return {
    ...NEUTRAL,
    state: "succeeded",
    message: `Skipped file group ${groupId} (no capture outputs requested)`,
  };
}

export function cancelledBeforeStart(): Completion {
  return { ...NEUTRAL, state: "cancelled", message: "Cancelled" };
}

export function cancelledDuring(group: FileGroup | undefined): Completion {
  const suffix = group === undefined || group.groupId.trim() === "" ? "" : ` for ${group.groupId}`;
  return { ...NEUTRAL, state: "cancelled", message: `Stopped during file-group execution${suffix}` };
}

export function sourceMissing(message: string): Completion {
  return { ...NEUTRAL, state: "cancelled", retryClass: "transient-error", errors: 1n, message };
}

export function failedForGood(
  message: string,
  retryClass: "unspecified" | "transient-error" = "unspecified",
): Completion {
  return { ...NEUTRAL, state: "failed", disposition: "terminal", retryClass, errors: 1n, message };
}

/** Also how a job is handed back: never as cancelled, which would end it (decision 26). */
export function failedRetryable(message: string, statsProcessed = 0n): Completion {
  return {
    ...NEUTRAL,
    state: "failed",
    retryClass: "transient-error",
    errors: 1n,
    statsProcessed,
    message,
  };
}

/** A cancel that was noticed after the outcome: the outcome's counters and text, as cancelled (03 §6 step 14). */
export function asCancelled(completion: Completion): Completion {
  return { ...completion, state: "cancelled", disposition: "retryable" };
}
