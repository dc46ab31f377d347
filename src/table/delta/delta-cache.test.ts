import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { CapturePolicy } from "../../model/index.ts";
import { localStore, type ObjectStore } from "../../storage/index.ts";
import { createDeltaCache, type DeltaCache } from "./delta-cache.ts";
import { type DeltaOptions, openDelta } from "./open.ts";

const FORMS = fileURLToPath(new URL("../../../test/fixtures/data/delta/checkpoint_forms", import.meta.url));
const signal = new AbortController().signal;
const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};

/** The local store, with an account of what was opened. */
function countingStore(): ObjectStore & { readonly opened: string[] } {
  const store = localStore();
  const opened: string[] = [];
  return {
    opened,
    list: (prefix, options) => store.list(prefix, options),
    open(path, options) {
      opened.push(path.replace(/^.*\//, ""));
      return store.open(path, options);
    },
  };
}

async function capture(
  store: ObjectStore,
  cache: DeltaCache,
  only?: string,
  more: Partial<DeltaOptions> = {},
) {
  const snapshot = await openDelta({
    root: FORMS,
    version: 5n,
    store,
    policy,
    generation: "chunked",
    fullRescan: true,
    cache,
    signal,
    ...more,
  });
  const files = await snapshot.files(only === undefined ? { signal } : { only: new Set([only]), signal });
  return files.map((file) => [file.path.replace(/^.*\//, ""), file.metrics.source]);
}

it("05 §4: groups of one snapshot read its log and its checkpoint once", async () => {
  const store = countingStore();
  const cache = createDeltaCache();
  const all = await Promise.all([capture(store, cache), capture(store, cache)]);
  expect(all[0]).toEqual(all[1]);
  expect(all[0]).toHaveLength(6);
  const opened = store.opened.length;
  // The manifest is read for protocol and metadata, and for its adds.
  expect(store.opened.toSorted()).toEqual([
    "00000000000000000004.001.parquet",
    "00000000000000000004.checkpoint.00000000-0000-0000-0000-000000000004.json",
    "00000000000000000004.checkpoint.00000000-0000-0000-0000-000000000004.json",
    "00000000000000000005.json",
  ]);
  expect(await capture(store, cache, `file://${FORMS}/f3.parquet`)).toEqual([["f3.parquet", "footer"]]);
  expect(store.opened).toHaveLength(opened);
});

it("keeps the statistics of a checkpoint apart by generation and columns", async () => {
  const cache = createDeltaCache();
  const store = localStore();
  const more = { version: 1n };
  const planned = `file://${FORMS}/p=a/f0.parquet`;
  const ids = async (options: Partial<DeltaOptions>) => {
    const snapshot = await openDelta({
      root: FORMS,
      version: 1n,
      store,
      policy,
      generation: "chunked",
      fullRescan: true,
      cache,
      signal,
      ...options,
    });
    const [file] = await snapshot.files({ only: new Set([planned]), signal });
    return file?.metrics.source === "metadata" ? [...file.metrics.metrics.columns.keys()] : undefined;
  };
  expect(await capture(store, cache, planned, more)).toEqual([["f0.parquet", "metadata"]]);
  expect(await ids({})).toHaveLength(2);
  const onlyN = { ...policy, columns: [{ selector: "n", captureStats: true, captureIndex: false }] };
  expect(await ids({ policy: onlyN })).toHaveLength(1);
  expect(await ids({})).toHaveLength(2);
});

it("reads the planned files alone where the whole list would take too much memory", async () => {
  const store = countingStore();
  const cache = createDeltaCache(1500);
  const planned = `file://${FORMS}/f3.parquet`;
  expect(await capture(store, cache, planned)).toEqual([["f3.parquet", "footer"]]);
  const opened = store.opened.length;
  expect(await capture(store, cache, planned)).toEqual([["f3.parquet", "footer"]]);
  expect(store.opened.length).toBeGreaterThan(opened);
});
