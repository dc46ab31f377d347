import fc from "fast-check";
import { expect, test } from "vitest";
import { CHUNK_TARGET_BYTES, chunksOf } from "./chunks.ts";

/** Sizes of the items in each chunk. */
async function cut(sizes: readonly number[]): Promise<number[][]> {
  async function* items() {
    for (const size of sizes) yield { bytes: new Uint8Array(size) };
  }
  const chunks: number[][] = [];
  for await (const chunk of chunksOf(items())) chunks.push(chunk.map(({ bytes }) => bytes.length));
  return chunks;
}

test("03 M15: items counted to the target exactly make one chunk, one byte more a second", async () => {
  expect(await cut([65_504, 65_504])).toEqual([[65_504, 65_504]]);
  expect(await cut([65_504, 65_505])).toEqual([[65_504], [65_505]]);
});

test("03 M16: an item above the target has a chunk of its own", async () => {
  expect(await cut([10, 200_000, 10])).toEqual([[10], [200_000], [10]]);
});

test("03 M19: no items, no chunks", async () => {
  expect(await cut([])).toEqual([]);
});

test("03 §10.3: an empty item counts as one byte and 32 of overhead", async () => {
  const perChunk = Math.floor(CHUNK_TARGET_BYTES / 33);
  const chunks = await cut(Array(perChunk + 1).fill(0));
  expect(chunks.map((chunk) => chunk.length)).toEqual([perChunk, 1]);
});

test("03 §10.3: order is kept, and only a single item exceeds the target", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 150_000 }), { maxLength: 20 }), async (sizes) => {
      const chunks = await cut(sizes);
      expect(chunks.flat()).toEqual(sizes);
      for (const chunk of chunks) {
        const counted = chunk.reduce((sum, size) => sum + Math.max(1, size) + 32, 0);
        expect(chunk.length === 1 || counted <= CHUNK_TARGET_BYTES).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});
