import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteRange } from "../../model/index.ts";
import { createReadAheadMemory } from "./read-ahead-memory.ts";
import { createReadPlan } from "./read-plan.ts";

const signal = new AbortController().signal;
const MIB = 1024 * 1024;

/** A file whose bytes are known by their place, and what was fetched of it. */
function fakeFile(memory = createReadAheadMemory(32 * MIB)) {
  const fetched: ByteRange[] = [];
  const plan = createReadPlan(async (offset, target) => {
    fetched.push({ offset, length: target.length });
    for (let i = 0; i < target.length; i += 997) target[i] = placeByte(offset + i);
  }, memory);
  return { fetched, plan };
}

function placeByte(position: number): number {
  return (position * 31 + (position >> 9)) & 255;
}

async function read(plan: ReturnType<typeof createReadPlan>, range: ByteRange): Promise<void> {
  await plan.readInto(range.offset, new Uint8Array(range.length), signal);
}

function side(by: number, count: number, from = 0): ByteRange[] {
  return Array.from({ length: count }, (_, index) => ({ offset: from + index * by, length: by }));
}

describe("8.6 reads that were announced", () => {
  it("neighbours are one request, those with a small gap between them too", async () => {
    const { plan, fetched } = fakeFile();
    const ranges = [...side(1000, 20), { offset: 50_000, length: 1000 }, { offset: 10 * MIB, length: 1000 }];
    plan.add(ranges);
    expect(fetched).toEqual([
      { offset: 0, length: 51_000 },
      { offset: 10 * MIB, length: 1000 },
    ]);
    for (const range of ranges) await read(plan, range);
    expect(fetched).toHaveLength(2);
  });

  it("a file costs no more than one request for 8 MiB, whatever the size of its columns", async () => {
    for (const [by, count] of [
      [100_000, 800],
      [3 * MIB, 30],
      [40 * MIB, 3],
    ] as const) {
      const { plan, fetched } = fakeFile();
      const ranges = side(by, count);
      plan.add(ranges);
      for (const { offset, length } of ranges) {
        for (let at = 0; at < length; at += 8 * MIB) {
          await read(plan, { offset: offset + at, length: Math.min(8 * MIB, length - at) });
        }
      }
      expect(fetched.length).toBeLessThanOrEqual(1 + Math.floor((by * count) / (8 * MIB)));
      expect(fetched.reduce((sum, { length }) => sum + length, 0)).toBe(by * count);
    }
  });

  it("what is loaded ahead is bounded, and goes on as blocks are read", async () => {
    const { plan, fetched } = fakeFile();
    plan.add(side(8 * MIB, 10));
    expect(fetched).toHaveLength(2);
    await read(plan, { offset: 0, length: 8 * MIB });
    expect(fetched.length).toBeLessThanOrEqual(3);
  });

  it("files share what may be held: one waits until another has been read, but for what its reader waits for", async () => {
    const memory = createReadAheadMemory(10 * MIB);
    const first = fakeFile(memory);
    const second = fakeFile(memory);
    const third = fakeFile(memory);
    for (const { plan } of [first, second, third]) plan.add([{ offset: 0, length: 6 * MIB }]);
    expect([first, second, third].map(({ fetched }) => fetched.length)).toEqual([1, 0, 0]);
    await read(third.plan, { offset: 0, length: MIB });
    expect(third.fetched).toHaveLength(1);
    third.plan.close();
    expect(second.fetched).toHaveLength(0);
    await read(first.plan, { offset: 0, length: 6 * MIB });
    expect(second.fetched).toHaveLength(1);
    second.plan.close();
    expect(memory.tryTake(10 * MIB)).toBe(true);
  });

  it("what was not announced, or is read again, is fetched as it is asked for", async () => {
    const { plan, fetched } = fakeFile();
    plan.add([{ offset: 1000, length: 100 }]);
    await read(plan, { offset: 900, length: 300 });
    await read(plan, { offset: 1000, length: 50 });
    expect(fetched).toEqual([
      { offset: 1000, length: 100 },
      { offset: 900, length: 100 },
      { offset: 1100, length: 100 },
      { offset: 1000, length: 50 },
    ]);
  });

  it("a failure is that of whoever reads it, and only then", async () => {
    const plan = createReadPlan(() => Promise.reject(new Error("torn")), createReadAheadMemory(MIB));
    plan.add([{ offset: 0, length: 10 }]);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(read(plan, { offset: 2, length: 3 })).rejects.toThrow("torn");
  });

  it("gives the bytes of their place, however they were announced and read", async () => {
    const ranges = fc.array(
      fc.record({ offset: fc.nat({ max: 30_000 }), length: fc.integer({ min: 1, max: 9000 }) }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(ranges, ranges, async (announced, reads) => {
        const plan = createReadPlan(async (offset, target) => {
          for (let i = 0; i < target.length; i++) target[i] = placeByte(offset + i);
        }, createReadAheadMemory(10_000));
        plan.add(announced);
        for (const { offset, length } of [...reads, ...announced, ...reads]) {
          const target = new Uint8Array(length);
          await plan.readInto(offset, target, signal);
          expect(target.every((byte, index) => byte === placeByte(offset + index))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
