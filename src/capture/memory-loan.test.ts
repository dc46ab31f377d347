import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { LOAN_BYTES } from "./memory-budget.ts";
import { endLoan, pageMemory } from "./memory-loan.ts";

const { signal } = new AbortController();

/** Held by a thread that isn't this one. */
function heldBy(thread: number) {
  const loan = new SharedArrayBuffer(LOAN_BYTES);
  new Int32Array(loan)[0] = thread;
  const budget = {
    maxMemoryBytes: 9,
    setting: "s=1",
    windowBytes: 1,
    chunkBytes: 1,
    largeChunkBytes: 2,
    loan,
  };
  return { loan, memory: pageMemory(budget, {}) };
}

test("the memory that is lent goes to whoever waits when the one who has it ends", async () => {
  const { loan, memory } = heldBy(7);
  let has = false;
  const waiting = memory.borrow(signal, true).then(() => {
    has = true;
  });
  await Promise.resolve();
  expect(has).toBe(false);
  endLoan(loan, 8);
  await Promise.resolve();
  expect(has).toBe(false);
  endLoan(loan, 7);
  await waiting;
  expect(has).toBe(true);
});

test("one who waits for memory stops waiting when it is cancelled", async () => {
  const { memory } = heldBy(7);
  const stop = new AbortController();
  const waiting = memory.borrow(stop.signal, true);
  stop.abort(new Error("cancelled"));
  await expect(waiting).rejects.toThrow("cancelled");
});

test("a thread notices that another one ended the loan", async () => {
  const { loan, memory } = heldBy(7);
  const code = `
    const { workerData } = require("node:worker_threads");
    const holder = new Int32Array(workerData);
    Atomics.store(holder, 0, 0);
    Atomics.notify(holder, 0);`;
  const other = new Worker(code, { eval: true, workerData: loan });
  await memory.borrow(signal, true);
  await other.terminate();
});

test("memory is kept while nobody waits, and what was kept beside another chunk is let go of first", async () => {
  const loan = new SharedArrayBuffer(LOAN_BYTES);
  const trimmed: number[] = [];
  const budget = {
    maxMemoryBytes: 9,
    setting: "s=1",
    windowBytes: 1,
    chunkBytes: 1,
    largeChunkBytes: 2,
    loan,
  };
  const memory = pageMemory(budget, {
    trim(bytes) {
      trimmed.push(bytes);
      return false;
    },
  });
  // The main thread's number stands for "free": what follows is of this thread's own doing alone.
  (await memory.borrow(signal, true))(0);
  (await memory.borrow(signal, false))(0);
  expect(trimmed).toEqual([]);
  (await memory.borrow(signal, true))(0);
  expect(trimmed).toEqual([2]);
  const words = new Int32Array(loan);
  Atomics.add(words, 1, 1);
  Atomics.notify(words, 1);
  await expect.poll(() => trimmed).toEqual([2, 2]);
});
