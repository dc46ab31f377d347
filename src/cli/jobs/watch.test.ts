import { expect, it } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Job, JobControl, JobState } from "../../protocol/index.ts";
import { type WatchedJob, watchJob } from "./watch.ts";

const signal = new AbortController().signal;
const NONE = { total: 0n, completed: 0n, failed: 0n };

function job(jobId: string, kind: string, state: JobState): Job {
  return {
    jobId,
    kind,
    state,
    parentJobId: "",
    connectorId: "",
    message: "",
    startedAtMs: undefined,
    finishedAtMs: undefined,
    durationMs: 0n,
    executorId: "",
    fullRescan: false,
    sourceTable: "",
    errors: 0n,
    statsProcessed: 0n,
    indexesProcessed: 0n,
    fileGroups: NONE,
    files: NONE,
    fileResults: [],
  };
}

/** Answers the trees one after the other, and counts what was asked. */
function control(trees: readonly (readonly Job[])[]) {
  let asked = 0;
  const refuse = () => Promise.reject(new Error("not asked for here"));
  const jobs: JobControl = {
    list: refuse,
    get: refuse,
    cancel: refuse,
    tree: () => Promise.resolve(trees[Math.min(asked++, trees.length - 1)] ?? []),
  };
  return { jobs, asked: () => asked };
}

it("jobs watch: tells a job once for each change, and ends with it", async () => {
  const clock = new FakeClock();
  const running = [job("r", "plan_connector", "waiting"), job("g", "exec_file_group", "running")];
  const done = [job("r", "plan_connector", "waiting"), job("g", "exec_file_group", "succeeded")];
  const ended = [job("r", "plan_connector", "succeeded"), job("g", "exec_file_group", "succeeded")];
  const { jobs, asked } = control([running, running, done, ended]);
  const seen: WatchedJob[] = [];
  const watching = (async () => {
    for await (const watched of watchJob(jobs, "r", { clock, call: { signal, timeoutMs: 1000 } })) {
      seen.push(watched);
    }
  })();
  for (let second = 0; second < 3; second++) await clock.advance(1000);
  await watching;
  expect(asked()).toBe(4);
  expect(seen.map(({ job: { state }, groups }) => [state, groups.succeeded])).toEqual([
    ["waiting", 0],
    ["waiting", 1],
    ["succeeded", 1],
  ]);
});

it("jobs watch: stops when it is told to", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const { jobs } = control([[job("r", "plan_connector", "running")]]);
  const watched = watchJob(jobs, "r", { clock, call: { signal: stop.signal, timeoutMs: 1000 } });
  await watched.next();
  const next = watched.next();
  stop.abort(new DOMException("stopped", "AbortError"));
  await expect(next).rejects.toThrow("stopped");
});
