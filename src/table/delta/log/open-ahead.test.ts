import { expect, test } from "vitest";
import type { ObjectHandle } from "../../../storage/index.ts";
import { openAhead } from "./open-ahead.ts";

const signal = new AbortController().signal;

function fakeStore() {
  const asked: string[] = [];
  const closed: string[] = [];
  return {
    asked,
    closed,
    async open(path: string): Promise<ObjectHandle> {
      asked.push(path);
      if (path === "gone") throw new Error("gone");
      const close = async () => {
        closed.push(path);
      };
      const read = async () => new Uint8Array();
      return { path, size: 0, etag: undefined, read, close, [Symbol.asyncDispose]: close };
    },
  };
}

test("05 §4.4 the commits that come next are opened while one is read, each once, and unread ones are closed", async () => {
  const paths = Array.from({ length: 30 }, (_, index) => String(index));
  const store = fakeStore();
  {
    await using ahead = openAhead(store, paths, signal);
    await (await ahead.open("0", { signal })).close();
    expect(store.asked).toEqual(paths.slice(0, 9));
    for (const path of paths.slice(1, 12)) await (await ahead.open(path, { signal })).close();
    expect(store.asked).toEqual(paths.slice(0, 20));
    await (await ahead.open("elsewhere", { signal })).close();
  }
  expect(store.closed.sort()).toEqual([...paths.slice(0, 20), "elsewhere"].sort());
});

test("one that can't be opened fails when its turn comes", async () => {
  const store = fakeStore();
  await using ahead = openAhead(store, ["a", "gone", "b"], signal);
  await (await ahead.open("a", { signal })).close();
  await expect(ahead.open("gone", { signal })).rejects.toThrow("gone");
  await (await ahead.open("b", { signal })).close();
  expect(store.asked).toEqual(["a", "gone", "b"]);
});
