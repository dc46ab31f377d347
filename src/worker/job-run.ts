/**
 * One leased job from Start to its end (03 §6, §14): each state has a step that does its work and says which state follows.
 * Steps throw what they can't judge; `afterError` judges it in one place: a stop ends the job in its own way (cancelled,
 * handed back or dropped), anything else is an error completion (03 §12.2).
 */
import { ControlPlaneError, type LeasedJob } from "../protocol/port.ts";
import { cancelledDuring, failedRetryable } from "./completions.ts";
import { errorText } from "./failure.ts";
import { type Active, completing, isEnd, type JobEnd, type JobState, type StateAt } from "./job-state.ts";
import { createRun, type JobRunOptions, type Run } from "./run.ts";
import type { StageTicket } from "./stages.ts";
import { checkFlag, fetchGroup, start } from "./steps/begin.ts";
import { awaitSlot, captureGroup } from "./steps/capture.ts";
import { complete, errorCompletion } from "./steps/complete.ts";
import { submitFailure } from "./steps/fail.ts";
import { prepare, reportSuccess, submit } from "./steps/submit.ts";
import { Stop } from "./stop.ts";

/**
 * Runs the job; never rejects. The ticket is given back. `leasedAtMs`: monotonic time at which the lease call was sent.
 */
export async function runJob(
  job: LeasedJob,
  options: JobRunOptions,
  lease: { readonly ticket: StageTicket; readonly leasedAtMs: number },
): Promise<JobEnd> {
  const life = new AbortController();
  const run = createRun(job, options, { ...lease, life: life.signal });
  const unlink = [
    onceAborted(options.handBack, () => run.watch.stop(new Stop("shutdown", "the worker is shutting down"))),
    onceAborted(options.cut, () => {
      const stop = new Stop("shutdown", "the process ends");
      life.abort(stop);
      run.watch.close(stop);
    }),
  ];
  let state: JobState = { at: "leased" };
  while (!isEnd(state)) state = await advance(run, state);
  for (const remove of unlink) remove();
  // Whatever still works for this job, such as reading ahead, has no purpose any more.
  run.watch.close(new Stop("shutdown", "the job has ended"));
  lease.ticket.leave();
  const durationMs = options.clock.monotonicMs() - lease.leasedAtMs;
  options.onEvent({ type: "job-ended", job, end: state, durationMs });
  return state;
}

/** Returns how to take it back: the signals outlive the job. */
function onceAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) act();
  signal.addEventListener("abort", act, { once: true });
  return () => signal.removeEventListener("abort", act);
}

async function advance(run: Run, state: StateAt<Active>): Promise<JobState> {
  try {
    return await step(run, state);
  } catch (error) {
    return afterError(run, state, error);
  }
}

function step(run: Run, state: StateAt<Active>): Promise<JobState> {
  switch (state.at) {
    case "leased":
      return start(run);
    case "started":
      return checkFlag(run);
    case "fetching":
      return fetchGroup(run);
    case "ahead":
      return awaitSlot(run, state);
    case "capturing":
      return captureGroup(run, state);
    case "captured":
      return prepare(run, state);
    case "submitting":
      return submit(run, state);
    case "failing":
      return submitFailure(run, state);
    case "submitted":
      return reportSuccess(run, state);
    case "completing":
      return complete(run, state);
  }
}

function afterError(run: Run, state: StateAt<Active>, error: unknown): JobEnd | StateAt<"completing"> {
  if (run.life.aborted) return { at: "abandoned", reason: "the process ends" };
  if (error instanceof Stop) return stopped(state, error);
  if (state.at === "completing") return { at: "abandoned", reason: errorText(error) };
  if (error instanceof ControlPlaneError && error.kind === "lease-lost") {
    return { at: "dropped", reason: error.message };
  }
  return completing(errorCompletion(run, error));
}

function stopped(state: StateAt<Active>, stop: Stop): JobEnd | StateAt<"completing"> {
  switch (stop.kind) {
    case "lease-lost":
      return { at: "dropped", reason: stop.message };
    case "cancelled":
      return completing(cancelledDuring("group" in state ? state.group : undefined));
    case "shutdown":
      return completing(
        failedRetryable("The worker shut down before the file group was finished"),
        "hand-back",
      );
  }
}
