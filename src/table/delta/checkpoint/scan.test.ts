import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { addAction, commitName, field, jsonLines, schemaOf } from "../../../../test/support/delta-log.ts";
import { memoryStore } from "../../../../test/support/memory-store.ts";
import type { CapturePolicy } from "../../../model/index.ts";
import { localStore, type ObjectStore } from "../../../storage/index.ts";
import type { TableFile, TableSnapshot } from "../../snapshot.ts";
import { createDeltaCache } from "../delta-cache.ts";
import { type DeltaOptions, openDelta } from "../open.ts";

/** The same files whichever way they are listed: whole, in batches, or by their places in the checkpoint. */

const FORMS = fileURLToPath(
  new URL("../../../../test/fixtures/data/delta/checkpoint_forms", import.meta.url),
);
const signal = new AbortController().signal;
const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};

const open = async (root: string, version: bigint, more: Partial<DeltaOptions> = {}) =>
  await openDelta({
    root,
    version,
    store: localStore(),
    policy,
    generation: "chunked",
    fullRescan: false,
    signal,
    ...more,
  });

async function scanned(snapshot: TableSnapshot): Promise<TableFile[]> {
  const files: TableFile[] = [];
  for await (const batch of snapshot.scan({ signal })) files.push(...batch);
  return files;
}

async function listed(snapshot: TableSnapshot) {
  const files = [];
  for await (const batch of snapshot.list({ signal })) files.push(...batch);
  return files;
}

describe.each([1n, 2n, 3n, 4n, 5n])(
  "05 §4.3, version %i of the table with every form of checkpoint",
  (version) => {
    it("is scanned in batches as it is listed whole, records of deletion vectors last", async () => {
      const snapshot = await open(FORMS, version);
      expect(await scanned(snapshot)).toEqual(await snapshot.files({ signal }));
    });

    it("is listed for a plan without what is only recorded", async () => {
      const snapshot = await open(FORMS, version);
      const files = (await snapshot.files({ signal })).filter((file) => file.readable);
      expect(await listed(snapshot)).toEqual(files.map(({ path, sizeBytes }) => ({ path, sizeBytes })));
    });

    it("gives each planned file out of an index as out of the whole list", async () => {
      const all = await (await open(FORMS, version)).files({ signal });
      const cache = createDeltaCache(1500);
      for (const file of all.filter(({ readable }) => readable)) {
        const snapshot = await open(FORMS, version, { cache });
        const [found, ...others] = await snapshot.files({ only: new Set([file.path]), signal });
        expect(found).toEqual(file);
        expect(others.filter(({ readable }) => readable)).toEqual([]);
      }
    });
  },
);

it("opens the sidecars that hold planned files and no others, once their index is there", async () => {
  const local = localStore();
  const opened: string[] = [];
  const store: ObjectStore = {
    list: (prefix, options) => local.list(prefix, options),
    open(path, options) {
      opened.push(path.replace(/^.*\//, ""));
      return local.open(path, options);
    },
  };
  // Large enough for the index, too small for the list.
  const cache = createDeltaCache(1500);
  const planned = async (name: string) => {
    const snapshot = await open(FORMS, 3n, { store, cache });
    opened.length = 0;
    return await snapshot.files({ only: new Set([`file://${FORMS}/${name}`]), signal });
  };
  expect(await planned("f3.parquet")).toHaveLength(1);
  expect(await planned("f2.parquet")).toHaveLength(1);
  const sidecars = opened.filter((name) => !name.includes("checkpoint"));
  expect(sidecars).toHaveLength(1);
  expect(await planned("none.parquet")).toEqual([]);
  expect(opened.filter((name) => !name.includes("checkpoint"))).toEqual([]);
});

describe("05 §7.2, scanned in batches", () => {
  const CLASSIC = "00000000000000000001.checkpoint.parquet";
  async function log(): Promise<Record<string, Uint8Array | string>> {
    const files: Record<string, Uint8Array | string> = {};
    for (const name of [commitName(0), commitName(1), CLASSIC])
      files[`s3://b/t/_delta_log/${name}`] = await readFile(`${FORMS}/_delta_log/${name}`);
    return files;
  }
  const sources = async (files: Record<string, Uint8Array | string>, version: bigint) =>
    (await scanned(await open("s3://b/t", version, { store: memoryStore(files) }))).map((file) => [
      file.path.replace(/^.*\//, ""),
      file.metrics.source,
    ]);

  it("statistics also belong to a file that a later commit has added again, though it comes before the checkpoint", async () => {
    const files = await log();
    const vector = { storageType: "u", pathOrInlineDv: "ab", offset: 1, sizeInBytes: 3, cardinality: 1 };
    const again = addAction("p=a/f0.parquet", { deletionVector: vector });
    files[`s3://b/t/_delta_log/${commitName(2)}`] = jsonLines({ remove: { path: "p=a/f0.parquet" } }, again);
    expect(await sources(files, 2n)).toEqual([
      ["f0.parquet", "metadata"],
      ["f1.parquet", "footer"],
      ["ab", "metadata"],
    ]);
  });

  it("none is given out where one can't be read, not even of the files before it", async () => {
    const files = await log();
    const path = `s3://b/t/_delta_log/${CLASSIC}`;
    const bytes = Buffer.from(files[path] ?? "");
    const at = bytes.indexOf(`0-${"x".repeat(8)}`);
    bytes.fill(0xff, at - 8, at);
    expect((await sources({ ...files, [path]: bytes }, 1n)).map(([, source]) => source)).toEqual([
      "footer",
      "footer",
    ]);
  });
});

it("05 §10: an inline deletion vector ends every way of listing", async () => {
  const inline = { storageType: "i", pathOrInlineDv: "x", sizeInBytes: 3, cardinality: 1 };
  const head = jsonLines(
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    { metaData: { schemaString: schemaOf(field("n", "long")) } },
    addAction("a", { deletionVector: inline }),
  );
  const store = memoryStore({ [`s3://b/t/_delta_log/${commitName(0)}`]: head });
  const snapshot = await open("s3://b/t", 0n, { store });
  const refused = /inline deletion vectors; not supported for snapshot 0/;
  await expect(snapshot.files({ signal })).rejects.toThrow(refused);
  await expect(scanned(snapshot)).rejects.toThrow(refused);
  await expect(listed(snapshot)).rejects.toThrow(refused);
});
