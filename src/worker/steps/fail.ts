/** What follows from an error of the group, and the submission of an ordinary failure (03 §6 step 13, §10.6, §12). */
import type { FileGroup } from "../../model/index.ts";
import { ControlPlaneError } from "../../protocol/port.ts";
import { failedForGood, failedRetryable, sourceMissing } from "../completions.ts";
import { errorText, failureDetail, judgeFailure } from "../failure.ts";
import { completing, type Next, type StateAt } from "../job-state.ts";
import { groupIds, resultId } from "../result-id.ts";
import { mayPass, withRetries } from "../retry.ts";
import { MAX_CALL_TRIES, type Run } from "../run.ts";

/** 03 §12.1: classified errors submit no failure. */
export function captureFailed(
  run: Run,
  group: FileGroup,
  error: unknown,
): StateAt<"failing" | "completing" | "dropped"> {
  run.watch.signal.throwIfAborted();
  const verdict = judgeFailure(error);
  switch (verdict.kind) {
    case "lease-lost":
      return { at: "dropped", reason: errorText(error) };
    case "source-missing":
      run.onEvent({ type: "group-failed", job: run.job, group, error });
      return completing(sourceMissing(verdict.message));
    case "denied":
      run.onEvent({ type: "group-failed", job: run.job, group, error });
      return completing(failedForGood(verdict.message, "transient-error"));
    case "ordinary":
      return failing(run, group, error);
  }
}

/** The completion is the ordinary one unless the failure is for good. */
export function failing(
  run: Run,
  group: FileGroup | undefined,
  error: unknown,
  completion = failedRetryable(`File-group capture failed: ${failureDetail(error)}`),
): StateAt<"failing"> {
  run.onEvent({ type: "group-failed", job: run.job, group, error });
  return {
    at: "failing",
    group,
    failure: {
      resultId: resultId(run.job, groupIds(run.job, group), "failure"),
      message: failureDetail(error),
    },
    completion,
  };
}

export async function submitFailure(run: Run, state: StateAt<"failing">): Promise<Next<"failing">> {
  const { watch, job, mutation } = run;
  const { signal } = watch;
  await watch.checkCancellation();
  if (signal.aborted) {
    run.onEvent({ type: "submission-skipped", job, outcome: "failure", group: state.group });
    throw signal.reason;
  }
  try {
    await withRetries(
      async () => {
        const sentAtMs = run.clock.monotonicMs();
        // Its answer decides nothing (03 §10.6).
        await run.controlPlane.submitFailure(job, state.failure, { signal, timeoutMs: mutation.timeoutMs });
        watch.confirmed(sentAtMs);
      },
      {
        clock: run.clock,
        random: run.random,
        signal,
        again: (error, failures) => mayPass(error) && failures < MAX_CALL_TRIES,
        onRetry: (error) => mutation.onRetry("submitLeasedFileGroupExecutionResult", error),
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ControlPlaneError && error.kind === "lease-lost") {
      return { at: "dropped", reason: error.message };
    }
    // A failure for good stays one; else the job is completed with the submission's own error (03 §13).
    return completing(
      state.completion.disposition === "terminal" ? state.completion : failedRetryable(errorText(error)),
    );
  }
  return completing(state.completion);
}
