import type { Clock } from "../../model/index.ts";
import type { CallOptions, Job, JobControl } from "../../protocol/index.ts";

const INTERVAL_MS = 1000;

/** Counts over a job and all below it. */
export interface WatchedJob {
  readonly job: Job;
  /** File groups below it by state, and in all. */
  readonly groups: { readonly total: number; readonly succeeded: number; readonly failed: number };
}

/**
 * A job now, then whenever it or a group below it has changed state; ends with the job. Asks once a second: both a Floecat and
 * the embedded control plane answer that (02 §8).
 */
export async function* watchJob(
  jobs: JobControl,
  jobId: string,
  options: { readonly clock: Clock; readonly call: CallOptions },
): AsyncGenerator<WatchedJob, void, undefined> {
  let told = "";
  for (;;) {
    const tree = await jobs.tree(jobId, options.call);
    const job = tree.find((each) => each.jobId === jobId) ?? (await jobs.get(jobId, options.call));
    const ended = hasEnded(job);
    const groups = tree.filter(({ kind }) => kind === "exec_file_group");
    const watched: WatchedJob = {
      job,
      groups: {
        total: groups.length,
        succeeded: groups.filter(({ state }) => state === "succeeded").length,
        failed: groups.filter(({ state }) => state === "failed" || state === "cancelled").length,
      },
    };
    const text = JSON.stringify([job.state, job.message, watched.groups]);
    if (text !== told) yield watched;
    told = text;
    if (ended) return;
    await options.clock.sleep(INTERVAL_MS, options.call.signal);
  }
}

function hasEnded({ state }: Job): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}
