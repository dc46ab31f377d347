import { expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { FakeControlPlane } from "../../test/support/fake-control-plane.ts";
import { delay, type Fault, hang, loseAnswer, refuse, unavailable } from "../../test/support/fault-plan.ts";
import type { Generation } from "../model/index.ts";
import type { WorkerEvent } from "./events.ts";
import { LeaseWatch } from "./lease-watch.ts";
import { Stop } from "./stop.ts";
import { leaseTiming } from "./timing.ts";

const both = ["inline", "chunked"] as const;

/** A leased job with a watch on it: L 30000, heartbeat 10000 or 7500, threshold 20000. */
async function watched(generation: Generation = "inline", settings: { heartbeatMs?: number } = {}) {
  const clock = new FakeClock();
  const plane = new FakeControlPlane({ clock, generation, leaseMs: 30_000 });
  const job = plane.addJob();
  const events: WorkerEvent[] = [];
  const leased = await plane.lease(
    { instanceId: "w", executorIds: ["w"] },
    { signal: new AbortController().signal, timeoutMs: 1000 },
  );
  if (leased === undefined) throw new Error("no job");
  const watch = new LeaseWatch(leased, {
    controlPlane: plane,
    clock,
    random: () => 0.5,
    timing: leaseTiming(generation, { leaseMs: 30_000, ...settings }),
    leaseDeadlineMs: 120_000,
    leasedAtMs: clock.monotonicMs(),
    onEvent: (event) => events.push(event),
  });
  const beatTimes = () => plane.calls.filter(({ sign }) => sign === "R").map(({ atMs }) => atMs);
  const stopKind = () => (watch.signal.reason instanceof Stop ? watch.signal.reason.kind : undefined);
  return { clock, plane, job, watch, events, beatTimes, stopKind };
}

test("03 T8: the lease has probably expired strictly after the threshold", async () => {
  const { clock, watch } = await watched();
  await clock.advance(20_000);
  expect(watch.probablyExpired()).toBe(false);
  await clock.advance(1);
  expect(watch.probablyExpired()).toBe(true);
});

test("03 §7.1: the first beat comes a period after the start, then one every period", async () => {
  const { clock, watch, beatTimes } = await watched();
  watch.start();
  await clock.advance(35_000);
  expect(beatTimes()).toEqual([10_000, 20_000, 30_000]);
  watch.silence();
  await clock.advance(60_000);
  expect(beatTimes().length).toBe(3);
  expect(clock.sleepers).toBe(0);
});

test("01 C5, 03 T9: a renew without an answer is repeated at once, and nothing has changed", async () => {
  const { clock, plane, watch, beatTimes } = await watched();
  plane.plan("R", unavailable);
  watch.start();
  await clock.advance(10_000);
  expect(beatTimes()).toEqual([10_000, 10_000]);
  expect(watch.signal.aborted).toBe(false);
  expect(watch.probablyExpired()).toBe(false);
});

test("01 C6, 03 T10: CANCELLED passes in chunked and is definite in inline", async () => {
  const cancelled = refuse({ code: "CANCELLED", message: "" });
  const chunked = await watched("chunked");
  chunked.plane.plan("R", cancelled);
  chunked.watch.start();
  await chunked.clock.advance(7500);
  expect(chunked.beatTimes()).toEqual([7500, 7500]);
  expect(chunked.watch.signal.aborted).toBe(false);

  const inline = await watched("inline");
  inline.plane.plan("R", cancelled);
  inline.watch.start();
  await inline.clock.advance(60_000);
  expect(inline.beatTimes()).toEqual([10_000]);
  expect(inline.stopKind()).toBe("lease-lost");
});

test.each([
  ["a refused token", refuse({ code: "UNAUTHENTICATED", message: "inactive token" })],
  ["an unreachable token endpoint", { kind: "throw", error: new Error("token endpoint") } satisfies Fault],
  ["overload", refuse({ code: "RESOURCE_EXHAUSTED", message: "", errorCode: "MC_RATE_LIMITED" })],
])("decision 3: %s is borne until the lease may have run out", async (_name, fault) => {
  const { clock, plane, watch, stopKind, events } = await watched();
  plane.planAlways("R", fault);
  watch.start();
  await clock.advance(29_999);
  expect(watch.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(stopKind()).toBe("lease-lost");
  expect(watch.lostSignal.aborted).toBe(true);
  const effects = events.flatMap((event) => (event.type === "beat-failed" ? [event.effect] : []));
  expect(effects[0]).toBe("tolerated");
  expect(effects.at(-1)).toBe("uncertain");
});

test("decision 3: a server that is back in time keeps the lease", async () => {
  const { clock, plane, watch, job } = await watched();
  plane.planAlways("R", unavailable);
  watch.start();
  await clock.advance(25_000);
  plane.planAlways("R", { kind: "pass" });
  await clock.advance(60_000);
  expect(watch.signal.aborted).toBe(false);
  expect(job.leaseExpiresAtMs).toBeGreaterThan(clock.nowMs());
});

test("decision 3: a slow renew counts from when it was sent", async () => {
  const { clock, plane, watch } = await watched();
  plane.plan("R", delay(7000));
  plane.planAlways("C?", hang);
  watch.start();
  await clock.advance(17_000);
  expect(watch.runsOutAtMs).toBe(10_000 + 30_000);
});

test("03 §3.6: a renew that hangs costs one beat, not the lease", async () => {
  const { clock, plane, watch, beatTimes } = await watched();
  plane.plan("R", hang);
  watch.start();
  await clock.advance(18_000);
  expect(beatTimes()).toEqual([10_000, 17_500]);
  expect(watch.runsOutAtMs).toBe(17_500 + 30_000);
});

test.each(both)("03 §7.1 %s: a definite refusal ends the lease at once", async (generation) => {
  const { clock, plane, watch, stopKind } = await watched(generation);
  plane.plan("R", refuse({ code: "NOT_FOUND", message: "no such job" }));
  watch.start();
  await clock.advance(10_000);
  expect(stopKind()).toBe("lease-lost");
});

test.each(both)(
  "03 §7.2 %s: a cancel stops the work and the beats go on until silenced",
  async (generation) => {
    const { clock, plane, watch, job, stopKind, beatTimes } = await watched(generation);
    watch.start();
    job.ancestorCancelling = true;
    await clock.advance(10_000);
    expect(stopKind()).toBe("cancelled");
    expect(watch.lostSignal.aborted).toBe(false);
    const before = beatTimes().length;
    await clock.advance(10_000);
    expect(beatTimes().length).toBe(before + 1);
    expect(plane.sent("X")).toEqual([]);
  },
);

test("03 §5.2: the cancel flag is asked for at once, then at most every cancel_every", async () => {
  const { clock, plane, watch } = await watched();
  await watch.checkCancellation();
  await watch.checkCancellation();
  expect(plane.sent("C?").length).toBe(1);
  await clock.advance(4999);
  await watch.checkCancellation();
  expect(plane.sent("C?").length).toBe(1);
  await clock.advance(1);
  await watch.checkCancellation();
  expect(plane.sent("C?").length).toBe(2);
});

test("03 §5.2: a cancel question without an answer is repeated once and changes nothing", async () => {
  const { clock, plane, watch } = await watched();
  plane.plan("C?", unavailable, unavailable);
  await clock.resolve(watch.checkCancellation());
  expect(plane.sent("C?").length).toBe(2);
  expect(watch.signal.aborted).toBe(false);
});

test("03 §5.2: a cancel question refused for certain ends the lease", async () => {
  const { clock, plane, watch, stopKind } = await watched();
  plane.plan("C?", refuse({ code: "PERMISSION_DENIED", message: "no" }));
  await clock.resolve(watch.checkCancellation());
  expect(stopKind()).toBe("lease-lost");
});

const never = new AbortController().signal;

test("03 §5.2 confirm: a lease that was confirmed lately needs no question", async () => {
  const { plane, watch } = await watched();
  expect(await watch.confirm(never)).toBe("completable");
  expect(plane.sent("R")).toEqual([]);
});

test("03 §5.2 confirm: a lease that has probably expired is asked for", async () => {
  const { clock, plane, watch } = await watched();
  await clock.advance(20_001);
  expect(await watch.confirm(never)).toBe("completable");
  expect(plane.sent("R").length).toBe(1);
  expect(watch.probablyExpired()).toBe(false);
});

test("03 §5.2 confirm: refused is lost, unless a cancel came with it; no answer is uncertain", async () => {
  const lost = await watched();
  await lost.clock.advance(60_000);
  expect(await lost.watch.confirm(never)).toBe("lost");

  const cancelled = await watched();
  cancelled.job.ancestorCancelling = true;
  await cancelled.clock.advance(60_000);
  expect(await cancelled.watch.confirm(never)).toBe("completable");

  const uncertain = await watched();
  uncertain.plane.planAlways("R", unavailable);
  await uncertain.clock.advance(20_001);
  expect(await uncertain.clock.resolve(uncertain.watch.confirm(never))).toBe("uncertain");
});

test("03 §5.2 confirm: one renew without an answer is repeated", async () => {
  const { clock, plane, watch } = await watched();
  plane.plan("R", unavailable);
  await clock.advance(20_001);
  expect(await clock.resolve(watch.confirm(never))).toBe("completable");
  expect(plane.sent("R").length).toBe(2);
});

test("decision 4: progress goes with the next beat, once, and renews like one", async () => {
  const { clock, plane, watch, job } = await watched();
  watch.start();
  watch.offerProgress({ statsProcessed: 1n, message: "1 of 3" });
  watch.offerProgress({ statsProcessed: 2n, message: "2 of 3" });
  await clock.advance(20_000);
  expect(plane.calls.map(({ sign }) => sign)).toEqual(["L", "P", "R"]);
  expect(watch.toldProgress).toEqual({ statsProcessed: 2n, message: "2 of 3" });
  expect(job.message).toBe("2 of 3");
});

test("decision 4: progress without an answer is told again", async () => {
  const { clock, plane, watch } = await watched();
  plane.plan("P", loseAnswer());
  watch.start();
  watch.offerProgress({ statsProcessed: 1n, message: "1 of 3" });
  await clock.advance(10_000);
  expect(plane.sent("P").length).toBe(2);
  expect(watch.toldProgress?.statsProcessed).toBe(1n);
});

test("a beat tells how late it was sent and how long its answer took", async () => {
  const { clock, plane, watch, events } = await watched();
  plane.plan("R", delay(300));
  watch.start();
  await clock.advance(10_300);
  expect(events).toMatchObject([{ type: "beat", delayMs: 0, durationMs: 300 }]);
});

test("03 §17.1: beats that come late or last long are told", async () => {
  const { clock, plane, watch, events } = await watched();
  // A wake-up that comes a period late, as when the machine was asleep.
  const sleep = clock.sleep.bind(clock);
  let slept = false;
  clock.sleep = (ms, signal) => {
    if (slept) return sleep(ms, signal);
    slept = true;
    return sleep(ms + 10_000, signal);
  };
  plane.plan("R", delay(5000));
  watch.start();
  await clock.advance(30_000);
  expect(events).toContainEqual(expect.objectContaining({ type: "beat-late", delayMs: 10_000 }));
});
