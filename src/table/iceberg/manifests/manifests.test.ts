import { describe, expect, it } from "vitest";
import { avroFile } from "../../../../test/support/avro-builder.ts";
import {
  entryRecord,
  manifest,
  manifestList,
  manifestSchema,
  memoryStore,
} from "../../../../test/support/iceberg-builder.ts";
import type { IcebergSnapshotEntry } from "../metadata/index.ts";
import { type Manifest, parseManifest, parseManifestInTurns, readEntry } from "./manifest.ts";
import { createManifestCache } from "./manifest-cache.ts";
import { parseManifestList } from "./manifest-list.ts";
import { liveEntries } from "./read-manifests.ts";

const { signal } = new AbortController();

describe("manifest lists (04 §5)", () => {
  it("04 T29: a manifest whose counts are both 0 is empty; one without counts is not", () => {
    const list = manifestList([
      { manifest_path: "a.avro", added_files_count: 0, existing_files_count: 0 },
      { manifest_path: "b.avro", added_files_count: null, existing_files_count: null },
      {
        manifest_path: "c.avro",
        added_files_count: 0,
        existing_files_count: 3,
        content: 1,
        sequence_number: 7,
      },
    ]);
    expect(parseManifestList(list, "snap.avro")).toEqual([
      { path: "a.avro", specId: 0, content: "data", sequenceNumber: 0n, empty: true },
      { path: "b.avro", specId: 0, content: "data", sequenceNumber: 0n, empty: false },
      { path: "c.avro", specId: 0, content: "deletes", sequenceNumber: 7n, empty: false },
    ]);
  });

  it("reads v1 lists without ids, by their names of the counts", () => {
    const schema = {
      type: "record",
      name: "manifest_file",
      fields: [
        { name: "manifest_path", type: "string" },
        { name: "partition_spec_id", type: "int" },
        { name: "added_data_files_count", type: ["null", "int"] },
        { name: "existing_data_files_count", type: ["null", "int"] },
      ],
    };
    const list = avroFile(schema, [
      {
        manifest_path: "a.avro",
        partition_spec_id: 4,
        added_data_files_count: 0,
        existing_data_files_count: 0,
      },
    ]);
    expect(parseManifestList(list, "snap.avro")).toEqual([
      { path: "a.avro", specId: 4, content: "data", sequenceNumber: 0n, empty: true },
    ]);
  });

  it("names the file when a field has the wrong type", () => {
    const schema = {
      type: "record",
      name: "m",
      fields: [{ name: "manifest_path", type: "int", "field-id": 500 }],
    };
    const list = avroFile(schema, [{ manifest_path: 1 }]);
    expect(() => parseManifestList(list, "s3://b/snap.avro")).toThrow(
      "Cannot read the Avro file s3://b/snap.avro: manifest_path is not text",
    );
  });
});

describe("manifests (04 §5)", () => {
  it("04 T27: entries with status 2 are left out", () => {
    const bytes = manifest([
      { path: "a", status: 2 },
      { path: "b", status: 1 },
      { path: "c", status: 0 },
    ]);
    expect(parseManifest(bytes, "m.avro").entries.map((entry) => entry.path)).toEqual(["b", "c"]);
  });

  it("a large one is indexed in turns of the event loop, to the same result", async () => {
    const bytes = manifest(Array.from({ length: 9000 }, (_, i) => ({ path: `s3://b/t/${i}` })));
    let turns = 0;
    const turning = setInterval(() => turns++, 0);
    const parsed = await parseManifestInTurns(bytes, "m.avro");
    clearInterval(turning);
    const placesOf = ({ entries }: Manifest) => entries.map(({ path, offset }) => [path, offset]);
    expect(placesOf(parsed)).toEqual(placesOf(parseManifest(bytes, "m.avro")));
    expect(parsed.entries).toHaveLength(9000);
    expect(turns).toBeGreaterThan(0);
  });

  it("decodes an entry, and its format without regard to case", () => {
    const bytes = manifest(
      [
        { path: "skipped", valueCounts: { 1: 2 } },
        {
          path: "b",
          format: "parquet",
          rows: 2n ** 60n,
          size: 9,
          content: 2,
          equalityIds: [3, 1],
          status: 0,
        },
      ],
      { codec: "deflate" },
    );
    const parsed = parseManifest(bytes, "m.avro");
    const [, place] = parsed.entries;
    expect(place && readEntry(parsed, place)).toMatchObject({
      added: false,
      filePath: "b",
      fileFormat: "PARQUET",
      content: "equality-deletes",
      recordCount: 2n ** 60n,
      fileSizeBytes: 9n,
      equalityIds: [3, 1],
    });
  });

  it("matches by name in a file without any field ids", () => {
    const withoutIds = JSON.parse(JSON.stringify(manifestSchema()).replaceAll(/,"field-id":\d+/g, ""));
    const parsed = parseManifest(avroFile(withoutIds, [entryRecord({ path: "p", rows: 5 })]), "m.avro");
    const [place] = parsed.entries;
    expect(place && readEntry(parsed, place)).toMatchObject({ filePath: "p", recordCount: 5n });
  });

  it("refuses a file format it doesn't know", () => {
    const parsed = parseManifest(manifest([{ path: "p", format: "lance" }]), "m.avro");
    const [place] = parsed.entries;
    expect(() => place && readEntry(parsed, place)).toThrow("Invalid file format: lance");
  });
});

describe("live entries of a snapshot", () => {
  const snapshot = (manifests: IcebergSnapshotEntry["manifests"]): IcebergSnapshotEntry => ({
    snapshotId: 1n,
    parentSnapshotId: undefined,
    sequenceNumber: 1n,
    timestampMs: 0n,
    summary: new Map(),
    schemaId: 0,
    manifests,
  });
  const objects = {
    "snap.avro": manifestList([
      { manifest_path: "d.avro", content: 1 },
      { manifest_path: "m1.avro" },
      { manifest_path: "empty.avro", added_files_count: 0, existing_files_count: 0 },
      { manifest_path: "m2.avro" },
      { manifest_path: "m3.avro" },
    ]),
    "m1.avro": manifest([{ path: "a" }, { path: "b" }]),
    "m2.avro": manifest([{ path: "c" }]),
    "m3.avro": manifest([{ path: "e" }]),
    "d.avro": manifest([{ path: "x", content: 1 }]),
  };
  const paths = async (store: ReturnType<typeof memoryStore>, only?: readonly string[]) => {
    const found: string[] = [];
    const source = { store, cache: createManifestCache(), scope: "" };
    const options = only === undefined ? { signal } : { signal, only: new Set(only) };
    for await (const { entries } of liveEntries(snapshot({ listedIn: "snap.avro" }), source, options)) {
      found.push(...entries.map((entry) => entry.path));
    }
    return found;
  };

  it("lists data manifests in list order, then delete manifests; empty ones are not read (04 T29)", async () => {
    const store = memoryStore(objects);
    expect(await paths(store)).toEqual(["a", "b", "c", "e", "x"]);
    expect(store.opened).not.toContain("empty.avro");
  });

  it("takes planned paths only, and stops reading once all are found", async () => {
    const store = memoryStore(objects);
    expect(await paths(store, ["b"])).toEqual(["b"]);
    expect(store.opened).toEqual(["snap.avro", "m1.avro"]);
  });

  it("04 T26: planned paths that are not live give nothing, and no error", async () => {
    expect(await paths(memoryStore(objects), ["nowhere", "x"])).toEqual(["x"]);
  });

  it("04 §18: a missing manifest is an ordinary failure with the reference's text", async () => {
    const store = memoryStore({ ...objects, "m1.avro": "" });
    const gone = memoryStore({ "snap.avro": objects["snap.avro"] });
    await expect(paths(gone, ["b"])).rejects.toMatchObject({
      name: "TableError",
      referenceType: "NotFoundException",
      message: "Location does not exist: m1.avro",
    });
    await expect(paths(store, ["b"])).rejects.toThrow("Cannot read the Avro file m1.avro");
  });

  it("refuses a manifest whose name has no known extension", async () => {
    const store = memoryStore({ "snap.avro": manifestList([{ manifest_path: "m1" }]) });
    await expect(paths(store)).rejects.toThrow("Unable to determine format of manifest: m1");
  });

  it("04 T30: a v1 snapshot that names its manifests itself has spec 0 and no sequence", async () => {
    const store = memoryStore(objects);
    const source = { store, cache: createManifestCache(), scope: "" };
    const refs = [];
    for await (const { ref } of liveEntries(snapshot({ paths: ["m2.avro"] }), source, { signal }))
      refs.push(ref);
    expect(refs).toEqual([{ path: "m2.avro", specId: 0, content: "data", sequenceNumber: 0n, empty: false }]);
  });
});

describe("the manifest cache", () => {
  const named = (path: string, heldBytes = 10) => ({
    ...parseManifest(manifest([{ path: "p" }]), path),
    heldBytes,
  });

  it("reads a manifest once for all who ask, also at the same time", async () => {
    const cache = createManifestCache();
    let loads = 0;
    const load = async () => {
      loads += 1;
      return named("m");
    };
    const [first, second] = await Promise.all([cache.get("m", load, signal), cache.get("m", load, signal)]);
    expect(first).toBe(second);
    expect(await cache.get("m", load, signal)).toBe(first);
    expect(loads).toBe(1);
  });

  it("drops the least recently used beyond its bound, and never keeps one larger than that", async () => {
    const cache = createManifestCache(25);
    const loads: string[] = [];
    const get = (key: string, bytes?: number) =>
      cache.get(
        key,
        async () => {
          loads.push(key);
          return named(key, bytes);
        },
        signal,
      );
    await get("a");
    await get("b");
    await get("a");
    await get("c");
    await get("a");
    await get("b");
    await get("huge", 26);
    await get("huge", 26);
    expect(loads).toEqual(["a", "b", "c", "b", "huge", "huge"]);
  });

  it("does not keep a failed read", async () => {
    const cache = createManifestCache();
    await expect(cache.get("m", () => Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
    await expect(cache.get("m", async () => named("m"), signal)).resolves.toMatchObject({ path: "m" });
  });

  it("stops a read only when the last who waits for it gives up", async () => {
    const cache = createManifestCache();
    const one = new AbortController();
    const two = new AbortController();
    let stopped = false;
    const load = (inner: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        inner.addEventListener("abort", () => {
          stopped = true;
          reject(inner.reason);
        });
      });
    const first = cache.get("m", load, one.signal);
    const second = cache.get("m", load, two.signal);
    one.abort(new Error("one left"));
    await expect(first).rejects.toThrow("one left");
    expect(stopped).toBe(false);
    two.abort(new Error("two left"));
    await expect(second).rejects.toThrow("two left");
    expect(stopped).toBe(true);
    await expect(cache.get("m", async () => named("m"), signal)).resolves.toMatchObject({ path: "m" });
  });
});
