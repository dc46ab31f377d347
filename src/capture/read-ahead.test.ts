import { expect, test } from "vitest";
import { memoryStore } from "../../test/support/memory-store.ts";
import type { ObjectStore } from "../storage/index.ts";
import { readAhead } from "./read-ahead.ts";

const signal = new AbortController().signal;

test("the ends of files are read, of small ones all of it; what can't be read is left to the capture", async () => {
  const store = memoryStore({ "s3://b/large": Buffer.alloc(100_000, 7), "s3://b/small": "PAR1" });
  const { ends, done } = readAhead(["s3://b/large", "s3://b/missing", "s3://b/small", "s3://b/large"], {
    store,
    signal,
  });
  await done;
  expect([...ends].map(([path, { size, bytes }]) => [path, size, bytes.length])).toEqual([
    ["s3://b/large", 100_000, 65_536],
    ["s3://b/small", 4, 4],
  ]);
  expect(store.opened).toEqual(["s3://b/large", "s3://b/missing", "s3://b/small"]);
});

test("a few at a time, in the order of the group, and none once the group is given up", async () => {
  const paths = Array.from({ length: 100 }, (_, index) => `s3://b/${index}`);
  const asked: string[] = [];
  const never: ObjectStore = {
    open: (path, options) => {
      asked.push(path);
      return new Promise((_, reject) => {
        options.signal.addEventListener("abort", () => reject(options.signal.reason));
      });
    },
    async *list() {},
  };
  const group = new AbortController();
  const { ends, done } = readAhead(paths, { store: never, signal: group.signal });
  expect(asked).toEqual(paths.slice(0, 8));
  group.abort();
  await done;
  expect(asked.length).toBe(8);
  expect(ends.size).toBe(0);
});

test("of a large group the first files alone: what is held is bounded", async () => {
  const paths = Array.from({ length: 100 }, (_, index) => `s3://b/${index}`);
  const store = memoryStore(Object.fromEntries(paths.map((path) => [path, "x"])));
  const { ends, done } = readAhead(paths, { store, signal });
  await done;
  expect([...ends.keys()]).toEqual(paths.slice(0, 64));
});
