import { z } from "zod";
import { systemClock } from "../../model/index.ts";
import {
  type CallOptions,
  ControlPlaneError,
  connectJobControl,
  JOB_STATES,
  type JobControl,
  type JobState,
} from "../../protocol/index.ts";
import { adminOf } from "../admin.ts";
import { chooseConnection } from "../connection.ts";
import { explainAdminError } from "../enqueue/admin-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions, wholeNumber } from "../options.ts";
import { commandSettings } from "../setting-options.ts";
import { print } from "../terminal/print.ts";
import { renderJob, renderJobs, renderWatched, toJson } from "./render.ts";
import { type WatchedJob, watchJob } from "./watch.ts";

const commonOptions = z.object({ json: z.boolean() });

type RawOptions = Readonly<Record<string, unknown>>;

const listOptions = commonOptions.extend({
  state: z.array(z.enum(JOB_STATES)),
  roots: z.boolean(),
  limit: wholeNumber(1),
});

const CALL_TIMEOUT_MS = 30_000;
const PAGE_SIZE = 100;

/** `floecat-capture jobs list`, through ReconcileControl, so that it works against Floecat too (02 §8). */
export async function runJobsList(rawOptions: RawOptions): Promise<ExitCode> {
  const options = parseOptions(listOptions, rawOptions);
  return await withJobs(rawOptions, async (jobs, call) => {
    const found = await listAll(jobs, options, call);
    print(options.json ? JSON.stringify(found.map(toJson)) : renderJobs(found));
    return EXIT.done;
  });
}

/** `floecat-capture jobs show <id>`: the job, its counts, its files and its descendants. */
export async function runJobsShow(jobId: string, rawOptions: RawOptions): Promise<ExitCode> {
  const options = parseOptions(commonOptions, rawOptions);
  return await withJobs(rawOptions, async (jobs, call) => {
    const job = await jobs.get(jobId, call);
    const tree = await jobs.tree(jobId, call);
    const others = tree.filter((other) => other.jobId !== jobId);
    print(
      options.json
        ? JSON.stringify({ ...toJson(job), descendants: others.map(toJson) })
        : renderJob(job, others),
    );
    return EXIT.done;
  });
}

/** `floecat-capture jobs cancel <id>`. Exit code 1 if it had ended already. */
export async function runJobsCancel(
  jobId: string,
  reason: string | undefined,
  rawOptions: RawOptions,
): Promise<ExitCode> {
  const options = parseOptions(commonOptions, rawOptions);
  return await withJobs(rawOptions, async (jobs, call) => {
    const cancelled = await jobs.cancel(jobId, reason ?? "", call);
    if (options.json) print(JSON.stringify({ jobId, cancelled }));
    else print(cancelled ? `cancelling ${jobId}` : `${jobId} had ended already`);
    return cancelled ? EXIT.done : EXIT.failed;
  });
}

/** `floecat-capture jobs watch <id>`: a line for every change. Exit code 1 if the job ends otherwise than well. */
export async function runJobsWatch(jobId: string, rawOptions: RawOptions): Promise<ExitCode> {
  const options = parseOptions(commonOptions, rawOptions);
  return await withJobs(rawOptions, async (jobs, call) => {
    let last: WatchedJob | undefined;
    for await (const watched of watchJob(jobs, jobId, { clock: systemClock, call })) {
      last = watched;
      print(
        options.json
          ? JSON.stringify({ ...toJson(watched.job), groups: watched.groups })
          : renderWatched(watched),
      );
    }
    return last?.job.state === "succeeded" ? EXIT.done : EXIT.failed;
  });
}

/** `floecat-capture jobs retry <id>`, through the embedded control plane's own service: Floecat's has no such call. */
export async function runJobsRetry(jobId: string, rawOptions: RawOptions): Promise<ExitCode> {
  const options = parseOptions(commonOptions, rawOptions);
  const interruption = interruptible();
  const { client, controlPlane } = await adminOf(rawOptions);
  try {
    const retried = await client.retry(jobId, { signal: interruption.signal });
    print(
      options.json
        ? JSON.stringify({ jobId: retried, retryOf: jobId })
        : `${retried}: queued in place of ${jobId}`,
    );
    return EXIT.done;
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    throw explainAdminError(error, controlPlane.url);
  } finally {
    interruption.release();
  }
}

async function withJobs(
  rawOptions: RawOptions,
  work: (jobs: JobControl, call: CallOptions) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { settings } = await commandSettings(rawOptions, ["connection", "auth"]);
  const { controlPlane } = chooseConnection(settings);
  const interruption = interruptible();
  const { jobs, close } = await connectJobControl(controlPlane);
  try {
    return await work(jobs, { signal: interruption.signal, timeoutMs: CALL_TIMEOUT_MS });
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    if (error instanceof ControlPlaneError && error.kind === "transport") {
      throw new Error(`no answer from the control plane at ${controlPlane.url}: is it running there?`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    close();
    interruption.release();
  }
}

async function listAll(
  jobs: JobControl,
  options: { readonly state: readonly JobState[]; readonly roots: boolean; readonly limit: number },
  call: CallOptions,
) {
  const found = [];
  let pageToken: string | undefined;
  do {
    const page = await jobs.list(
      {
        states: options.state,
        rootsOnly: options.roots,
        pageSize: Math.min(PAGE_SIZE, options.limit - found.length),
        pageToken,
      },
      call,
    );
    found.push(...page.jobs);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && found.length < options.limit);
  return found.slice(0, options.limit);
}
