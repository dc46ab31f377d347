import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { threadId } from "node:worker_threads";
import { systemClock } from "../model/index.ts";
import { MAX_CHUNKS_AT_A_TIME, type PageEngine, type PageMemory } from "../parquet/index.ts";
import type { MemoryBudget } from "./memory-budget.ts";

/**
 * The memory that threads lend each other, one chunk at a time. Who has it stands in shared memory, and how many wait for it. A
 * thread whose chunk is done keeps the memory, which is of use for the next large page, until somebody waits, if there is
 * room enough: to free it takes a garbage collection, and to get it anew the system has to clear it.
 */
const HOLDER = 0;
const WAITING = 1;
const FREE = 0;

/**
 * A thread whose next page is large again goes on with the memory while others wait, so that it doesn't change hands for every
 * page: so long it may be between two pages, and so long in all.
 */
const BETWEEN_PAGES_MS = 10;
const MOST_WHILE_OTHERS_WAIT_MS = 2000;

/** Kept memory stands beside the next page as it is read from the file: it is kept only where there is room for both. */
const WITH_NEXT_BODY = 1.5;

/** How often one who waits looks whether it has been cancelled. */
const LOOK_MS = 50;
/** The system takes memory back a little after the garbage collection that frees it: how long it is waited for at most. */
const MS_PER_BYTE = 30 / 2 ** 20;
const FREED_LOOK_MS = 5;
/** As good as all of it: others take memory meanwhile. */
const FREED_SHARE = 0.8;

/** One for a thread and its engine, which keeps the memory. */
export function pageMemory(budget: MemoryBudget, engine: Pick<PageEngine, "trim">): PageMemory {
  const { setting, chunkBytes, largeChunkBytes, loan } = budget;
  /** What a chunk that is open alone has without borrowing. */
  const shareBytes = MAX_CHUNKS_AT_A_TIME * chunkBytes;
  const words = new Int32Array(loan);
  /** What this thread does with the loan; whether it has it, the words say. */
  let state: "none" | "used" | "kept" | "ending" = "none";
  let usedBytes = 0;
  let isWatching = false;
  let othersWaitSinceMs: number | undefined;

  async function borrow(signal: AbortSignal, isBegun: boolean): Promise<(bytes: number) => void> {
    for (;;) {
      signal.throwIfAborted();
      if (state === "kept") {
        state = "used";
        // It lies idle beside a chunk that has begun without it.
        if (isBegun && engine.trim?.(shareBytes) === true) await freed();
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
    usedBytes = Math.max(usedBytes, bytes);
    if (usedBytes * WITH_NEXT_BODY > largeChunkBytes) {
      void giveUp();
      return;
    }
    state = "kept";
    void watch();
  }

  /** Gives the kept memory up when somebody waits for it and this thread has no use for it. */
  async function watch(): Promise<void> {
    if (isWatching) return;
    isWatching = true;
    while (state === "kept") {
      if (Atomics.load(words, WAITING) === 0) {
        othersWaitSinceMs = undefined;
        await Atomics.waitAsync(words, WAITING, 0).value;
        continue;
      }
      othersWaitSinceMs ??= systemClock.monotonicMs();
      const waitedMs = systemClock.monotonicMs() - othersWaitSinceMs;
      if (waitedMs < MOST_WHILE_OTHERS_WAIT_MS) await systemClock.sleep(BETWEEN_PAGES_MS, NEVER);
      if (isKept()) await giveUp();
    }
    isWatching = false;
  }

  /** Asked anew: while this thread slept another of its tasks may have taken the memory. */
  function isKept(): boolean {
    return state === "kept";
  }

  async function giveUp(): Promise<void> {
    state = "ending";
    othersWaitSinceMs = undefined;
    engine.trim?.(shareBytes);
    await freed();
    usedBytes = 0;
    state = "none";
    endLoan(loan, threadId);
  }

  /** Memory of the kernels is freed by the garbage collector, which has no reason of its own to run. */
  async function freed(): Promise<void> {
    // What was let go of may still be on the stack.
    await nextTurn();
    const targetBytes = process.memoryUsage.rss() - FREED_SHARE * usedBytes;
    globalThis.gc?.();
    const deadlineMs = systemClock.monotonicMs() + usedBytes * MS_PER_BYTE;
    for (let looks = 0; process.memoryUsage.rss() > targetBytes; looks++) {
      if (systemClock.monotonicMs() > deadlineMs) return;
      await systemClock.sleep(FREED_LOOK_MS, NEVER);
      // A collection ends the one before it, whose work other threads do when they come to it.
      if (looks === 0) globalThis.gc?.();
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
