/** The capture itself, once a slot is free (03 §6 step 10, §9). */
import type { FileGroup } from "../../model/index.ts";
import type { CapturedGroup } from "../capture-port.ts";
import { succeeded } from "../completions.ts";
import { credentialsHaveEnded } from "../failure.ts";
import type { Next, StateAt, SuccessTexts } from "../job-state.ts";
import { groupIds } from "../result-id.ts";
import type { Run } from "../run.ts";
import { untilAborted } from "../stop.ts";
import { getFileGroup } from "./begin.ts";
import { captureFailed } from "./fail.ts";

export async function awaitSlot(run: Run, { group }: StateAt<"ahead">): Promise<Next<"ahead">> {
  if (!run.ticket.tryCaptureSlot()) {
    const { signal } = run.watch;
    // A hint only: capture meets the same trouble and reports it.
    run.capture.prefetch?.(group, { lease: run.job, signal }).catch(() => {});
    await run.ticket.takeCaptureSlot(signal);
  }
  return { at: "capturing", group };
}

export async function captureGroup(run: Run, { group }: StateAt<"capturing">): Promise<Next<"capturing">> {
  const { watch, job, ticket } = run;
  const beganMs = run.clock.monotonicMs();
  run.onEvent({ type: "capture-started", job, group });
  const capture = captureWithRenewal(run, group);
  // The slot is free when the capture has really ended, which may be a moment after a stop has ended the job.
  ticket.holdSlotUntil(capture);
  let captured: CapturedGroup;
  try {
    captured = await untilAborted(capture, watch.signal);
  } catch (error) {
    return captureFailed(run, group, error);
  }
  ticket.holdResult(approximateBytes(captured));
  const recordCount = captured.statsRecords.length;
  run.onEvent({
    type: "group-captured",
    job,
    group,
    durationMs: run.clock.monotonicMs() - beganMs,
    recordCount,
    artifactCount: captured.artifacts.length,
  });
  return { at: "captured", group, captured, success: successTexts(run, group, recordCount) };
}

/**
 * Credentials that have ended are fetched anew once, with the payload or by a vend, and the group is captured again; what that
 * ends with stands (decision 22).
 */
async function captureWithRenewal(run: Run, group: FileGroup): Promise<CapturedGroup> {
  try {
    return await captureOnce(run, group);
  } catch (error) {
    run.watch.signal.throwIfAborted();
    if (!credentialsHaveEnded(error)) throw error;
    run.onEvent({ type: "credentials-ended", job: run.job, group, error });
    const { connector } = await getFileGroup(run);
    return await captureOnce(run, { ...group, connector });
  }
}

function captureOnce(run: Run, group: FileGroup): Promise<CapturedGroup> {
  const { watch, job } = run;
  return run.capture.capture(group, {
    lease: job,
    signal: watch.signal,
    onProgress: ({ filesCaptured, statsProcessed, file }) => {
      if (file !== undefined) run.onEvent({ type: "file-captured", job, group, filesCaptured, file });
      watch.offerProgress({
        statsProcessed: BigInt(Math.min(statsProcessed, group.filePaths.length)),
        message: `Capturing file group ${group.groupId}: ${filesCaptured} of ${group.filePaths.length} files`,
      });
    },
  });
}

/** 03 §7.3, §13: what an inline job says of its success. */
function successTexts(run: Run, group: FileGroup, recordCount: number): SuccessTexts {
  const { groupId } = groupIds(run.job, group);
  const suffix = recordCount > 0 ? ` and ${recordCount} captured stats` : "";
  return {
    completion: succeeded(groupId, BigInt(recordCount)),
    progress: {
      statsProcessed: BigInt(recordCount),
      message: `Executed file group ${groupId} with ${group.filePaths.length} planned handles${suffix}`,
    },
  };
}

/** Good enough until the messages are built: sidecars weigh most, a column's statistics a few hundred bytes. */
function approximateBytes(captured: CapturedGroup): number {
  let bytes = 0;
  for (const artifact of captured.artifacts) bytes += artifact.content.byteLength;
  for (const { value } of captured.statsRecords) {
    bytes += 500 * (value.kind === "file" ? value.file.columns.length + 1 : 1);
  }
  return bytes;
}
