import { expect, test } from "vitest";
import { orderedMap } from "./ordered-map.ts";

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

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
  await turns(9);
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
    await turns(item * 3);
    ended++;
    return item;
  })) {
    break;
  }
  expect(ended).toBe(3);
});

test("items may be listed while the first are worked on; no more are asked for than can be begun, and the listing is closed", async () => {
  let listed = 0;
  let closed = false;
  async function* listing() {
    try {
      for (;;) yield listed++;
    } finally {
      closed = true;
    }
  }
  for await (const item of orderedMap(listing(), 4, (each) => Promise.resolve(each))) if (item === 10) break;
  expect(listed).toBeLessThanOrEqual(10 + 1 + 4);
  expect(closed).toBe(true);
});

test("a listing that fails ends the loop once what is running has ended", async () => {
  let ended = 0;
  async function* listing() {
    yield 1;
    yield 2;
    throw new Error("the listing broke");
  }
  const loop = async () => {
    for await (const _ of orderedMap(listing(), 4, async () => {
      await turns(5);
      ended++;
    })) {
      // Nothing is handed over.
    }
  };
  await expect(loop()).rejects.toThrow("the listing broke");
  expect(ended).toBe(2);
});
