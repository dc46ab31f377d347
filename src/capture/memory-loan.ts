import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { threadId } from "node:worker_threads";
import { systemClock } from "../model/index.ts";
import type { PageMemory } from "../parquet/index.ts";
import type { MemoryBudget } from "./memory-budget.ts";

/**
 * The memory that threads lend each other, one chunk at a time. Who has it stands in shared memory; the others wait for
 * that to change.
 */
const FREE = 0;
/** How often one who waits looks whether it has been cancelled. */
const LOOK_MS = 50;
/** The system takes memory back a little after the garbage collection that frees it: how long it is waited for at most. */
const FREED_AFTER_MS = 100;
const FREED_LOOK_MS = 5;
/** As good as all of it: others take memory meanwhile. */
const FREED_SHARE = 0.9;

export function pageMemory({ setting, chunkBytes, largeChunkBytes, loan }: MemoryBudget): PageMemory {
  const holder = new Int32Array(loan);
  return {
    setting,
    chunkBytes,
    largeChunkBytes,
    async borrow(signal) {
      for (;;) {
        signal.throwIfAborted();
        const current = Atomics.compareExchange(holder, 0, FREE, threadId);
        if (current === FREE) return (usedBytes) => void giveBack(usedBytes);
        await Atomics.waitAsync(holder, 0, current, LOOK_MS).value;
      }
    },
  };

  /** Memory of the kernels is freed by the garbage collector, which has no reason of its own to run. */
  async function giveBack(usedBytes: number): Promise<void> {
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
    endLoan(loan, threadId);
  }
}

const NEVER = new AbortController().signal;

/** Also for a thread that has died: nobody waits for it. */
export function endLoan(loan: SharedArrayBuffer, thread: number): void {
  const holder = new Int32Array(loan);
  if (Atomics.compareExchange(holder, 0, thread, FREE) === thread) Atomics.notify(holder, 0);
}

/** Threads that start from now on can ask for a garbage collection. */
export function allowCollection(): void {
  setFlagsFromString("--expose-gc");
}
