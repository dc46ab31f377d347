import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { threadId } from "node:worker_threads";
import { systemClock } from "../model/index.ts";
import type { PageEngine, PageMemory } from "../parquet/index.ts";
import type { MemoryBudget } from "./memory-budget.ts";

/**
 * The memory that threads lend each other, one chunk at a time. Who has it stands in shared memory, and how many wait for it. A
 * thread whose chunk is done keeps the memory, which is of use for the next large page, until somebody waits: to free it
 * takes a garbage collection, and to get it anew the system has to clear it.
 */
const HOLDER = 0;
const WAITING = 1;
const FREE = 0;

/** How often one who waits looks whether it has been cancelled. */
const LOOK_MS = 50;
/** The system takes memory back a little after the garbage collection that frees it: how long it is waited for at most. */
const FREED_AFTER_MS = 500;
const FREED_LOOK_MS = 5;
/** As good as all of it: others take memory meanwhile. */
const FREED_SHARE = 0.9;

/** One for a thread and its engine, which keeps the memory. */
export function pageMemory(budget: MemoryBudget, engine: Pick<PageEngine, "trim">): PageMemory {
  const { setting, chunkBytes, largeChunkBytes, loan } = budget;
  const words = new Int32Array(loan);
  /** What this thread does with the loan; whether it has it, the words say. */
  let state: "none" | "used" | "kept" | "ending" = "none";
  let usedBytes = 0;
  let isWatching = false;

  async function borrow(signal: AbortSignal): Promise<(bytes: number) => void> {
    for (;;) {
      signal.throwIfAborted();
      if (state === "kept") {
        state = "used";
        // It may lie idle beside a chunk that has begun without it.
        if (engine.trim?.(chunkBytes) === true) await freed();
        return end;
      }
      const current = Atomics.compareExchange(words, HOLDER, FREE, threadId);
      if (current === FREE) {
        state = "used";
        return end;
      }
      Atomics.add(words, WAITING, 1);
      Atomics.notify(words, WAITING);
      await Atomics.waitAsync(words, HOLDER, current, LOOK_MS).value;
      Atomics.sub(words, WAITING, 1);
    }
  }

  function end(bytes: number): void {
    state = "kept";
    usedBytes = Math.max(usedBytes, bytes);
    void watch();
  }

  /** Gives the kept memory up as soon as somebody waits for it. */
  async function watch(): Promise<void> {
    if (isWatching) return;
    isWatching = true;
    while (state === "kept") {
      if (Atomics.load(words, WAITING) > 0) await giveUp();
      else await Atomics.waitAsync(words, WAITING, 0).value;
    }
    isWatching = false;
  }

  async function giveUp(): Promise<void> {
    state = "ending";
    engine.trim?.(chunkBytes);
    await freed();
    usedBytes = 0;
    state = "none";
    endLoan(loan, threadId);
  }

  /** Memory of the kernels is freed by the garbage collector, which has no reason of its own to run. */
  async function freed(): Promise<void> {
    // What was let go of may still be on the stack.
    await nextTurn();
    const before = process.memoryUsage.rss();
    globalThis.gc?.();
    const deadlineMs = systemClock.monotonicMs() + FREED_AFTER_MS;
    while (
      process.memoryUsage.rss() > before - FREED_SHARE * usedBytes &&
      systemClock.monotonicMs() < deadlineMs
    ) {
      await systemClock.sleep(FREED_LOOK_MS, NEVER);
    }
  }

  return { setting, chunkBytes, largeChunkBytes, borrow };
}

const NEVER = new AbortController().signal;

/** Also for a thread that has died: nobody waits for it. */
export function endLoan(loan: SharedArrayBuffer, thread: number): void {
  const words = new Int32Array(loan);
  if (Atomics.compareExchange(words, HOLDER, thread, FREE) === thread) Atomics.notify(words, HOLDER);
}

/** Threads that start from now on can ask for a garbage collection. */
export function allowCollection(): void {
  setFlagsFromString("--expose-gc");
}
