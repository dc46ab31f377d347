import { describe, expect, test } from "vitest";
import { UsageError } from "../model/index.ts";
import { captureResources } from "./memory-budget.ts";

const MIB = 2 ** 20;
const large = { availableParallelism: 2, memoryBytes: 64 * 1024 * MIB };

/** What all threads together may hold when each does its most. */
function most({ threads, memory }: ReturnType<typeof captureResources>): number {
  const { windowBytes, chunkBytes, largeChunkBytes } = memory;
  const shares = threads * (4 * windowBytes + 2 * chunkBytes);
  return 92 * MIB + threads * 16 * MIB + shares + (largeChunkBytes - chunkBytes);
}

describe("the memory of a process and its capture threads", () => {
  test("is 256 MiB for two threads unless more is asked for, and all shares fit into it", () => {
    const resources = captureResources({}, large);
    expect(resources.threads).toBe(2);
    expect(resources.memory.setting).toBe(
      "floecat.capture.max-memory-bytes=268435456 (256 MiB for 2 threads)",
    );
    expect(most(resources)).toBeLessThanOrEqual(256 * MIB);
    expect(most(resources)).toBeGreaterThan(255 * MIB);
  });

  test.each([1, 2, 3, 8, 64])("deals out no more than there is to %i threads", (threads) => {
    for (const mib of [threads * 32 + 92, threads * 64 + 128, 4096, 100_000]) {
      const maxMemoryBytes = mib * MIB;
      expect(most(captureResources({ threads, maxMemoryBytes }, large))).toBeLessThanOrEqual(maxMemoryBytes);
    }
  });

  test("leaves room for a page of 84 MiB with its 24 MiB as they lie in the file, at two threads", () => {
    expect(captureResources({}, large).memory.largeChunkBytes).toBeGreaterThan(108.5 * MIB);
  });

  test("takes three quarters of a small container, with as many threads as fit", () => {
    const resources = captureResources({}, { availableParallelism: 8, memoryBytes: 256 * MIB });
    expect(most(resources)).toBeLessThanOrEqual(192 * MIB);
    expect(resources.threads).toBe(3);
  });

  test("grows by 128 MiB a thread on a large machine", () => {
    const { threads, memory } = captureResources({}, { ...large, availableParallelism: 16 });
    expect(threads).toBe(16);
    expect(memory.setting).toContain("(2048 MiB for 16 threads)");
  });

  test("refuses more threads than the memory allows, naming both settings and what is needed", () => {
    const wishes = { threads: 20, maxMemoryBytes: 256 * MIB };
    expect(() => captureResources(wishes, large)).toThrow(UsageError);
    expect(() => captureResources(wishes, large)).toThrow(
      /floecat\.capture\.max-memory-bytes=268435456 \(--max-memory\): 20 capture threads need 732 MiB at least; .*--threads/,
    );
  });
});
