import { expect, test } from "vitest";
import {
  answerNo,
  delay,
  FAILED_PRECONDITION,
  loseAnswer,
  pass,
  refuse,
  unavailable,
} from "../../test/support/fault-plan.ts";
import { aFileGroup, aFileRecord, anArtifact, aTableRecord } from "../../test/support/file-groups.ts";
import { WorkerHarness } from "../../test/support/worker-harness.ts";
import { AccessDeniedError, SourceMissingError, TableError } from "../model/index.ts";

const both = ["inline", "chunked"] as const;

const neutral = { disposition: "retryable", retryClass: "unspecified", errors: 0n, statsProcessed: 0n };
const failed = { ...neutral, state: "failed", retryClass: "transient-error", errors: 1n };

test("03 R1: inline submits, reports the totals and completes", async () => {
  await using harness = new WorkerHarness({
    generation: "inline",
    capture: {
      result: () => ({ statsRecords: [aTableRecord(), aFileRecord(), aFileRecord()], artifacts: [] }),
    },
  });
  const job = harness.plane.addJob();
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "OK", "P", "X(succeeded)"]);
  expect(harness.plane.sent("P")).toEqual([
    {
      statsProcessed: 3n,
      message: "Executed file group group-1 with 1 planned handles and 3 captured stats",
    },
  ]);
  expect(harness.plane.sent("X")).toEqual([
    { ...neutral, state: "succeeded", statsProcessed: 3n, message: "Executed file group group-1" },
  ]);
  expect(job.state).toBe("succeeded");
});

test("03 R2: chunked sends chunks and the success, and no Complete", async () => {
  await using harness = new WorkerHarness({ plane: { itemsPerChunk: 10 } });
  const job = harness.plane.addJob();
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "OK"]);
  expect(job).toMatchObject({ state: "succeeded", statsProcessed: 1n, storedResults: 1 });
  expect(job.result?.resultId).toBe("job-1:plan-1:group-1:lease-1:success");
  expect(job.executorId).toBe("remote_file_group_worker");
});

test.each(both)("03 R3 %s: Start without an answer ends everything", async (generation) => {
  await using harness = new WorkerHarness({ generation });
  harness.plane.addJob();
  harness.plane.plan("S", unavailable);
  expect((await harness.runJobs())?.at).toBe("abandoned");
  expect(harness.plane.sequence()).toEqual(["L", "S"]);
});

test("03 §6 step 1: Start refused for certain fails the job, to be retried", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("S", refuse({ code: "NOT_FOUND", message: "no such job" }));
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "X(failed)"]);
  expect(harness.plane.sent("X")).toEqual([
    { ...failed, message: "ControlPlaneError: NOT_FOUND: no such job" },
  ]);
});

test("03 §3.5: Start is sent again only when it certainly had no effect", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("S", refuse({ code: "UNAUTHENTICATED", message: "inactive token" }));
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sent("S").length).toBe(2);
});

test.each(both)("03 R4 %s: a job cancelled before it began is completed as such", async (generation) => {
  await using harness = new WorkerHarness({ generation });
  const job = harness.plane.addJob();
  harness.plane.plan("C?", delay(10));
  harness.start();
  await harness.clock.settle();
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "X(cancelled)"]);
  expect(harness.plane.sent("X")).toEqual([{ ...neutral, state: "cancelled", message: "Cancelled" }]);
  expect(job.state).toBe("cancelled");
});

test("03 R5: a stop before the payload names no group", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  const job = harness.plane.addJob();
  harness.plane.plan("G", delay(60_000));
  harness.start();
  await harness.clock.advance(1000);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.capture.begun).toEqual([]);
  expect(harness.plane.sent("X")).toEqual([
    { ...neutral, state: "cancelled", message: "Stopped during file-group execution" },
  ]);
});

test.each(both)("03 R6 %s: a stop seen after the capture submits nothing", async (generation) => {
  // Shorter than the heartbeat, longer than the cancel check: only the stop check before the submission can see it.
  await using harness = new WorkerHarness({ generation, capture: { durationMs: 6000 } });
  const job = harness.plane.addJob();
  harness.start();
  await harness.clock.advance(5500);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "C?", "X(cancelled)"]);
  expect(harness.plane.sent("X")).toEqual([
    { ...neutral, state: "cancelled", message: "Stopped during file-group execution for group-1" },
  ]);
});

test.each(both)("03 R7 %s: a stop wins over a failure: none is submitted", async (generation) => {
  await using harness = new WorkerHarness({
    generation,
    capture: { durationMs: 6000, error: new Error("broken") },
  });
  const job = harness.plane.addJob();
  harness.start();
  await harness.clock.advance(5500);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "C?", "X(cancelled)"]);
});

test.each(both)("03 R8 %s: a refused renew stops the capture and ends everything", async (generation) => {
  await using harness = new WorkerHarness({
    generation,
    leaseMs: 3000,
    settings: { heartbeatMs: 1000 },
    capture: { durationMs: 60_000 },
  });
  harness.plane.addJob();
  harness.plane.plan("R", answerNo);
  expect((await harness.runJobs())?.at).toBe("dropped");
  await harness.clock.advance(5000);
  expect(harness.plane.calls.filter(({ sign, jobId }) => sign === "R" && jobId === "job-1").length).toBe(1);
  expect(harness.plane.sent("X")).toEqual([]);
  expect(harness.capture.stopped).toEqual([{ groupId: "group-1", atMs: 1000 }]);
});

test.each(both)("03 R9 %s: one renew without an answer is borne", async (generation) => {
  await using harness = new WorkerHarness({
    generation,
    leaseMs: 10_000,
    settings: { heartbeatMs: 200 },
    capture: { durationMs: 1500 },
  });
  harness.plane.addJob();
  harness.plane.plan("R", unavailable, pass);
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sent("R").length).toBe(2);
});

test.each(both)("03 R10 %s: no renew once the outcome is on its way", async (generation) => {
  await using harness = new WorkerHarness({
    generation,
    leaseMs: 10_000,
    settings: { heartbeatMs: 1000 },
    capture: { durationMs: 100 },
  });
  harness.plane.addJob();
  // In inline the outcome is Complete, in chunked the success itself.
  harness.plane.plan(generation === "inline" ? "X" : "OK", delay(5000));
  await harness.runJobs();
  await harness.clock.advance(5000);
  expect(harness.plane.sent("R")).toEqual([]);
});

test("decision 3: chunked renews while chunks are sent, and is silent from the success on", async () => {
  await using harness = new WorkerHarness({
    leaseMs: 30_000,
    capture: { durationMs: 100 },
  });
  harness.plane.addJob();
  harness.plane.plan("K", delay(20_000));
  harness.plane.plan("OK", delay(20_000));
  await harness.runJobs();
  const beats = harness.plane.calls.filter(({ sign }) => sign === "R" || sign === "P");
  expect(beats.map(({ atMs }) => atMs)).toEqual([7500, 15_000]);
});

test("03 R11 by decision 2: Complete without an answer is repeated unchanged, never turned into a failure", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  harness.plane.addJob();
  harness.plane.plan("X", unavailable, unavailable);
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  const sent = harness.plane.sent("X");
  expect(sent.length).toBe(3);
  expect(new Set(sent.map((completion) => JSON.stringify(completion, bigintText))).size).toBe(1);
});

test("03 T11 by decision 2: a Complete that stays without an answer ends as uncertain", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  harness.plane.addJob();
  harness.plane.planAlways("X", unavailable);
  expect((await harness.runJobs())?.at).toBe("abandoned");
  expect(new Set(harness.plane.sequence().filter((sign) => sign.startsWith("X")))).toEqual(
    new Set(["X(succeeded)"]),
  );
});

test("03 R12: a success refused for certain is completed a second time, as failed", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  harness.plane.addJob();
  harness.plane.plan("X", refuse(FAILED_PRECONDITION));
  await harness.runJobs();
  expect(harness.plane.sequence().slice(-2)).toEqual(["X(succeeded)", "X(failed)"]);
  expect(harness.plane.sent("X")[1]).toEqual({
    ...failed,
    statsProcessed: 1n,
    message: "ControlPlaneError: FAILED_PRECONDITION: not now",
  });
});

test("03 §14: a second Complete refused for certain is the last", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  harness.plane.addJob();
  harness.plane.plan("X", refuse(FAILED_PRECONDITION), refuse(FAILED_PRECONDITION));
  expect((await harness.runJobs())?.at).toBe("abandoned");
  expect(harness.plane.sent("X").length).toBe(2);
});

test("03 R13: accepted=false is told and left at that", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  harness.plane.addJob();
  harness.plane.plan("X", answerNo);
  await harness.runJobs();
  expect(harness.plane.sent("X").length).toBe(1);
  expect(harness.events.filter(({ type }) => type === "completion-rejected").length).toBe(1);
});

test.each(both)(
  "03 R15 %s: a failed capture is submitted and completed with its text",
  async (generation) => {
    const cause = new TableError("Unsupported parquet page type DICTIONARY_PAGE", {
      referenceType: "IllegalArgumentException",
    });
    await using harness = new WorkerHarness({
      generation,
      capture: { error: new TableError("Delta stats compute failed (version 41)", { cause }) },
    });
    const job = harness.plane.addJob();
    expect(await harness.runJobs()).toEqual({ at: "done", outcome: "failed" });
    expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "KO", "X(failed)"]);
    const message =
      "RuntimeException: Delta stats compute failed (version 41) | caused by: " +
      "IllegalArgumentException: Unsupported parquet page type DICTIONARY_PAGE";
    expect(harness.plane.sent("KO")).toEqual([{ resultId: "job-1:plan-1:group-1:lease-1:failure", message }]);
    expect(harness.plane.sent("X")).toEqual([
      { ...failed, message: `File-group capture failed: ${message}` },
    ]);
    expect(job).toMatchObject({ state: "queued", attempt: 1 });
  },
);

test.each(both)("03 R16 %s by decision 2: a lease lost at the payload is dropped", async (generation) => {
  await using harness = new WorkerHarness({ generation });
  harness.plane.addJob();
  harness.plane.plan(
    "G",
    refuse({
      code: "FAILED_PRECONDITION",
      message: "Precondition failed.",
      params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
    }),
  );
  expect((await harness.runJobs())?.at).toBe("dropped");
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G"]);
});

test("03 §6 step 7: another refusal of the payload is an ordinary failure, under the leased task's ids", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob({ task: { planId: "plan-t", groupId: "group-t" } });
  harness.plane.plan("G", refuse({ code: "NOT_FOUND", message: "Table not found" }));
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "KO", "X(failed)"]);
  expect(harness.plane.sent("KO")).toEqual([
    {
      resultId: "job-1:plan-t:group-t:lease-1:failure",
      message: "ControlPlaneError: NOT_FOUND: Table not found",
    },
  ]);
});

test("03 §3.5: a payload call without an answer is repeated", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("G", unavailable, loseAnswer());
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sent("G").length).toBe(3);
});

test.each(both)(
  "03 R17 %s: a missing source cancels the job, no failure is submitted",
  async (generation) => {
    await using harness = new WorkerHarness({
      generation,
      capture: { error: new SourceMissingError("table missing") },
    });
    harness.plane.addJob();
    await harness.runJobs();
    expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "X(cancelled)"]);
    expect(harness.plane.sent("X")).toEqual([
      {
        ...failed,
        state: "cancelled",
        message: "ReconcileFailureException: source object missing",
      },
    ]);
  },
);

test.each(both)(
  "03 R18 %s: a refused identity fails the job for good, no failure is submitted",
  async (generation) => {
    await using harness = new WorkerHarness({
      generation,
      capture: { error: new AccessDeniedError("s3://bucket/k: ExpiredToken (400)") },
    });
    const job = harness.plane.addJob();
    await harness.runJobs();
    expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "X(failed)"]);
    expect(harness.plane.sent("X")).toEqual([
      {
        ...failed,
        disposition: "terminal",
        message: "ReconcileFailureException: s3://bucket/k: ExpiredToken (400)",
      },
    ]);
    expect(job.state).toBe("failed");
  },
);

test.each(both)("03 R21 %s: a group without paths fails for good", async (generation) => {
  await using harness = new WorkerHarness({ generation });
  harness.plane.addJob({ group: aFileGroup({ generation, filePaths: [] }) });
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "X(failed)"]);
  expect(harness.plane.sent("X")).toEqual([
    {
      ...failed,
      disposition: "terminal",
      retryClass: "unspecified",
      message: "planned file group does not contain any file handles",
    },
  ]);
});

test("03 R22 inline: without outputs an empty success, no progress, and the text that says so", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  harness.plane.addJob({ group: aFileGroup({ generation: "inline", outputs: [] }) });
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "OK", "X(succeeded)"]);
  expect(harness.plane.sent("X")).toEqual([
    {
      ...neutral,
      state: "succeeded",
      message: "Skipped file group group-1 (no capture outputs requested)",
    },
  ]);
  expect(harness.capture.begun).toEqual([]);
});

test("03 R22, M19 chunked: without outputs only the success, with a result for each file", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob({ group: aFileGroup({ outputs: [] }) });
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "OK"]);
  expect(job.result?.fileResults).toEqual([
    { filePath: "s3://bucket/file.parquet", statsProcessed: 0n, artifactUri: undefined },
  ]);
});

test.each(both)("03 R23 %s: an index capture without sidecar is an ordinary failure", async (generation) => {
  await using harness = new WorkerHarness({
    generation,
    capture: { result: () => ({ statsRecords: [], artifacts: [] }) },
  });
  harness.plane.addJob({ group: aFileGroup({ generation, outputs: ["page-index"] }) });
  await harness.runJobs();
  const text =
    "IllegalStateException: page-index capture produced no staged artifacts for file group group-1";
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "KO", "X(failed)"]);
  expect(harness.plane.sent("X")).toEqual([{ ...failed, message: `File-group capture failed: ${text}` }]);
});

test("03 R24: an index capture that misses sidecars names their paths", async () => {
  await using harness = new WorkerHarness({
    capture: { result: () => ({ statsRecords: [], artifacts: [anArtifact("b")] }) },
  });
  harness.plane.addJob({ group: aFileGroup({ outputs: ["page-index"], filePaths: ["a", "b", "c"] }) });
  await harness.runJobs();
  expect(harness.plane.sent("KO")).toEqual([
    {
      resultId: "job-1:plan-1:group-1:lease-1:failure",
      message:
        "IllegalStateException: page-index capture did not produce artifacts for planned files in file group group-1: a, c",
    },
  ]);
});

test("03 R25: a cancel seen after an inline success completes it as cancelled, with its figures", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  const job = harness.plane.addJob();
  harness.plane.plan("P", delay(100));
  harness.start();
  await harness.clock.advanceUntil(() => harness.plane.sent("P").length === 1);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.plane.sent("X")).toEqual([
    { ...neutral, state: "cancelled", statsProcessed: 1n, message: "Executed file group group-1" },
  ]);
});

test.each(both)(
  "03 R26 %s: a renew refused because of a cancel still completes as cancelled",
  async (generation) => {
    await using harness = new WorkerHarness({ generation, capture: { durationMs: 60_000 } });
    const job = harness.plane.addJob();
    harness.start();
    await harness.clock.advance(1500);
    harness.plane.cancel(job);
    // The cancel cuts the lease to a second, so that the next renew comes too late (02 §3.8); inline by more than its grace.
    await harness.clock.advanceUntil(() => harness.ends.length === 1);
    expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "R", "X(cancelled)"]);
    expect(harness.plane.sent("X")).toEqual([
      { ...neutral, state: "cancelled", message: "Stopped during file-group execution for group-1" },
    ]);
    expect(harness.capture.stopped).toEqual([{ groupId: "group-1", atMs: 10_000 }]);
  },
);

test("decision 28: a capture that won't stop doesn't keep its job from ending, only its slot from being reused", async () => {
  await using harness = new WorkerHarness({
    leaseMs: 3000,
    settings: { heartbeatMs: 1000, maxParallelism: 1, prefetchedGroups: 0 },
    capture: { durationMs: 60_000, deaf: true },
  });
  harness.plane.addJob();
  harness.plane.addJob({ group: aFileGroup({ groupId: "group-2" }) });
  harness.plane.plan("R", answerNo);
  await harness.runJobs();
  expect(harness.clock.monotonicMs()).toBe(1000);
  await harness.clock.advance(58_000);
  expect(harness.capture.begun).toEqual(["group-1"]);
  await harness.clock.advance(2000);
  expect(harness.capture.begun.length).toBe(2);
});

test("decision 4: progress is told with the beats, in both generations, never more than the result will hold", async () => {
  await using harness = new WorkerHarness({
    leaseMs: 3000,
    settings: { heartbeatMs: 1000 },
    capture: { durationMs: 4000 },
  });
  const job = harness.plane.addJob({ group: aFileGroup({ filePaths: ["a", "b"] }) });
  await harness.runJobs();
  const beats = harness.plane.calls.filter(({ sign }) => sign === "R" || sign === "P");
  expect(beats.map(({ sign, atMs }) => [sign, atMs])).toEqual([
    ["R", 1000],
    ["P", 2000],
    ["R", 3000],
  ]);
  expect(harness.plane.sent("P")).toEqual([
    { statsProcessed: 1n, message: "Capturing file group group-1: 1 of 2 files" },
  ]);
  expect(job.statsProcessed).toBe(2n);
});

test("03 M17: a chunk that isn't accepted ends the submission as uncertain", async () => {
  await using harness = new WorkerHarness({ plane: { itemsPerChunk: 1 } });
  harness.plane.addJob({ group: aFileGroup({ filePaths: ["a", "b", "c"] }) });
  harness.plane.plan("K", pass, answerNo);
  expect((await harness.runJobs())?.at).toBe("abandoned");
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "K"]);
});

test("03 R14: an error that is no answer leaves the success uncertain: no failure, no Complete", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("OK", { kind: "throw", error: new Error("response lost after success submit") });
  expect(await harness.runJobs()).toEqual({
    at: "abandoned",
    reason: "Error: response lost after success submit",
  });
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "OK"]);
});

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
