/**
 * Sends a success, message by message (03 §10.2–§10.5), and decides by the error what became of it (03 §18 row 1, decision
 * 2), where the reference gives up on any error. The bytes were built once; every further try sends the same.
 */
import {
  type Completion,
  ControlPlaneError,
  type LeasedJob,
  type PreparedSubmission,
  type SubmissionMessage,
} from "../protocol/port.ts";
import { backoffMs, CALL_BACKOFF } from "./backoff.ts";
import type { CallContext } from "./call-context.ts";
import { sendCompletion } from "./completion.ts";
import { errorText } from "./failure.ts";
import type { LeaseWatch } from "./lease-watch.ts";
import { isLoss, mayPass } from "./retry.ts";

export type SubmissionOutcome =
  | { readonly kind: "accepted" }
  /** The job is being cancelled (02 §4.7): it can't take a success any more. */
  | { readonly kind: "cancelled" }
  /** A new attempt may succeed. */
  | { readonly kind: "retryable"; readonly error: unknown }
  /** No attempt will. */
  | { readonly kind: "terminal"; readonly error: unknown }
  | { readonly kind: "dropped"; readonly reason: string }
  | { readonly kind: "abandoned"; readonly reason: string };

export interface Submitting extends CallContext {
  readonly job: LeasedJob;
  readonly watch: LeaseWatch;
  /** What asks for a chunked success whose answer was lost (02 §6). */
  readonly confirmation: Completion;
}

/** A chunk lives for 15 minutes on the server (02 §5.3); the success must find all of them. */
const STAGED_CHUNK_LIFE_MS = 14 * 60_000;
/** The server has tried a collision itself for about a second each time (02 §6). */
const MAX_ABORTED_TRIES = 6;
/** Makes an epoch of ours into one that no lease has; the server takes epochs as they are (02 §3.1). */
const QUESTION_SUFFIX = ":asked";

export async function submitSuccess(
  submission: PreparedSubmission,
  submitting: Submitting,
): Promise<SubmissionOutcome> {
  const beganMs = submitting.clock.monotonicMs();
  for (const message of submission.messages) {
    const endsJob = message.kind === "success" && submitting.controlPlane.successEndsJob;
    if (endsJob) {
      if (submitting.clock.monotonicMs() - beganMs > STAGED_CHUNK_LIFE_MS) {
        return {
          kind: "retryable",
          error: new Error("sending the result took so long that its first chunks have expired"),
        };
      }
      // After it a renew would be refused, as it should be (decision 3, 02 §4.7).
      submitting.watch.silence();
    }
    const outcome = await sendMessage(message, endsJob, submitting);
    if (outcome.kind !== "accepted") return outcome;
  }
  return { kind: "accepted" };
}

async function sendMessage(
  message: SubmissionMessage,
  endsJob: boolean,
  submitting: Submitting,
): Promise<SubmissionOutcome> {
  const { watch, clock } = submitting;
  const signal = messageSignal(message, submitting);
  const beganMs = clock.monotonicMs();
  let answerLost = false;
  for (let failures = 1; ; failures++) {
    const sentAtMs = clock.monotonicMs();
    let error: unknown;
    try {
      const accepted = await message.send({ signal, timeoutMs: submitting.timeoutMs });
      if (!accepted) return { kind: "abandoned", reason: "the result was answered with accepted=false" };
      watch.confirmed(sentAtMs);
      return { kind: "accepted" };
    } catch (thrown) {
      signal.throwIfAborted();
      error = thrown;
    }
    if (!(error instanceof ControlPlaneError)) {
      return { kind: "abandoned", reason: errorText(error) };
    }
    if (!mayPass(error)) return settled(error, endsJob && answerLost, submitting);
    if (error.kind === "internal" && endsJob && (await isCancelling(submitting))) {
      return { kind: "cancelled" };
    }
    if (error.kind === "retryable-abort" && failures >= MAX_ABORTED_TRIES) {
      return { kind: "retryable", error };
    }
    answerLost ||= isLoss(error);
    const budgetSpent = clock.monotonicMs() - beganMs > submitting.retryBudgetMs;
    const leaseOver = clock.monotonicMs() >= watch.runsOutAtMs;
    if (failures >= 2 && (budgetSpent || leaseOver)) {
      return endsJob && answerLost
        ? askForLostSuccess(error, submitting)
        : { kind: "abandoned", reason: errorText(error) };
    }
    submitting.onRetry("submitLeasedFileGroupExecutionResult", error);
    await clock.sleep(backoffMs(CALL_BACKOFF, failures, submitting.random), signal);
  }
}

/**
 * A chunk stops with the work. The success itself doesn't stop for a cancel or a shutdown: whether the server has it
 * would be anybody's guess.
 */
function messageSignal(message: SubmissionMessage, submitting: Submitting): AbortSignal {
  return message.kind === "chunk" ? submitting.watch.signal : submitting.watch.lostSignal;
}

/** A definite answer. */
async function settled(
  error: ControlPlaneError,
  mayBeAccepted: boolean,
  submitting: Submitting,
): Promise<SubmissionOutcome> {
  switch (error.kind) {
    case "lease-lost":
      return mayBeAccepted
        ? askForLostSuccess(error, submitting)
        : { kind: "dropped", reason: error.message };
    case "invalid":
    case "too-large":
    case "content-conflict":
      return { kind: "terminal", error };
    default:
      return { kind: "retryable", error };
  }
}

/**
 * The success was sent before, its answer lost, and now there is no lease: either it was accepted, or the lease ran out, by
 * the server's clock, of which ours tells nothing. Complete tells the two apart (02 §6), but under the job's own epoch it
 * would be believed on a lease that merely ran out, and leave a job that succeeded without a result (02 §12.8). A job that has
 * succeeded is confirmed under any epoch, every other job only under its own (02 §4.8): so the question goes out under an
 * epoch that no lease has, and can't change a thing.
 */
async function askForLostSuccess(
  error: ControlPlaneError,
  submitting: Submitting,
): Promise<SubmissionOutcome> {
  const { job, confirmation, watch } = submitting;
  const question = { ...job, leaseEpoch: `${job.leaseEpoch}${QUESTION_SUFFIX}` };
  const answer = await sendCompletion(question, confirmation, {
    ...submitting,
    retryUntilMs: watch.runsOutAtMs,
  });
  if (answer.kind === "answered") {
    return answer.accepted ? { kind: "accepted" } : { kind: "dropped", reason: error.message };
  }
  return { kind: "abandoned", reason: `the success may have been accepted: ${error.message}` };
}

async function isCancelling(submitting: Submitting): Promise<boolean> {
  const { controlPlane, job, signal, timeoutMs } = submitting;
  try {
    return await controlPlane.getCancellation(job, { signal, timeoutMs });
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
