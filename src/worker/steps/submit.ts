/** From a captured group to a success that the server has taken (03 §6 steps 11–12, §10). */
import { ControlPlaneError, type PreparedSubmission } from "../../protocol/port.ts";
import { checkArtifacts, fileResults } from "../completeness.ts";
import { cancelledDuring, failedForGood, failedRetryable, succeeded } from "../completions.ts";
import { errorText } from "../failure.ts";
import { completing, type Next, type StateAt } from "../job-state.ts";
import { groupIds, resultId } from "../result-id.ts";
import type { Run } from "../run.ts";
import { submitSuccess } from "../submission.ts";
import { captureFailed, failing } from "./fail.ts";

/** Checks the result and builds its messages; the captured records aren't needed afterwards. */
export async function prepare(run: Run, state: StateAt<"captured">): Promise<Next<"captured">> {
  const { group, captured, success } = state;
  const { watch, job } = run;
  try {
    checkArtifacts(group, captured.artifacts);
  } catch (error) {
    return failing(run, group, error);
  }
  await watch.checkCancellation();
  if (watch.signal.aborted) {
    run.onEvent({ type: "submission-skipped", job, outcome: "success", group });
    throw watch.signal.reason;
  }
  const results = fileResults(group, captured);
  let submission: PreparedSubmission;
  try {
    submission = await run.controlPlane.prepareSubmission(
      job,
      {
        resultId: resultId(job, groupIds(job, group), "success"),
        statsRecords: captured.statsRecords,
        artifacts: captured.artifacts,
        fileResults: results,
      },
      { signal: watch.signal },
    );
  } catch (error) {
    watch.signal.throwIfAborted();
    if (error instanceof ControlPlaneError && error.kind === "too-large") {
      return failing(run, group, error, failedForGood(errorText(error)));
    }
    return captureFailed(run, group, error);
  }
  run.ticket.holdResult(submission.byteLength);
  return {
    at: "submitting",
    group,
    submission,
    fileStatsCount: results.reduce((sum, result) => sum + result.statsProcessed, 0n),
    success,
  };
}

export async function submit(run: Run, state: StateAt<"submitting">): Promise<Next<"submitting">> {
  const { group, success, submission } = state;
  const beganMs = run.clock.monotonicMs();
  const outcome = await submitSuccess(submission, {
    ...run.mutation,
    job: run.job,
    watch: run.watch,
    confirmation: succeeded(groupIds(run.job, group).groupId, state.fileStatsCount),
  });
  switch (outcome.kind) {
    case "accepted":
      run.onEvent({
        type: "result-taken",
        job: run.job,
        durationMs: run.clock.monotonicMs() - beganMs,
        messages: submission.messages.length,
        bytes: submission.byteLength,
      });
      return run.controlPlane.successEndsJob
        ? { at: "done", outcome: "succeeded" }
        : { at: "submitted", success };
    case "cancelled":
      return completing(cancelledDuring(group));
    case "dropped":
      return { at: "dropped", reason: outcome.reason };
    case "abandoned":
      return { at: "abandoned", reason: outcome.reason };
    case "retryable":
      run.onEvent({ type: "group-failed", job: run.job, group, error: outcome.error });
      return completing(failedRetryable(errorText(outcome.error)));
    case "terminal":
      return failing(run, group, outcome.error, failedForGood(errorText(outcome.error)));
  }
}

/** Inline reports the totals once the result is stored (03 §7.3). */
export async function reportSuccess(run: Run, { success }: StateAt<"submitted">): Promise<Next<"submitted">> {
  const { watch } = run;
  if (success.progress !== undefined) {
    await watch.reportNow(success.progress);
  }
  return completing(success.completion);
}
