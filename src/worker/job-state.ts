/**
 * One job as the worker sees it (03 §14), finer where our stages differ: a payload may wait for a capture slot, and a
 * captured group for its turn to be submitted. A state carries what its step needs and nothing else, so that what is no
 * longer needed can be freed.
 *
 *     leased ─► started ─► fetching ─► ahead ─► capturing ─► captured ─► submitting ─► submitted ─► completing ─► done
 *
 * From anywhere before `submitting`, a cancel or a shutdown leads to `completing`, a lost lease to `dropped`.
 */
import type { FileGroup } from "../model/index.ts";
import type { Completion, GroupFailure, PreparedSubmission, Progress } from "../protocol/port.ts";
import type { CapturedGroup } from "./capture-port.ts";

export type JobState =
  /** Start is to be sent. */
  | { readonly at: "leased" }
  /** The heartbeat runs; the cancel flag is asked for before any work. */
  | { readonly at: "started" }
  /** The payload is fetched and judged. */
  | { readonly at: "fetching" }
  /** Waits for a capture slot. */
  | { readonly at: "ahead"; readonly group: FileGroup }
  | { readonly at: "capturing"; readonly group: FileGroup }
  /** The result is checked and its messages are built. */
  | {
      readonly at: "captured";
      readonly group: FileGroup;
      readonly captured: CapturedGroup;
      readonly success: SuccessTexts;
    }
  /** The success is being sent. */
  | {
      readonly at: "submitting";
      readonly group: FileGroup;
      readonly submission: PreparedSubmission;
      /** Sum of the file results: what confirms a success whose answer was lost (02 §6). */
      readonly fileStatsCount: bigint;
      readonly success: SuccessTexts;
    }
  /** The failure is being sent (03 §10.6). */
  | {
      readonly at: "failing";
      readonly group: FileGroup | undefined;
      readonly failure: GroupFailure;
      readonly completion: Completion;
    }
  /** Inline: the result is stored, the job still runs. */
  | { readonly at: "submitted"; readonly success: SuccessTexts }
  /** Complete is to be sent. */
  | {
      readonly at: "completing";
      readonly completion: Completion;
      /** `first`; `second`: a first one was refused (03 §13); `hand-back`: the process is shutting down (03 §16). */
      readonly occasion: "first" | "second" | "hand-back";
    }
  | JobEnd;

/** What an inline job says after its success was stored (03 §7.3, §13). */
export interface SuccessTexts {
  readonly completion: Completion;
  /** Undefined for a group that nothing was asked of. */
  readonly progress: Progress | undefined;
}

export type JobEnd =
  /** The control plane knows the outcome. */
  | { readonly at: "done"; readonly outcome: "succeeded" | "failed" | "cancelled" | "handed-back" }
  /** The lease is another's, or nobody's: nothing more is sent. */
  | { readonly at: "dropped"; readonly reason: string }
  /** Nobody knows what the server has: the lease expires, or has its outcome already. */
  | { readonly at: "abandoned"; readonly reason: string };

type Ends = JobEnd["at"];

/** Where each state may lead. `Next` turns it into types: a step that went anywhere else would not compile. */
export const EXITS = {
  leased: ["started", "completing", "dropped", "abandoned"],
  started: ["fetching", "completing", "dropped", "abandoned"],
  fetching: ["ahead", "captured", "failing", "completing", "dropped", "abandoned"],
  ahead: ["capturing", "completing", "dropped", "abandoned"],
  capturing: ["captured", "failing", "completing", "dropped", "abandoned"],
  captured: ["submitting", "failing", "completing", "dropped", "abandoned"],
  submitting: ["submitted", "failing", "completing", "done", "dropped", "abandoned"],
  failing: ["completing", "dropped", "abandoned"],
  submitted: ["completing", "dropped", "abandoned"],
  completing: ["completing", "done", "dropped", "abandoned"],
} as const satisfies Record<Exclude<JobState["at"], Ends>, readonly JobState["at"][]>;

export type Active = keyof typeof EXITS;
export type StateAt<At extends JobState["at"]> = Extract<JobState, { readonly at: At }>;
export type Next<At extends Active> = StateAt<(typeof EXITS)[At][number]>;

export function completing(
  completion: Completion,
  occasion: StateAt<"completing">["occasion"] = "first",
): StateAt<"completing"> {
  return { at: "completing", completion, occasion };
}

export function isEnd(state: JobState): state is JobEnd {
  return state.at === "done" || state.at === "dropped" || state.at === "abandoned";
}
