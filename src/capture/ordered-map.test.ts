import { expect, test } from "vitest";
import { orderedMap } from "./ordered-map.ts";

test("results come in the order of the items, whichever ends first", async () => {
  const release: (() => void)[] = [];
  const results: number[] = [];
  const loop = (async () => {
    for await (const result of orderedMap([0, 1, 2], 3, async (item) => {
      await new Promise<void>((resolve) => {
        release[item] = resolve;
      });
      return item;
    })) {
      results.push(result);
    }
  })();
  release[2]?.();
  release[1]?.();
  release[0]?.();
  await loop;
  expect(results).toEqual([0, 1, 2]);
});

test("no more than the given number run or wait to be taken at a time", async () => {
  let started = 0;
  let taken = 0;
  let most = 0;
  for await (const _ of orderedMap(
    Array.from({ length: 50 }, (_, i) => i),
    4,
    async (item) => {
      started++;
      most = Math.max(most, started - taken);
      await Promise.resolve();
      return item;
    },
  )) {
    taken++;
  }
  expect(taken).toBe(50);
  // Four, and the one just handed over.
  expect(most).toBeLessThanOrEqual(5);
});

test("leaving the loop early waits for what is running", async () => {
  let ended = 0;
  for await (const _ of orderedMap([1, 2, 3], 3, async (item) => {
    for (let turn = 0; turn < item * 3; turn++) await Promise.resolve();
    ended++;
    return item;
  })) {
    break;
  }
  expect(ended).toBe(3);
});
