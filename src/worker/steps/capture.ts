/** The capture itself, once a slot is free (03 §6 step 10, §9). */
import type { FileGroup } from "../../model/index.ts";
import type { CapturedGroup } from "../capture-port.ts";
import { succeeded } from "../completions.ts";
import type { Next, StateAt, SuccessTexts } from "../job-state.ts";
import { groupIds } from "../result-id.ts";
import type { Run } from "../run.ts";
import { untilAborted } from "../stop.ts";
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
  const capture = run.capture.capture(group, {
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
