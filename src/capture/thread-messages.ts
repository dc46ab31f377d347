import type { CredentialAnswer, CredentialQuestion } from "./credential-channel.ts";
import type { FileTask, FileTaskResult, TaskProgress } from "./task.ts";
import type { SerializedError } from "./thread-errors.ts";

/**
 * What passes between the pool and a capture thread. Tasks and answers travel several to a message: handing one over costs as
 * much as parsing a footer, and what tasks have in common (store, plan) is copied once a message.
 */
export type ToThread =
  | { readonly type: "run"; readonly jobs: readonly ThreadJob[] }
  | { readonly type: "cancel"; readonly id: number }
  | CredentialAnswer;

export interface ThreadJob {
  readonly id: number;
  readonly task: FileTask;
}

export type FromThread =
  | { readonly type: "ended"; readonly answers: readonly ThreadAnswer[] }
  | { readonly type: "progress"; readonly id: number; readonly progress: TaskProgress }
  | CredentialQuestion;

/** How one task ended. */
export type ThreadAnswer =
  | { readonly id: number; readonly ok: true; readonly result: FileTaskResult }
  | { readonly id: number; readonly ok: false; readonly error: SerializedError };
