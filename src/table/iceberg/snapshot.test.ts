import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type EntryInput,
  type ListedManifest,
  manifest,
  manifestList,
  memoryStore,
} from "../../../test/support/iceberg-builder.ts";
import type { CapturePolicy, Generation } from "../../model/index.ts";
import { localStore } from "../../storage/index.ts";
import type { TableFile } from "../snapshot.ts";
import { type IcebergSnapshot, listSnapshots, loadIcebergTable, openIceberg } from "./index.ts";

const { signal } = new AbortController();

const POLICY: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "first-n",
  maxDefaultColumns: 32,
  properties: {},
};

const selecting = (...selectors: string[]): CapturePolicy => ({
  ...POLICY,
  columns: selectors.map((selector) => ({ selector, captureStats: true, captureIndex: false })),
});

type FieldJson = { id: number; name: string; type: unknown };

const field = (id: number, name: string, type: unknown): FieldJson => ({ id, name, type });

/** A table at s3://b/t with one snapshot, id 42. */
interface TableInput {
  readonly schemas?: readonly { readonly id: number; readonly fields: readonly FieldJson[] }[];
  readonly currentSchema?: number;
  readonly snapshotSchema?: number;
  readonly specs?: readonly object[];
  readonly entries?: readonly EntryInput[];
  readonly deletes?: readonly EntryInput[];
  readonly listed?: Partial<ListedManifest>;
  readonly partitionFields?: readonly object[];
}

function tableObjects(input: TableInput): Record<string, Uint8Array | string> {
  const schemas = input.schemas ?? [{ id: 0, fields: [field(1, "a", "int")] }];
  const manifests: ListedManifest[] = [{ manifest_path: "s3://b/t/metadata/m0.avro", ...input.listed }];
  if (input.deletes)
    manifests.push({ manifest_path: "s3://b/t/metadata/d0.avro", content: 1, sequence_number: 3 });
  const partitions = input.partitionFields === undefined ? {} : { partitionFields: input.partitionFields };
  return {
    "s3://b/t/metadata/00001-x.metadata.json": JSON.stringify({
      "format-version": 2,
      "current-schema-id": input.currentSchema ?? schemas[0]?.id,
      schemas: schemas.map(({ id, fields }) => ({ type: "struct", "schema-id": id, fields })),
      "partition-specs": input.specs ?? [{ "spec-id": 0, fields: [] }],
      "current-snapshot-id": 42,
      snapshots: [
        {
          "snapshot-id": 42,
          "sequence-number": 3,
          "schema-id": input.snapshotSchema ?? schemas[0]?.id,
          summary: { operation: "append" },
          "manifest-list": "s3://b/t/metadata/snap-42.avro",
        },
      ],
    }),
    "s3://b/t/metadata/snap-42.avro": manifestList(manifests),
    "s3://b/t/metadata/m0.avro": manifest(input.entries ?? [{ path: "s3://b/t/a.parquet" }], partitions),
    ...(input.deletes ? { "s3://b/t/metadata/d0.avro": manifest(input.deletes) } : {}),
  };
}

interface OpenOptions {
  readonly uri?: string;
  readonly generation?: Generation;
  readonly policy?: CapturePolicy;
  readonly snapshotId?: bigint | "latest";
  readonly properties?: Record<string, string>;
}

function open(objects: Record<string, Uint8Array | string>, options: OpenOptions = {}) {
  return openIceberg({
    store: memoryStore(objects),
    uri: options.uri ?? "s3://b/t",
    properties: { "iceberg.source": "filesystem", ...options.properties },
    generation: options.generation ?? "chunked",
    snapshotId: options.snapshotId ?? 42n,
    policy: options.policy ?? POLICY,
    signal,
  });
}

async function opened(input: TableInput, options?: OpenOptions): Promise<IcebergSnapshot> {
  const snapshot = await open(tableObjects(input), options);
  if (snapshot === undefined) throw new Error("the snapshot is absent");
  return snapshot;
}

const included = (snapshot: IcebergSnapshot) =>
  snapshot.columns.filter((c) => c.included).map((c) => c.fieldId);

/** Ids that a FILE record of the file has: those included, and those with any metric (04 §10.3). */
function recordedIds(snapshot: IcebergSnapshot, file: TableFile | undefined): bigint[] {
  const metrics = metricsOf(file);
  return snapshot.columns
    .filter((column) => column.included || metrics.columns.has(column.columnId))
    .map((column) => column.columnId);
}

function metricsOf(file: TableFile | undefined) {
  if (file?.metrics.source !== "metadata") throw new Error("no metrics");
  return file.metrics.metrics;
}

async function filesOf(snapshot: IcebergSnapshot, ...only: string[]) {
  return await snapshot.files(only.length === 0 ? { signal } : { only: new Set(only), signal });
}

describe("opening a filesystem table (04 §3.7)", () => {
  const bare = (location: string) => `{"format-version":2,"schema":{"fields":[]},"location":"${location}"}`;
  const load = async (
    objects: string[],
    uri: string,
    generation: Generation = "chunked",
    option?: string,
  ) => {
    const store = memoryStore(Object.fromEntries(objects.map((path) => [path, bare(path)])));
    const properties = { "iceberg.source": "filesystem", ...(option ? { "metadata-location": option } : {}) };
    return (await loadIcebergTable({ store, uri, properties, generation, signal })).location;
  };
  const older = "s3://bucket/table/metadata/00001-committed.metadata.json";
  const newer = "s3://bucket/table/metadata/00002-source.metadata.json";

  it("04 T20: a uri of a metadata file wins over the option", async () => {
    expect(await load([older, newer], ` ${newer} `, "chunked", older)).toBe(newer);
  });

  it("04 T21: the option wins over the listing, in chunked only", async () => {
    expect(await load([older, newer], "s3://bucket/table", "chunked", older)).toBe(older);
    expect(await load([older, newer], "s3://bucket/table", "inline", older)).toBe(newer);
    expect(await load([older, newer], "s3://bucket/table", "chunked", "s3://bucket/elsewhere")).toBe(newer);
  });

  it("04 T22: the greatest number before the first dash wins", async () => {
    const names = ["00009-a.metadata.json", "00010-b.metadata.json", "v11.metadata.json", "00012-c.avro"];
    const paths = names.map((name) => `s3://b/t/metadata/${name}`);
    const beside = [
      "s3://b/t/metadata-old/00099-x.metadata.json",
      "s3://b/t/metadata/sub/00098-y.metadata.json",
    ];
    expect(await load([...paths, ...beside], "s3://b/t/")).toBe("s3://b/t/metadata/00010-b.metadata.json");
  });

  it("04 T23: Hadoop's names are not chosen", async () => {
    await expect(load(["s3://b/t/metadata/v3.metadata.json"], "s3://b/t")).rejects.toThrow(
      "No Iceberg metadata files found under s3://b/t/metadata for location s3://b/t",
    );
  });

  it("04 T24: gzip by the file's name; a name without .metadata.json is refused", async () => {
    const path = "s3://b/t/metadata/00003-x.gz.metadata.json";
    const objects = { [path]: gzipSync(bare("zipped")), "s3://b/t/table.json": bare("x") };
    const request = {
      store: memoryStore(objects),
      properties: { "iceberg.source": "filesystem" },
      generation: "chunked",
      signal,
    } as const;
    const table = await loadIcebergTable({ ...request, uri: path });
    expect(table).toMatchObject({ compressed: true, metadata: { location: "zipped" } });
    await expect(loadIcebergTable({ ...request, uri: "s3://b/t/table.json" })).rejects.toThrow(
      "s3://b/t/table.json is not a valid metadata file",
    );
  });

  it("04 §18: a missing metadata file is a missing table", async () => {
    await expect(load([], older)).rejects.toMatchObject({
      name: "SourceMissingError",
      message: `Location does not exist: ${older}`,
    });
  });

  it("a table below a local folder is read through file:// paths", async () => {
    const folder = await mkdtemp(join(tmpdir(), "iceberg-"));
    try {
      await mkdir(join(folder, "metadata"));
      const toLocal = (text: string) => text.replaceAll("s3://b/t", `file://${folder}`);
      const objects = tableObjects({ entries: [{ path: toLocal("s3://b/t/a.parquet") }] });
      const list = manifestList([{ manifest_path: toLocal("s3://b/t/metadata/m0.avro") }]);
      const files = { ...objects, "s3://b/t/metadata/snap-42.avro": list };
      for (const [path, bytes] of Object.entries(files)) {
        const content = typeof bytes === "string" ? toLocal(bytes) : bytes;
        await writeFile(path.replace("s3://b/t", folder), content);
      }
      const snapshot = await openIceberg({
        store: localStore({ root: folder }),
        uri: `file://${folder}/`,
        properties: { "iceberg.source": "filesystem" },
        generation: "chunked",
        snapshotId: "latest",
        policy: POLICY,
        signal,
      });
      expect(await snapshot?.files({ signal })).toMatchObject([{ path: `file://${folder}/a.parquet` }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("REST and Glue catalogs are refused by name", async () => {
    await expect(open({}, { properties: { "iceberg.source": "rest" } })).rejects.toThrow(
      "iceberg.source=rest",
    );
  });
});

describe("snapshots (04 §4)", () => {
  it("04 T26: an absent or negative id is no snapshot and no error", async () => {
    expect(await open(tableObjects({}), { snapshotId: 43n })).toBeUndefined();
    expect(await open(tableObjects({}), { snapshotId: -1n })).toBeUndefined();
  });

  it("latest is the table's current snapshot", async () => {
    expect((await opened({}, { snapshotId: "latest" })).snapshotId).toBe(42n);
  });

  it("lists snapshots with what a user picks them by", async () => {
    const { table } = await opened({});
    expect(listSnapshots(table)).toMatchObject([{ snapshotId: 42n, operation: "append", current: true }]);
  });

  it("decision 36: a newer metadata file without the snapshot gives way to the one that has it", async () => {
    const objects = tableObjects({});
    const newest = "s3://b/t/metadata/00002-y.metadata.json";
    const without = { ...objects, [newest]: '{"format-version":2,"schema":{"fields":[]}}' };
    const snapshot = await open(without);
    expect(snapshot?.table.location).toBe("s3://b/t/metadata/00001-x.metadata.json");
    const cleaned = Object.entries(without).filter(([path]) => !path.endsWith("snap-42.avro"));
    expect(await open(Object.fromEntries(cleaned))).toBeUndefined();
  });
});

describe("schemas and columns (04 §8, §10)", () => {
  it("04 T46: all three scopes, and nested leaves through their metrics", async () => {
    const fields = [
      field(1, "c_i32", "int"),
      field(2, "c_arr", { type: "list", "element-id": 4, element: "int" }),
      field(3, "c_str", "string"),
    ];
    const entries = [{ path: "p", rows: 1, valueCounts: { 1: 1, 3: 1, 4: 3 }, nullCounts: { 4: 0 } }];
    const input = { schemas: [{ id: 0, fields }], entries };
    const ids = async (policy: CapturePolicy) => {
      const snapshot = await opened(input, { policy });
      const [file] = await filesOf(snapshot);
      return recordedIds(snapshot, file).sort();
    };
    expect(await ids(POLICY)).toEqual([1n, 2n, 3n, 4n]);
    expect(await ids(selecting("c_i32"))).toEqual([1n, 3n, 4n]);
    expect(await ids({ ...POLICY, defaultColumnScope: "explicit-only" })).toEqual([1n, 2n, 3n, 4n]);
  });

  it("QUIRK: an empty set of names includes every field, nested ones too", async () => {
    const fields = [field(1, "u", { type: "struct", fields: [field(2, "name", "string")] })];
    const snapshot = await opened(
      { schemas: [{ id: 0, fields }] },
      { policy: { ...POLICY, defaultColumnScope: "explicit-only" } },
    );
    expect(included(snapshot)).toEqual([1, 2]);
  });

  const evolved = {
    schemas: [
      { id: 10, fields: [field(1, "old_col", "int"), field(2, "shared_col", "int")] },
      { id: 20, fields: [field(3, "new_col", "int"), field(2, "shared_col", "long")] },
    ],
    currentSchema: 20,
    snapshotSchema: 10,
  };

  it("04 T47: columns are those of the snapshot's own schema", async () => {
    expect(included(await opened(evolved))).toEqual([1, 2]);
    expect(included(await opened(evolved, { policy: selecting("old_col", "shared_col") }))).toEqual([1, 2]);
    expect(included(await opened(evolved, { generation: "inline" }))).toEqual([1, 2]);
  });

  it("04 §8.2: a snapshot of schema 0 selects by it in chunked, by the current one in inline", async () => {
    const fromZero = {
      schemas: [
        { id: 0, fields: [field(1, "dropped", "int"), field(2, "before", "int")] },
        { id: 1, fields: [field(2, "after", "long"), field(3, "added", "int")] },
      ],
      currentSchema: 1,
      snapshotSchema: 0,
      entries: [{ path: "p", lower: { 1: "2a000000", 2: "2b000000" } }],
    };
    const chunked = await opened(fromZero);
    expect(chunked.columns.map((c) => [c.fieldId, c.displayName, c.included])).toEqual([
      [1, "dropped", true],
      // Names of surviving ids are the current ones (must match).
      [2, "after", true],
    ]);
    const [file] = await filesOf(chunked);
    // Decision 29: the dropped column's bound is decoded by the snapshot's own schema.
    expect(metricsOf(file).columns.get(1n)).toEqual({ min: "42" });
    expect(metricsOf(file).columns.get(2n)).toEqual({ min: "43" });
    expect(included(await opened(fromZero, { generation: "inline" }))).toEqual([2, 3]);
  });

  it("an unknown schema id falls back to the current schema", async () => {
    expect(included(await opened({ ...evolved, snapshotSchema: 99 }))).toEqual([3, 2]);
  });

  it("04 T48: display names are leaf names, nested columns have no top-level name (decision 32)", async () => {
    const user = { type: "struct", fields: [field(2, "name", "string"), field(3, "age", "int")] };
    const snapshot = await opened(
      { schemas: [{ id: 0, fields: [field(1, "user", user), field(4, "Age", "int")] }] },
      { policy: selecting("#2", "user.age", "Age") },
    );
    expect(snapshot.columns.map((c) => [c.displayName, c.included, c.topLevelName])).toEqual([
      ["user", false, "user"],
      ["name", true, undefined],
      ["age", true, undefined],
      ["Age", true, "Age"],
    ]);
  });

  it("04 T49: the first 32 top-level columns by default; those with metrics appear all the same", async () => {
    const fields = Array.from({ length: 40 }, (_, index) => field(index + 1, `c${index}`, "int"));
    const counts = Object.fromEntries(fields.map(({ id }) => [id, 1]));
    const entries = [{ path: "without" }, { path: "with", valueCounts: counts }];
    const snapshot = await opened({ schemas: [{ id: 0, fields }], entries });
    const [without, withMetrics] = await filesOf(snapshot);
    expect(recordedIds(snapshot, without)).toHaveLength(32);
    expect(recordedIds(snapshot, withMetrics)).toHaveLength(40);
  });

  it("04 T50: selectors are exact paths or #id; an unknown one fails the group", async () => {
    const user = { type: "struct", fields: [field(2, "name", "string")] };
    const tags = { type: "list", "element-id": 4, element: "string" };
    const map = { type: "map", "key-id": 6, key: "string", "value-id": 7, value: "int" };
    const schemas = [{ id: 0, fields: [field(1, "user", user), field(3, "tags", tags), field(5, "m", map)] }];
    const select = async (...selectors: string[]) =>
      included(await opened({ schemas }, { policy: selecting(...selectors) }));
    expect(await select("user.name", "tags.element", "m.value", " #5 ")).toEqual([2, 4, 5, 7]);
    await expect(select("USER.NAME")).rejects.toThrow(/^Unknown column selector: USER\.NAME$/);
    await expect(select("tags[]")).rejects.toThrow(/^Unknown column selector: tags\[\]$/);
    await expect(select("#x")).rejects.toThrow(/^For input string: "x"$/);
    await expect(select("#")).rejects.toThrow(/^For input string: ""$/);
    // Decision 31: an id that no schema knows is dropped.
    expect(await select("#99")).toEqual([]);
  });

  it("columns that are asked for in the index only do not restrict statistics", async () => {
    const policy = { ...POLICY, columns: [{ selector: "nope", captureStats: false, captureIndex: true }] };
    expect(included(await opened({}, { policy }))).toEqual([1]);
  });

  it("a name that begins with # is a name in the default scope (may improve)", async () => {
    const snapshot = await opened({
      schemas: [{ id: 0, fields: [field(1, "#7", "int"), field(2, " b ", "int")] }],
    });
    expect(included(snapshot)).toEqual([1, 2]);
  });

  it("04 T56: a field id of 0 has no column id", async () => {
    const snapshot = await opened({
      schemas: [{ id: 0, fields: [field(10, "a", "int"), field(0, "b", "int")] }],
    });
    expect(snapshot.columns.map((column) => column.columnId)).toEqual([10n, 0n]);
  });

  it("04 T57: a type without a mapping fails the group, wrapped once, though the column is not selected", async () => {
    const schemas = [{ id: 0, fields: [field(1, "a", "int"), field(2, "g", "geometry")] }];
    await expect(opened({ schemas }, { policy: selecting("a") })).rejects.toMatchObject({
      message: "Stats compute failed for snapshot 42",
      cause: { message: "Unrecognized Iceberg type: GEOMETRY" },
    });
  });

  it("04 T69: a name that several included columns share has no width and no NDV", async () => {
    const user = { type: "struct", fields: [field(2, "name", "string")] };
    const schemas = [{ id: 0, fields: [field(1, "user", user), field(3, "name", "string")] }];
    const both = await opened({ schemas }, { policy: selecting("user.name", "name") });
    expect(both.columns.map((column) => column.topLevelName)).toEqual(["user", undefined, undefined]);
    const one = await opened({ schemas }, { policy: selecting("name") });
    expect(one.columns.map((column) => column.topLevelName)).toEqual(["user", undefined, "name"]);
  });
});

describe("metrics (04 §9, §10.3, §11)", () => {
  const fields = [
    field(1, "i", "int"),
    field(2, "d", "date"),
    field(3, "f", "float"),
    field(4, "s", "string"),
  ];
  const metricsFor = async (entry: Omit<EntryInput, "path">) => {
    const snapshot = await opened({ schemas: [{ id: 0, fields }], entries: [{ path: "p", ...entry }] });
    const [file] = await filesOf(snapshot);
    return metricsOf(file);
  };

  it("04 T51, T52: counts as stored, the value count as row count", async () => {
    const metrics = await metricsFor({ rows: 100, valueCounts: { 1: 40 }, nullCounts: { 1: 5 } });
    expect(metrics).toEqual({ rowCount: 100n, columns: new Map([[1n, { rowCount: 40n, nullCount: 5n }]]) });
  });

  it("04 T53: null counts alone", async () => {
    const metrics = await metricsFor({ rows: 50, nullCounts: { 1: 2n ** 62n } });
    expect(metrics.columns).toEqual(new Map([[1n, { nullCount: 2n ** 62n }]]));
  });

  it("04 T54: a NaN count of 0 is present, a value count of 0 too", async () => {
    const metrics = await metricsFor({ nanCounts: { 3: 0 }, valueCounts: { 4: 0 } });
    expect(metrics.columns).toEqual(
      new Map<bigint, object>([
        [4n, { rowCount: 0n }],
        [3n, { nanCount: 0n }],
      ]),
    );
  });

  it("04 T42, T44: each side on its own", async () => {
    const metrics = await metricsFor({ lower: { 4: "" }, upper: { 4: "62", 1: "07000000" } });
    expect(metrics.columns).toEqual(
      new Map([
        [4n, { max: "b" }],
        [1n, { max: "7" }],
      ]),
    );
  });

  it("04 T55 (decision 31): metrics of an id in no schema are dropped", async () => {
    const metrics = await metricsFor({
      valueCounts: { 99: 1, 2147483540: 1 },
      lower: { 99: "61" },
      nullCounts: { 1: 0 },
    });
    expect([...metrics.columns.keys()]).toEqual([1n]);
  });
});

describe("files (04 §6, §14, §15)", () => {
  it("04 T28: own sequence number, inherited when added or when the manifest has none, else unset", async () => {
    const number = async (entry: Partial<EntryInput>, manifestNumber: number) => {
      const listed = { sequence_number: manifestNumber };
      const [file] = await filesOf(await opened({ entries: [{ path: "p", ...entry }], listed }));
      return file?.sequenceNumber;
    };
    expect(await number({ status: 1 }, 5)).toBe(5n);
    expect(await number({ status: 0 }, 0)).toBeUndefined();
    expect(await number({ status: 0 }, 5)).toBeUndefined();
    expect(await number({ fileSequenceNumber: 3 }, 5)).toBe(3n);
  });

  it("04 T31, T32: planned paths are compared as exact strings", async () => {
    const snapshot = await opened({ entries: [{ path: "s3://b/t/a%20b.parquet" }] });
    expect(await filesOf(snapshot, "s3a://b/t/a%20b.parquet", "s3://b/t/a b.parquet")).toEqual([]);
    expect(await filesOf(snapshot, "s3://b/t/a%20b.parquet")).toMatchObject([
      { path: "s3://b/t/a%20b.parquet" },
    ]);
  });

  it("04 T33, T34, T35: a planned live delete file is one record, after all data files", async () => {
    const deletes = [
      { path: "e.parquet", content: 2, equalityIds: [3, 1], rows: 4, size: 9, valueCounts: { 1: 4 } },
      { path: "p.parquet", content: 1 },
    ] as const;
    const snapshot = await opened({ deletes, entries: [{ path: "a.parquet" }] });
    const files = await filesOf(snapshot, "a.parquet", "e.parquet");
    expect(files.map((file) => file.path)).toEqual(["a.parquet", "e.parquet"]);
    expect(files[1]).toEqual({
      path: "e.parquet",
      content: 3,
      format: "",
      sizeBytes: 9n,
      partitionDataJson: "",
      partitionSpecId: 0,
      equalityFieldIds: [3, 1],
      sequenceNumber: 3n,
      metrics: { source: "metadata", metrics: { rowCount: 4n, columns: new Map() } },
      readable: true,
    });
    expect((await filesOf(snapshot)).map((file) => [file.path, file.content])).toEqual([
      ["a.parquet", 1],
      ["e.parquet", 3],
      ["p.parquet", 2],
    ]);
  });

  it("an equality delete without ids fails the group; a deletion vector is never opened", async () => {
    const noIds = await opened({ deletes: [{ path: "e", content: 2 }] });
    await expect(filesOf(noIds, "e")).rejects.toMatchObject({
      message: "Stats compute failed for snapshot 42",
      cause: {
        message: "Iceberg planning failed (snapshot 42)",
        cause: { message: expect.stringContaining("e") },
      },
    });
    const [vector] = await filesOf(
      await opened({ deletes: [{ path: "v", content: 1, format: "puffin" }] }),
      "v",
    );
    expect(vector?.readable).toBe(false);
  });

  it("04 T61: a file of an older spec shows that spec", async () => {
    const specs = [
      { "spec-id": 0, fields: [] },
      { "spec-id": 1, fields: [{ "source-id": 1, "field-id": 1000, name: "a", transform: "identity" }] },
    ];
    const [older] = await filesOf(await opened({ specs, listed: { partition_spec_id: 0 } }));
    expect(older).toMatchObject({ partitionDataJson: '{"partitionValues":[]}', partitionSpecId: 0 });
    const [newer] = await filesOf(
      await opened({
        specs,
        listed: { partition_spec_id: 1 },
        partitionFields: [{ name: "a", type: ["null", "int"], "field-id": 1000 }],
        entries: [{ path: "p", partition: { a: 7 } }],
      }),
    );
    expect(newer).toMatchObject({
      partitionDataJson: '{"partitionValues":[{"id":1,"value":7}]}',
      partitionSpecId: 1,
    });
  });

  it("a manifest of a spec that the table lacks fails the group", async () => {
    await expect(filesOf(await opened({ listed: { partition_spec_id: 5 } }))).rejects.toMatchObject({
      cause: { cause: { message: expect.stringContaining("partition spec 5") } },
    });
  });

  it("04 T62: an ORC file keeps its format and its metrics", async () => {
    const snapshot = await opened({ entries: [{ path: "a.orc", format: "orc", nullCounts: { 1: 2 } }] });
    const [file] = await filesOf(snapshot, "a.orc");
    expect(file?.format).toBe("ORC");
    expect(metricsOf(file).columns.get(1n)).toEqual({ nullCount: 2n });
  });

  it("files survive a structured clone, metrics included: they cross threads", async () => {
    const [file] = await filesOf(await opened({ entries: [{ path: "p", nullCounts: { 1: 2 } }] }));
    expect(metricsOf(structuredClone(file)).columns.get(1n)).toEqual({ nullCount: 2n });
  });

  it("04 §18: a manifest that is gone is an ordinary failure, wrapped as the reference wraps it", async () => {
    const objects = Object.entries(tableObjects({})).filter(([path]) => !path.endsWith("m0.avro"));
    const snapshot = await open(Object.fromEntries(objects));
    await expect(snapshot?.files({ signal })).rejects.toMatchObject({
      name: "TableError",
      message: "Stats compute failed for snapshot 42",
      cause: {
        message: "Iceberg planning failed (snapshot 42)",
        cause: {
          message: "Location does not exist: s3://b/t/metadata/m0.avro",
          referenceType: "NotFoundException",
        },
      },
    });
  });

  it("a cancelled read fails with the signal's reason, unwrapped", async () => {
    const snapshot = await opened({});
    const controller = new AbortController();
    controller.abort(new Error("lease lost"));
    await expect(snapshot.files({ signal: controller.signal })).rejects.toThrow("lease lost");
  });
});
