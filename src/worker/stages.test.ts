import { expect, test } from "vitest";
import { Stages, type StageTicket } from "./stages.ts";

const limits = { maxParallelism: 1, prefetchedGroups: 0, maxPendingResults: 10, maxPendingResultBytes: 1000 };
const never = new AbortController().signal;

/** Whether a promise has been resolved by what has happened so far. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

async function capturing(stages: Stages): Promise<StageTicket> {
  const ticket = stages.enter();
  await ticket.takeCaptureSlot(never);
  return ticket;
}

test("a group that is being captured keeps the next from being captured, and from being leased", async () => {
  const stages = new Stages(limits);
  const first = await capturing(stages);
  const room = stages.roomForLease(never);
  expect(await isSettled(room)).toBe(false);
  first.leave();
  expect(await isSettled(room)).toBe(true);
});

test("a captured group holds no capture slot while its result waits to be taken", async () => {
  const stages = new Stages(limits);
  const first = await capturing(stages);
  first.holdResult(10);
  await stages.roomForLease(never);
  await capturing(stages);
  expect(stages.counts()).toEqual({ ahead: 0, capturing: 1, results: 1, resultBytes: 10 });
});

test("one group is leased ahead of its slot for each that may be prefetched", async () => {
  const stages = new Stages({ ...limits, prefetchedGroups: 1 });
  await capturing(stages);
  await stages.roomForLease(never);
  stages.enter();
  expect(await isSettled(stages.roomForLease(never))).toBe(false);
});

test("results waiting are bounded in number, those under capture included", async () => {
  const stages = new Stages({ ...limits, maxParallelism: 4, maxPendingResults: 2 });
  const first = await capturing(stages);
  first.holdResult(1);
  await capturing(stages);
  const third = stages.enter().takeCaptureSlot(never);
  expect(await isSettled(third)).toBe(false);
  first.leave();
  expect(await isSettled(third)).toBe(true);
});

test("results waiting are bounded in bytes: no capture starts above", async () => {
  const stages = new Stages({ ...limits, maxParallelism: 2 });
  const first = await capturing(stages);
  first.holdResult(1000);
  const second = stages.enter().takeCaptureSlot(never);
  expect(await isSettled(second)).toBe(false);
  first.holdResult(999);
  expect(await isSettled(second)).toBe(true);
});

test("slots are given in the order in which they were asked for", async () => {
  const stages = new Stages({ ...limits, prefetchedGroups: 3 });
  const holder = await capturing(stages);
  const order: number[] = [];
  const tickets = [1, 2, 3].map((number) => {
    const ticket = stages.enter();
    void ticket.takeCaptureSlot(never).then(() => {
      order.push(number);
      ticket.leave();
    });
    return ticket;
  });
  holder.leave();
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([1, 2, 3]);
  expect(tickets.length).toBe(3);
});

test("a waiter whose signal aborts leaves the queue and gets the reason", async () => {
  const stages = new Stages(limits);
  const holder = await capturing(stages);
  const stop = new AbortController();
  const waiting = stages.enter().takeCaptureSlot(stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  holder.leave();
  expect(stages.counts().capturing).toBe(0);
});

test("leaving twice gives back once", async () => {
  const stages = new Stages(limits);
  const ticket = await capturing(stages);
  ticket.leave();
  ticket.leave();
  ticket.holdResult(5);
  expect(stages.counts()).toEqual({ ahead: 0, capturing: 0, results: 0, resultBytes: 0 });
});
