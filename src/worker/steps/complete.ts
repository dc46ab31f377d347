/** The last word about a job (03 §13), sent only if the lease allows it. */

import type { Completion } from "../../protocol/port.ts";
import { sendCompletion } from "../completion.ts";
import { asCancelled, failedRetryable } from "../completions.ts";
import { errorText } from "../failure.ts";
import { completing, type Next, type StateAt } from "../job-state.ts";
import type { Run } from "../run.ts";

export async function complete(run: Run, state: StateAt<"completing">): Promise<Next<"completing">> {
  const { watch, job } = run;
  if (state.occasion !== "second") {
    switch (await watch.confirm(run.life)) {
      case "lost":
        return { at: "dropped", reason: errorText(watch.lostSignal.reason) };
      case "uncertain":
        return { at: "abandoned", reason: "whether the lease still lives is unknown" };
      case "completable":
        break;
    }
  }
  watch.silence();
  const completion = watch.cancelled ? asCancelled(state.completion) : state.completion;
  const outcome = await sendCompletion(job, completion, { ...run.mutation, retryUntilMs: watch.runsOutAtMs });
  switch (outcome.kind) {
    case "answered":
      if (!outcome.accepted) run.onEvent({ type: "completion-rejected", job, completion });
      return { at: "done", outcome: outcomeName(state.occasion, completion) };
    case "dropped":
      return { at: "dropped", reason: outcome.reason };
    case "abandoned":
      return { at: "abandoned", reason: outcome.reason };
    case "refused":
      if (state.occasion === "second") return { at: "abandoned", reason: errorText(outcome.error) };
      return completing(errorCompletion(run, outcome.error), "second");
  }
}

function outcomeName(occasion: StateAt<"completing">["occasion"], completion: Completion) {
  return occasion === "hand-back" && completion.state === "failed" ? "handed-back" : completion.state;
}

/** 03 §12.2: the counters last reported, one error at least. */
export function errorCompletion(run: Run, error: unknown) {
  return failedRetryable(errorText(error), run.watch.toldProgress?.statsProcessed ?? 0n);
}
