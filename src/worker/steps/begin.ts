/** From the lease to a payload that is worth capturing (03 §6 steps 1–9). */
import type { FileGroup } from "../../model/index.ts";
import { ControlPlaneError, FILE_GROUP_EXECUTOR_ID } from "../../protocol/port.ts";
import { cancelledBeforeStart, failedForGood, skipped } from "../completions.ts";
import { errorText } from "../failure.ts";
import { judgeGroup } from "../guards.ts";
import { completing, type Next } from "../job-state.ts";
import { groupIds } from "../result-id.ts";
import { isLoss, mayPass, withRetries } from "../retry.ts";
import { MAX_CALL_TRIES, type Run } from "../run.ts";
import { failing } from "./fail.ts";

export async function start(run: Run): Promise<Next<"leased">> {
  const { signal, runsOutAtMs } = run.watch;
  try {
    await withRetries(
      () =>
        run.controlPlane.start(run.job, FILE_GROUP_EXECUTOR_ID, {
          signal,
          // No heartbeat runs yet: what takes longer than the lease has nothing to start.
          timeoutMs: Math.max(1, Math.min(run.settings.deadlineMs, runsOutAtMs - run.clock.monotonicMs())),
        }),
      {
        clock: run.clock,
        random: run.random,
        signal,
        // A Start that certainly had no effect may be sent again; a lost one never is (03 §3.5).
        again: (error, failures) => mayPass(error) && !isLoss(error) && failures < MAX_CALL_TRIES,
        onRetry: (error) => run.mutation.onRetry("startLeasedReconcileJob", error),
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    // Whether the server runs the job under our name is unknown (03 §6 step 1): nothing more is sent.
    if (isLoss(error)) return { at: "abandoned", reason: `start: ${errorText(error)}` };
    throw error;
  }
  run.watch.start();
  return { at: "started" };
}

export async function checkFlag(run: Run): Promise<Next<"started">> {
  const { watch } = run;
  await watch.checkCancellation();
  // 03 §6 step 5: the text names no group.
  if (watch.cancelled) return completing(cancelledBeforeStart());
  watch.signal.throwIfAborted();
  return { at: "fetching" };
}

export async function fetchGroup(run: Run): Promise<Next<"fetching">> {
  const { watch, job } = run;
  let group: FileGroup;
  try {
    group = await getFileGroup(run);
  } catch (error) {
    watch.signal.throwIfAborted();
    if (error instanceof ControlPlaneError && error.kind === "lease-lost") {
      return { at: "dropped", reason: error.message };
    }
    return failing(run, undefined, error);
  }
  watch.signal.throwIfAborted();
  const verdict = judgeGroup(group);
  switch (verdict.kind) {
    case "hopeless":
      return completing(failedForGood(verdict.message));
    case "nothing-asked":
      return {
        at: "captured",
        group,
        captured: { statsRecords: [], artifacts: [] },
        success: { completion: skipped(groupIds(job, group).groupId), progress: undefined },
      };
    case "capture":
      return { at: "ahead", group };
  }
}

/** The payload, with credentials as they are now: each time it is asked for they are made anew (08 §2.3). */
export function getFileGroup(run: Run): Promise<FileGroup> {
  const { watch, job, controlPlane, clock } = run;
  return withRetries(
    async () => {
      const sentAtMs = clock.monotonicMs();
      const group = await controlPlane.getFileGroup(job, {
        signal: watch.signal,
        timeoutMs: run.settings.deadlineMs,
      });
      watch.confirmed(sentAtMs);
      return group;
    },
    {
      clock,
      random: run.random,
      signal: watch.signal,
      // A payload without meaning stays one, so only answers of the control plane are asked for again.
      again: (error, failures) =>
        error instanceof ControlPlaneError && mayPass(error) && failures < MAX_CALL_TRIES,
      onRetry: (error) => run.mutation.onRetry("getLeasedFileGroupExecution", error),
    },
  );
}
