import { type ChangeNotice, eventOrAbort } from "../admin/change-notice.ts";
import { invalidField, textStatus } from "../errors/index.ts";
import { isTerminal, type Job } from "../jobs/index.ts";
import type { Caller, ServiceContext } from "../service.ts";
import { type StartCaptureMessage, startCapture } from "./start-capture.ts";

export interface CaptureNowMessage extends Omit<StartCaptureMessage, "executionPolicy"> {
  readonly maxWait?: { readonly seconds: bigint; readonly nanos: number } | undefined;
}

const DEFAULT_WAIT_MS = 10_000;
const MAX_WAIT_MS = 60_000;

/**
 * CaptureNow (01 §4.6): StartCapture, and then its end is waited for. The contract doesn't say what a wait that was too short
 * is answered with (UNKNOWN); DEADLINE_EXCEEDED leaves the capture running and says so.
 */
export async function captureNow(
  context: ServiceContext,
  request: CaptureNowMessage,
  caller: Caller,
  changes: ChangeNotice,
): Promise<Job> {
  const waitMs = waitOf(request);
  const unspecifiedMode = () => invalidField("mode");
  const { jobId } = startCapture(context, request, caller, { unspecifiedMode });
  const timer = new AbortController();
  const timeout = new AbortController();
  const signal = AbortSignal.any([caller.call.signal, timeout.signal]);
  void context.clock.sleep(waitMs, timer.signal).then(
    () => timeout.abort(textStatus("DEADLINE_EXCEEDED", `capture ${jobId} goes on after max_wait`)),
    () => {},
  );
  try {
    for (;;) {
      const change = changes.next();
      const job = context.store.jobs.get(jobId);
      if (job === undefined || isTerminal(job.state)) {
        return job ?? missing(jobId);
      }
      await eventOrAbort(change, signal);
    }
  } finally {
    timer.abort();
  }
}

function missing(jobId: string): never {
  throw textStatus("NOT_FOUND", `job ${jobId} is gone`);
}

function waitOf({ maxWait }: CaptureNowMessage): number {
  if (maxWait === undefined) return DEFAULT_WAIT_MS;
  const waitMs = Number(maxWait.seconds) * 1000 + maxWait.nanos / 1_000_000;
  if (waitMs <= 0) throw invalidField("max_wait");
  return Math.min(waitMs, MAX_WAIT_MS);
}
