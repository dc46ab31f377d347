import { expect, test } from "vitest";
import { createSharedCache, scopedCache } from "./shared-cache.ts";

test("08 §4.4: what was read in one scope is not there in another, and all scopes share the bound", async () => {
  const cache = createSharedCache<string>(2, (value) => value.length);
  const loads: string[] = [];
  const get = (scope: string, key: string) =>
    scopedCache(cache, scope).get(
      key,
      async () => {
        loads.push(`${scope}/${key}`);
        return "x";
      },
      new AbortController().signal,
    );
  await get("a", "k");
  await get("a", "k");
  await get("b", "k");
  // A key that looks like another scope's is its own.
  await get("a\nb", "k");
  await get("a", "k");
  expect(loads).toEqual(["a/k", "b/k", "a\nb/k", "a/k"]);
});
