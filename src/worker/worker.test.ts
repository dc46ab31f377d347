import { expect, test } from "vitest";
import { delay, hang } from "../../test/support/fault-plan.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import { WorkerHarness } from "../../test/support/worker-harness.ts";

const both = ["inline", "chunked"] as const;

async function ended(harness: WorkerHarness): Promise<boolean> {
  let done = false;
  void harness.worker.ended.then(() => {
    done = true;
  });
  await harness.clock.settle();
  return done;
}

test("decision 26: an idle worker that is drained ends at once", async () => {
  await using harness = new WorkerHarness();
  harness.start();
  await harness.clock.advance(5000);
  harness.drain();
  expect(await ended(harness)).toBe(true);
  expect(harness.worker.status()).toMatchObject({ phase: "ended", jobs: 0 });
});

test.each(both)(
  "decision 26 %s: a drain lets the running job finish and leases no other",
  async (generation) => {
    await using harness = new WorkerHarness({
      generation,
      capture: { durationMs: 20_000 },
      settings: { maxParallelism: 1, prefetchedGroups: 0 },
    });
    const [first, second] = [harness.plane.addJob(), harness.plane.addJob()];
    harness.start();
    await harness.clock.advance(5000);
    harness.drain();
    expect(await ended(harness)).toBe(false);
    await harness.clock.resolve(harness.worker.ended);
    expect(first?.state).toBe("succeeded");
    expect(second?.state).toBe("queued");
    expect(second?.attempt).toBe(0);
    expect(harness.plane.calls.some(({ sign }) => sign === "R" || sign === "P")).toBe(true);
  },
);

test.each(both)(
  "decision 26 %s: what isn't finished within the grace is handed back, never cancelled",
  async (generation) => {
    await using harness = new WorkerHarness({
      generation,
      capture: { durationMs: 3_600_000 },
      settings: { drainGraceMs: 30_000 },
    });
    const job = harness.plane.addJob();
    harness.start();
    await harness.clock.advance(1000);
    harness.drain();
    await harness.clock.resolve(harness.worker.ended);
    expect(harness.clock.monotonicMs()).toBe(31_000);
    expect(harness.plane.sent("X")).toMatchObject([
      { state: "failed", disposition: "retryable", retryClass: "transient-error", errors: 1n },
    ]);
    expect(harness.ends).toEqual([{ at: "done", outcome: "handed-back" }]);
    expect(job.state).toBe("queued");
  },
);

test("decision 26: a second signal cuts the grace short", async () => {
  await using harness = new WorkerHarness({ capture: { durationMs: 3_600_000 } });
  const job = harness.plane.addJob();
  harness.start();
  await harness.clock.advance(1000);
  harness.drain();
  await harness.clock.advance(1000);
  harness.hurry();
  await harness.clock.resolve(harness.worker.ended);
  expect(harness.clock.monotonicMs()).toBe(2000);
  expect(job.state).toBe("queued");
});

test("decision 26: handing back is bounded too", async () => {
  await using harness = new WorkerHarness({
    capture: { durationMs: 3_600_000 },
    settings: { drainGraceMs: 1000, handBackMs: 5000 },
  });
  harness.plane.addJob();
  harness.plane.planAlways("X", hang);
  harness.start();
  await harness.clock.advance(1000);
  harness.drain();
  await harness.clock.resolve(harness.worker.ended);
  expect(harness.clock.monotonicMs()).toBe(7000);
  expect(harness.ends).toEqual([{ at: "abandoned", reason: "the process ends" }]);
  expect(harness.clock.sleepers).toBe(0);
});

test("decision 26: a success on its way when the grace ends is awaited, not handed back", async () => {
  await using harness = new WorkerHarness({ settings: { drainGraceMs: 1000, handBackMs: 5000 } });
  const job = harness.plane.addJob();
  harness.plane.plan("OK", delay(3000));
  harness.start();
  await harness.clock.advance(1000);
  harness.drain();
  await harness.clock.resolve(harness.worker.ended);
  expect(job.state).toBe("succeeded");
  expect(harness.plane.sent("X")).toEqual([]);
});

test("decision 26: a job leased by a call that was under way is given back at once", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob();
  harness.plane.plan("L", delay(500));
  harness.start();
  await harness.clock.advance(100);
  harness.drain();
  await harness.clock.resolve(harness.worker.ended);
  expect(harness.plane.sequence()).toEqual(["L", "X(failed)"]);
  expect(job.state).toBe("queued");
});

test("decision 26: a lease call that hangs doesn't outlast the drain", async () => {
  await using harness = new WorkerHarness({ settings: { drainGraceMs: 2000, handBackMs: 1000 } });
  harness.plane.plan("L", hang);
  harness.start();
  await harness.clock.advance(100);
  harness.drain();
  await harness.clock.resolve(harness.worker.ended);
  expect(harness.clock.monotonicMs()).toBeLessThanOrEqual(3100);
});

test("groups of 150 ms keep the capture slots busy while the server takes 18 s for a result", async () => {
  await using harness = new WorkerHarness({ capture: { durationMs: 150 } });
  const total = 400;
  for (let n = 0; n < total; n++) {
    harness.plane.addJob({ group: aFileGroup({ groupId: `group-${n}` }) });
  }
  harness.plane.planAlways("OK", delay(18_000));
  harness.start();
  await harness.clock.advanceUntil(() => harness.capture.begun.length === total);
  const atBestMs = (total * 150) / 2;
  expect(harness.clock.monotonicMs()).toBeLessThan(atBestMs / 0.9);
  expect(harness.capture.mostRunning).toBe(2);
  await harness.clock.advanceUntil(() => harness.ends.length === total);
  expect(harness.plane.jobs.every(({ storedResults }) => storedResults === 1)).toBe(true);
});

test("results waiting for a slow server are bounded, and every one keeps its lease", async () => {
  await using harness = new WorkerHarness({
    leaseMs: 10_000,
    capture: { durationMs: 100 },
    settings: { maxPendingResults: 3 },
  });
  for (let n = 0; n < 12; n++) harness.plane.addJob({ group: aFileGroup({ groupId: `group-${n}` }) });
  harness.plane.planAlways("K", delay(60_000));
  harness.start();
  await harness.clock.advance(50_000);
  const { ahead, capturing, results } = harness.worker.status();
  expect(capturing + results).toBe(3);
  expect(ahead).toBe(2);
  await harness.clock.advanceUntil(() => harness.ends.length === 12);
  expect(harness.plane.jobs.map(({ attempt, storedResults }) => [attempt, storedResults])).toEqual(
    Array.from({ length: 12 }, () => [0, 1]),
  );
});

test("a result waiting to be taken counts with the bytes of its messages", async () => {
  await using harness = new WorkerHarness({ plane: { itemsPerChunk: 10 } });
  harness.plane.addJob();
  harness.plane.plan("K", delay(5000));
  harness.start();
  await harness.clock.advanceUntil(() => harness.plane.sent("K").length === 1);
  await harness.clock.advance(4999);
  const heldBytes = harness.worker.status().resultBytes;
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  const sentChars = [...harness.plane.sent("K"), ...harness.plane.sent("OK")].map(
    (message) => String(message).length,
  );
  expect(heldBytes).toBe(sentChars.reduce((sum, length) => sum + length, 0));
});

test("the payload of the next group is fetched while the present one is captured", async () => {
  await using harness = new WorkerHarness({
    capture: { durationMs: 10_000 },
    settings: { maxParallelism: 1, prefetchedGroups: 1 },
  });
  harness.plane.addJob();
  harness.plane.addJob({ group: aFileGroup({ groupId: "group-2" }) });
  harness.plane.addJob({ group: aFileGroup({ groupId: "group-3" }) });
  harness.start();
  await harness.clock.advance(5000);
  expect(harness.capture.begun).toEqual(["group-1"]);
  expect(harness.capture.prefetched).toEqual(["group-2"]);
  expect(harness.plane.sent("G").length).toBe(2);
});

test("after the end nothing is left waiting", async () => {
  const harness = new WorkerHarness();
  for (let n = 0; n < 5; n++) harness.plane.addJob();
  await harness.runJobs(5);
  await harness[Symbol.asyncDispose]();
  expect(harness.clock.sleepers).toBe(0);
  expect(harness.worker.status()).toEqual({
    phase: "ended",
    jobs: 0,
    ahead: 0,
    capturing: 0,
    results: 0,
    resultBytes: 0,
  });
});
