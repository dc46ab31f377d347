import { describe, expect, it } from "vitest";
import { type EntryInput, memoryStore } from "../../../test/support/iceberg-builder.ts";
import {
  field,
  filesOf,
  metricsOf,
  open,
  opened,
  POLICY,
  signal,
  tableObjects,
} from "../../../test/support/iceberg-table.ts";
import { createManifestCache, openIceberg } from "./index.ts";

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
    expect(metrics.columns).toEqual(new Map([[1n, { nullCount: 0n }]]));
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

  it("groups of one table read a manifest once; another table that names it reads it for itself", async () => {
    const objects = tableObjects({});
    const elsewhere = "s3://other/t/metadata/00001-x.metadata.json";
    const store = memoryStore({
      ...objects,
      [elsewhere]: objects["s3://b/t/metadata/00001-x.metadata.json"] ?? "",
    });
    const cache = createManifestCache();
    const readFiles = async (uri: string) => {
      const snapshot = await openIceberg({
        store,
        uri,
        properties: { "iceberg.source": "filesystem" },
        generation: "chunked",
        snapshotId: 42n,
        policy: POLICY,
        cache,
        signal,
      });
      await snapshot?.files({ signal });
      return store.opened.filter((path) => path.endsWith("m0.avro")).length;
    };
    expect(await readFiles("s3://b/t")).toBe(1);
    expect(await readFiles("s3://b/t")).toBe(1);
    expect(await readFiles("s3://other/t")).toBe(2);
  });

  it("a cancelled read fails with the signal's reason, unwrapped", async () => {
    const snapshot = await opened({});
    const controller = new AbortController();
    controller.abort(new Error("lease lost"));
    await expect(snapshot.files({ signal: controller.signal })).rejects.toThrow("lease lost");
  });
});
