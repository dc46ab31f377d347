import { expect, test } from "vitest";
import { delay, loseAnswer, refuse, unavailable } from "../../test/support/fault-plan.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import { WorkerHarness } from "../../test/support/worker-harness.ts";

function leaseTimes(harness: WorkerHarness): number[] {
  return harness.plane.calls.filter(({ sign }) => sign === "L").map(({ atMs }) => atMs);
}

test("03 T1 by decision 6: the request names the instance, and the implementation that pins name", async () => {
  await using harness = new WorkerHarness();
  const requests: unknown[] = [];
  const { plane } = harness;
  const lease = plane.lease.bind(plane);
  plane.lease = (request, options) => {
    requests.push(request);
    return lease(request, options);
  };
  harness.start();
  await harness.clock.settle();
  expect(requests).toEqual([
    { instanceId: "worker-1", executorIds: ["worker-1", "remote_file_group_worker"] },
  ]);
});

test("03 T2: with a parallelism of 0 no job is ever asked for", async () => {
  await using harness = new WorkerHarness({ settings: { maxParallelism: 0 } });
  harness.plane.addJob();
  harness.start();
  await harness.clock.advance(60_000);
  expect(harness.plane.calls).toEqual([]);
});

test("03 T3: a lease call that fails costs a wait, not a slot", async () => {
  await using harness = new WorkerHarness({ settings: { maxParallelism: 1, prefetchedGroups: 0 } });
  harness.plane.addJob();
  harness.plane.plan("L", { kind: "throw", error: new Error("broken") }, unavailable);
  await harness.runJobs();
  expect(harness.ends).toEqual([{ at: "done", outcome: "succeeded" }]);
  expect(leaseTimes(harness).length).toBeGreaterThanOrEqual(3);
});

test.each([
  [
    "scan backpressure is quiet",
    { code: "RESOURCE_EXHAUSTED", message: "", errorCode: "MC_RATE_LIMITED" },
    true,
  ],
  ["INTERNAL is an error", { code: "INTERNAL", message: "store fault" }, false],
])("03 T4: %s; both ask again", async (_name, status, overloaded) => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("L", refuse(status));
  await harness.runJobs();
  expect(harness.events[0]).toMatchObject({ type: "lease-call-failed", overloaded });
  expect(harness.ends.length).toBe(1);
});

test("03 §3.5: a lease call whose answer was lost isn't repeated at once", async () => {
  await using harness = new WorkerHarness();
  const stranded = harness.plane.addJob();
  harness.plane.plan("L", loseAnswer());
  harness.start();
  await harness.clock.advance(20);
  expect(leaseTimes(harness)).toEqual([0]);
  expect(stranded.state).toBe("running");
});

test("03 T6: when a job ends the next is asked for without waiting", async () => {
  await using harness = new WorkerHarness({
    settings: { maxParallelism: 1, prefetchedGroups: 0 },
    capture: { durationMs: 12_345 },
  });
  harness.plane.addJob();
  await harness.runJobs();
  await harness.clock.settle();
  // Once when the capture slot is free, once when the job has ended; neither waits.
  expect(leaseTimes(harness)).toEqual([0, 12_345, 12_345]);
});

test("03 §4.1: a job that ends while a lease call is under way is followed by another call without waiting", async () => {
  await using harness = new WorkerHarness({ capture: { durationMs: 1050 } });
  harness.plane.addJob();
  harness.plane.planAlways("L", delay(100));
  harness.start();
  await harness.clock.advanceUntil(() => harness.ends.length === 1);
  const endedMs = harness.clock.monotonicMs();
  const underWay = leaseTimes(harness).at(-1) ?? 0;
  expect(endedMs).toBeGreaterThan(underWay);
  expect(endedMs).toBeLessThan(underWay + 100);
  await harness.clock.advance(underWay + 100 - endedMs);
  expect(leaseTimes(harness).at(-1)).toBe(underWay + 100);
});

test("decision 5: an idle worker waits longer and longer, up to a second", async () => {
  await using harness = new WorkerHarness();
  harness.start();
  await harness.clock.advance(60_000);
  const times = leaseTimes(harness);
  const waits = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  expect(waits.slice(0, 6)).toEqual([37.5, 75, 150, 300, 600, 750]);
  expect(Math.max(...waits)).toBe(750);
});

test("decision 5: while jobs are found, the next is asked for at once", async () => {
  await using harness = new WorkerHarness({ settings: { maxParallelism: 3, prefetchedGroups: 0 } });
  for (let n = 0; n < 3; n++) harness.plane.addJob();
  harness.start();
  await harness.clock.advance(5);
  expect(harness.plane.jobs.map(({ state }) => state)).toEqual(["running", "running", "running"]);
});

test("decision 5: there is one lease call at a time", async () => {
  await using harness = new WorkerHarness({ settings: { maxParallelism: 4 } });
  for (let n = 0; n < 4; n++) harness.plane.addJob();
  harness.plane.planAlways("L", delay(100));
  harness.start();
  await harness.clock.advance(350);
  expect(leaseTimes(harness)).toEqual([0, 100, 200, 300]);
});

test("02 §12.12, 03 §1.2: a job of another kind is given back at once, to be run by another", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob({ kind: "plan-snapshot" });
  harness.start();
  await harness.clock.settle();
  expect(harness.plane.sequence()).toEqual(["L", "X(failed)"]);
  expect(harness.plane.sent("X")).toMatchObject([
    {
      disposition: "retryable",
      message: "This worker executes file groups and can't run a job of kind plan-snapshot",
    },
  ]);
  expect(job.state).toBe("queued");
});

test("03 §1.2: a pin on the implementation or on this instance is ours", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob({ pinnedExecutorId: "remote_file_group_worker" });
  harness.plane.addJob({ pinnedExecutorId: "worker-1", group: aFileGroup({ groupId: "group-2" }) });
  harness.plane.addJob({ pinnedExecutorId: "another" });
  await harness.runJobs(2);
  expect(harness.plane.jobs.map(({ state }) => state)).toEqual(["succeeded", "succeeded", "queued"]);
});

test("03 §1.2: a job that a lax server leases despite its pin is given back", async () => {
  await using harness = new WorkerHarness();
  const job = harness.plane.addJob();
  const { plane } = harness;
  const lease = plane.lease.bind(plane);
  plane.lease = async (request, options) => {
    const leased = await lease(request, options);
    return leased === undefined ? undefined : { ...leased, pinnedExecutorId: "another" };
  };
  harness.start();
  await harness.clock.settle();
  expect(plane.sequence()).toEqual(["L", "X(failed)"]);
  expect(job.state).toBe("queued");
});
