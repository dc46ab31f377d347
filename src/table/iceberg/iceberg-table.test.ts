import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { manifestList, memoryStore } from "../../../test/support/iceberg-builder.ts";
import { open, opened, POLICY, signal, tableObjects } from "../../../test/support/iceberg-table.ts";
import type { Generation } from "../../model/index.ts";
import { localStore } from "../../storage/index.ts";
import { listSnapshots, loadIcebergTable, openIceberg } from "./index.ts";

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

  it("a table of a catalog is not looked for by its location", async () => {
    await expect(open({}, { properties: { "iceberg.source": "rest" } })).rejects.toThrow(
      "The catalog of an Iceberg table was not asked for it",
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
