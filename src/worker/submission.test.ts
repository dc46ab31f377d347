import { expect, test } from "vitest";
import {
  answerNo,
  delay,
  hang,
  loseAnswer,
  pass,
  refuse,
  unavailable,
} from "../../test/support/fault-plan.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import { WorkerHarness } from "../../test/support/worker-harness.ts";
import { ControlPlaneError } from "../protocol/port.ts";

const both = ["inline", "chunked"] as const;

const leaseGone = refuse({
  code: "FAILED_PRECONDITION",
  message: "Precondition failed.",
  params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
});
const conflict = refuse({
  code: "ABORTED",
  message: "Idempotency key mismatch",
  errorCode: "MC_CONFLICT",
  params: { op: "SubmitLeasedFileGroupExecutionResult", key: "k" },
});
const otherRecordStored = refuse({
  code: "ABORTED",
  message: "Conflict detected.",
  errorCode: "MC_CONFLICT",
  params: { root_message: "pointer bound to different blob: /k" },
});
const collision = refuse({
  code: "ABORTED",
  message: "Conflict detected, retry.",
  errorCode: "MC_ABORT_RETRYABLE",
});

test.each(both)("03 T12 %s: a success without an answer is sent again, byte for byte", async (generation) => {
  await using harness = new WorkerHarness({ generation });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", unavailable);
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  const [first, second] = harness.plane.sent("OK");
  expect(second).toBe(first);
  expect(job.storedResults).toBe(1);
});

test("03 §15: an inline success whose answer was lost is replayed, then completed", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", loseAnswer());
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "OK", "OK", "P", "X(succeeded)"]);
  expect(job).toMatchObject({ state: "succeeded", storedResults: 1 });
});

test("03 §15: a chunk whose answer was lost is sent again and the rest goes on", async () => {
  await using harness = new WorkerHarness({ plane: { itemsPerChunk: 1 } });
  const job = harness.plane.addJob({ group: aFileGroup({ filePaths: ["a", "b"] }) });
  harness.plane.plan("K", pass, loseAnswer());
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "K", "K", "OK"]);
  const [, second, third] = harness.plane.sent("K");
  expect(third).toBe(second);
  expect(job.state).toBe("succeeded");
});

test("03 §18 row 1, 02 §6: a lost chunked success is confirmed by Complete, with the sum of its file results", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob({ group: aFileGroup({ filePaths: ["a", "b"] }) });
  harness.plane.plan("OK", loseAnswer());
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "OK", "OK", "X(succeeded)"]);
  expect(harness.plane.sent("X")).toMatchObject([{ state: "succeeded", statsProcessed: 2n, errors: 0n }]);
  expect(job).toMatchObject({ state: "succeeded", storedResults: 1 });
});

test("03 §18 row 1: a lost chunked success that the confirmation denies is dropped", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("OK", unavailable, leaseGone);
  harness.plane.plan("X", answerNo);
  expect((await harness.runJobs())?.at).toBe("dropped");
});

test("02 §12.8: a success that never arrived isn't made up by asking for it, wherever the server's clock has jumped", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob();
  harness.plane.plan("OK", unavailable);
  harness.start();
  await harness.clock.advanceUntil(() => harness.plane.sent("OK").length === 1);
  // The server's clock alone: ours says that the lease is fresh. Not reclaimed yet, so it takes endings.
  job.leaseExpiresAtMs = harness.clock.nowMs() - 1;
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.ends).toMatchObject([{ at: "dropped" }]);
  expect(harness.plane.sequence().slice(-3)).toEqual(["OK", "OK", "X(succeeded)"]);
  expect(job).toMatchObject({ state: "running", storedResults: 0 });

  await harness.clock.advanceUntil(() => harness.ends.length === 2);
  expect(job).toMatchObject({ state: "succeeded", storedResults: 1 });
});

test("02 §12.8: nor is it when the worker itself was late", async () => {
  await using harness = new WorkerHarness({ leaseMs: 30_000, settings: { mutationDeadlineMs: 25_000 } });
  const job = harness.plane.addJob();
  // The success never arrives; when it is sent again the lease has run out without being reclaimed yet.
  harness.plane.plan("OK", hang, delay(7000));
  expect((await harness.runJobs())?.at).toBe("dropped");
  expect(harness.plane.sent("OK").length).toBe(2);
  expect(job).toMatchObject({ state: "running", storedResults: 0 });
});

test("02 §6: a lost chunked success that can't be sent again in time is asked about too", async () => {
  await using harness = new WorkerHarness({ leaseMs: 30_000 });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", loseAnswer());
  harness.plane.planAlways("OK", unavailable);
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sequence().at(-1)).toBe("X(succeeded)");
  expect(job).toMatchObject({ state: "succeeded", storedResults: 1 });
});

test("02 §6: a lost chunked success that nothing answers about is left to the control plane", async () => {
  await using harness = new WorkerHarness({ leaseMs: 30_000 });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", loseAnswer());
  harness.plane.planAlways("OK", unavailable);
  harness.plane.planAlways("X", unavailable);
  expect((await harness.runJobs())?.at).toBe("abandoned");
  expect(job).toMatchObject({ state: "succeeded", storedResults: 1 });
});

test("03 §18 row 1: a lease refusal of a success that was never lost is dropped without a question", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("OK", leaseGone);
  expect((await harness.runJobs())?.at).toBe("dropped");
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "OK"]);
});

test.each(both)("03 §15 %s: a lease lost at the submit is dropped", async (generation) => {
  await using harness = new WorkerHarness({ generation });
  harness.plane.addJob();
  harness.plane.plan(generation === "inline" ? "OK" : "K", leaseGone);
  expect((await harness.runJobs())?.at).toBe("dropped");
  expect(harness.plane.sent("X")).toEqual([]);
  expect(harness.plane.sent("KO")).toEqual([]);
});

test.each(both)(
  "03 §18 row 1 %s: other content under our id is completed as a retryable failure",
  async (generation) => {
    await using harness = new WorkerHarness({ generation });
    harness.plane.addJob();
    harness.plane.plan("OK", conflict);
    await harness.runJobs();
    expect(harness.plane.sent("OK").length).toBe(1);
    expect(harness.plane.sent("KO")).toEqual([]);
    expect(harness.plane.sent("X")).toMatchObject([
      { state: "failed", disposition: "retryable", retryClass: "transient-error", errors: 1n },
    ]);
  },
);

test.each([
  ["a stored record that differs", otherRecordStored],
  ["content that is refused", refuse({ code: "INVALID_ARGUMENT", message: "Invalid argument." })],
  ["a message that is too large", refuse({ code: "RESOURCE_EXHAUSTED", message: "too large" })],
])("03 §18 row 1: %s fails the job for good, with a failure submitted", async (_name, fault) => {
  await using harness = new WorkerHarness({ generation: "inline" });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", fault);
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "OK", "KO", "X(failed)"]);
  expect(harness.plane.sent("X")).toMatchObject([{ disposition: "terminal", errors: 1n }]);
  expect(job.state).toBe("failed");
});

test("decision 18: a message measured as too large fails for good before anything is sent, and says so", async () => {
  await using harness = new WorkerHarness({ generation: "inline" });
  const text =
    "the success takes 300000 bytes, the server takes 262144: raise its limit or name a blob bucket";
  harness.plane.prepareSubmission = async () => {
    throw new ControlPlaneError("too-large", "submitLeasedFileGroupExecutionResult", {
      code: "RESOURCE_EXHAUSTED",
      message: text,
    });
  };
  harness.plane.addJob();
  await harness.runJobs();
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "KO", "X(failed)"]);
  expect(harness.plane.sent("X")).toMatchObject([
    { disposition: "terminal", message: `ControlPlaneError: RESOURCE_EXHAUSTED: ${text}` },
  ]);
});

test("03 §18 row 1: a collision is tried a few times", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("OK", collision, collision);
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
});

test("02 §12.3: a collision that stays is completed as a retryable failure, for a new id to succeed", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.planAlways("OK", collision);
  await harness.runJobs();
  expect(harness.plane.sent("OK").length).toBe(6);
  expect(harness.plane.sent("X")).toMatchObject([{ state: "failed", disposition: "retryable" }]);
});

test("03 §18 row 1, 02 §4.7: INTERNAL while the job is being cancelled completes it as cancelled", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob();
  harness.plane.plan("OK", delay(500));
  harness.start();
  await harness.clock.advanceUntil(() => harness.plane.sent("OK").length === 1);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "OK", "C?", "X(cancelled)"]);
  expect(harness.plane.sent("X")).toMatchObject([
    { message: "Stopped during file-group execution for group-1" },
  ]);
  expect(job.state).toBe("cancelled");
});

test("03 §18 row 1: INTERNAL without a cancel is tried again", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("OK", refuse({ code: "INTERNAL", message: "store fault" }));
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "K", "OK", "C?", "OK"]);
});

test("decision 3, 02 §4.7: a cancel seen while chunks are sent skips the success", async () => {
  await using harness = new WorkerHarness({ plane: { itemsPerChunk: 1 }, leaseMs: 30_000 });
  const job = harness.plane.addJob({ group: aFileGroup({ filePaths: ["a", "b"] }) });
  harness.plane.plan("K", delay(60_000));
  harness.start();
  await harness.clock.advanceUntil(() => harness.plane.sent("K").length === 1);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(harness.plane.sent("OK")).toEqual([]);
  expect(harness.plane.sent("X")).toMatchObject([{ state: "cancelled" }]);
});

test("03 §14: an inline submission goes on through a cancel, and is completed as cancelled", async () => {
  await using harness = new WorkerHarness({ generation: "inline", capture: { durationMs: 9500 } });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", delay(1000));
  harness.start();
  await harness.clock.advance(9600);
  harness.plane.cancel(job);
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  expect(job.storedResults).toBe(1);
  expect(harness.plane.sent("X")).toMatchObject([{ state: "cancelled", statsProcessed: 1n }]);
});

test.each(both)(
  "03 §18 row 1 %s: losses are tried again while the lease lives, then given up",
  async (generation) => {
    await using harness = new WorkerHarness({ generation, leaseMs: 30_000 });
    const job = harness.plane.addJob();
    harness.plane.planAlways("OK", unavailable);
    // Chunked asks at the end, and hears that the job has not succeeded.
    expect((await harness.runJobs())?.at).toBe(generation === "inline" ? "abandoned" : "dropped");
    expect(harness.plane.sent("OK").length).toBeGreaterThan(5);
    expect(harness.clock.monotonicMs()).toBeLessThan(45_000);
    expect(job).toMatchObject({ state: "running", storedResults: 0 });
    expect(harness.plane.sent("KO")).toEqual([]);
  },
);

test.each([
  ["a token that the server won't take", { code: "UNAUTHENTICATED", message: "inactive token" }],
  ["overload", { code: "RESOURCE_EXHAUSTED", message: "", errorCode: "MC_RATE_LIMITED" }],
])("decision 2: %s is waited out", async (_name, status) => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("OK", refuse(status), refuse(status), refuse(status));
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
});

test("02 §5.3: a success that would find its first chunks expired isn't sent", async () => {
  await using harness = new WorkerHarness({ plane: { itemsPerChunk: 1 } });
  harness.plane.addJob({ group: aFileGroup({ filePaths: Array.from({ length: 9 }, (_, n) => `f${n}`) }) });
  harness.plane.planAlways("K", delay(100_000));
  await harness.runJobs();
  expect(harness.plane.sent("OK")).toEqual([]);
  expect(harness.plane.sent("X")).toMatchObject([{ state: "failed", disposition: "retryable" }]);
});

test.each(both)(
  "03 §13 %s: a failure submission that fails is what the job is completed with",
  async (generation) => {
    await using harness = new WorkerHarness({ generation, capture: { error: new Error("broken") } });
    harness.plane.addJob();
    harness.plane.plan("KO", conflict);
    await harness.runJobs();
    expect(harness.plane.sequence()).toEqual(["L", "S", "C?", "G", "KO", "X(failed)"]);
    expect(harness.plane.sent("X")).toMatchObject([
      {
        disposition: "retryable",
        errors: 1n,
        message: "ControlPlaneError: ABORTED: Idempotency key mismatch",
      },
    ]);
  },
);

test.each(both)("03 §13 %s: a failure that isn't accepted is completed all the same", async (generation) => {
  await using harness = new WorkerHarness({ generation, capture: { error: new Error("broken") } });
  harness.plane.addJob();
  harness.plane.plan("KO", answerNo);
  await harness.runJobs();
  expect(harness.plane.sent("X")).toMatchObject([{ message: "File-group capture failed: Error: broken" }]);
});

test.each(both)(
  "02 §8 %s: a job that was taken over meanwhile gets nothing from the first worker",
  async (generation) => {
    await using harness = new WorkerHarness({
      generation,
      leaseMs: 3000,
      settings: { heartbeatMs: 1000 },
      capture: { durationMs: 60_000 },
    });
    const job = harness.plane.addJob();
    harness.start();
    await harness.clock.advance(500);
    job.leaseEpoch = "lease-of-another";
    await harness.clock.advanceUntil(() => harness.ends.length === 1);
    expect(harness.ends[0]?.at).toBe("dropped");
    expect(harness.plane.sent("OK").length + harness.plane.sent("X").length).toBe(0);
  },
);

test("02 §4.7: every accepted chunk renews the lease, even while renews get lost", async () => {
  await using harness = new WorkerHarness({ leaseMs: 10_000, plane: { itemsPerChunk: 1 } });
  harness.plane.addJob({ group: aFileGroup({ filePaths: ["a", "b", "c", "d", "e"] }) });
  harness.plane.planAlways("R", unavailable);
  harness.plane.planAlways("P", unavailable);
  harness.plane.planAlways("K", delay(4000));
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
});

test("02 §4.6: the payload call renews the lease, even while renews get lost", async () => {
  await using harness = new WorkerHarness({ leaseMs: 10_000, capture: { durationMs: 8000 } });
  harness.plane.addJob();
  harness.plane.planAlways("R", unavailable);
  harness.plane.planAlways("P", unavailable);
  harness.plane.plan("C?", delay(5000));
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
});

test("decision 2: Complete gets a second try even when the first one took longer than the lease", async () => {
  await using harness = new WorkerHarness({
    generation: "inline",
    leaseMs: 3000,
    settings: { mutationDeadlineMs: 4000 },
  });
  const job = harness.plane.addJob();
  harness.plane.plan("X", hang);
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sent("X").length).toBe(2);
  expect(job.state).toBe("succeeded");
});
