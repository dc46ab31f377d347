import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CapturePolicy, FileStats } from "../../src/model/index.ts";
import { localStore } from "../../src/storage/index.ts";
import { type DeltaOptions, openDelta } from "../../src/table/index.ts";
import { expectTrueFigures } from "../support/stats-oracle.ts";
import { fileStatsOf } from "../support/table-stats.ts";

/** Delta tables that the contract's authors have run the reference over (05 §12). */
const data = process.env.CONFORMANCE_DATA;
const folder = join(data ?? "", "tables/delta");
const store = localStore();
const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "first-n",
  maxDefaultColumns: 32,
  properties: {},
};

async function capture(table: string, version: bigint, more: Partial<DeltaOptions> = {}) {
  const snapshot = await open(table, version, more);
  return await fileStatsOf(store, snapshot, more.generation ?? "chunked");
}

async function open(table: string, version: bigint, more: Partial<DeltaOptions>) {
  return await openDelta({
    root: join(folder, table),
    version,
    store,
    policy,
    generation: "chunked",
    fullRescan: false,
    signal: new AbortController().signal,
    ...more,
  });
}

function name(file: FileStats | undefined): string {
  return file?.filePath.replace(/^.*\//, "") ?? "";
}

function column(file: FileStats | undefined, displayName: string) {
  return file?.columns.find((entry) => entry.scalar.displayName === displayName);
}

describe.skipIf(data === undefined)("05 §12: worked examples", () => {
  it("01: the order of the files", async () => {
    const files = await capture("01_unpartitioned_append_only", 1n);
    expect(files.map((file) => name(file).slice(0, 19))).toEqual([
      "part-00000-d6db87d5",
      "part-00001-bf02e1c0",
    ]);
  });

  it("02: partition values in the order of the action", async () => {
    const files = await capture("02_partitioned_identity_region_date", 1n);
    const file = files.find((candidate) => candidate.filePath.includes("region=us-east/dt=2026-02-01/"));
    expect(file?.partitionDataJson).toBe(
      '{"partitionValues":[{"id":"region","value":"us-east"},{"id":"dt","value":"2026-02-01"}]}',
    );
    expect(column(file, "dt")?.scalar).toMatchObject({ rowCount: file?.rowCount, min: undefined });
  });

  it("05: the schema of the version, widths of structs, ids of both generations", async () => {
    for (const [generation, id] of [
      ["inline", 175945841184415539n],
      ["chunked", 153594420152515378n],
    ] as const) {
      const files = await capture("05_schema_evolution", 7n, { generation });
      for (const file of files) {
        const names = file.columns.map((entry) => entry.scalar.displayName);
        expect(names.sort()).toEqual(["full_name", "id", "meta", "new_col", "qty"]);
        expect(column(file, "new_col")?.columnId).toBe(id);
        expect(column(file, "meta")?.scalar).toMatchObject({ logicalType: "STRUCT", nullCount: undefined });
      }
      const widths = files.map((file) => column(file, "meta")?.scalar.avgWidthBytes);
      expect(widths.includes(24n)).toBe(generation === "chunked");
    }
    for (const file of await capture("05_schema_evolution", 9n))
      expect(column(file, "new_col")).toBeUndefined();
  });

  it("05 T28 10: deletion vectors of each version, in an incremental capture only", async () => {
    const records = async (version: bigint, more: Partial<DeltaOptions> = {}) =>
      (await capture("10_deletion_vectors", version, more)).map((file) => [
        file.fileContent === 2 ? file.filePath : name(file).slice(0, 19),
        file.rowCount,
        file.fileContent === 2 ? file.sizeBytes : undefined,
      ]);
    const dataFiles = [
      ["part-00000-a5fef149", 60n, undefined],
      ["part-00001-57fc39d3", 60n, undefined],
    ];
    const inAnyOrder = (rows: unknown[][]) => rows.map((row) => row.map(String)).sort();
    expect(inAnyOrder(await records(1n))).toEqual(inAnyOrder(dataFiles));
    expect((await records(2n)).at(-1)).toEqual(["<K+.0>xGOWN[8bKO]U7M", 11n, 31n]);
    expect((await records(3n)).at(-1)).toEqual(["G*8>@+puo-M}8rHmOYd+", 14n, 35n]);
    expect(inAnyOrder(await records(3n, { fullRescan: true }))).toEqual(inAnyOrder(dataFiles));
    expect(inAnyOrder(await records(3n, { generation: "inline" }))).toEqual(inAnyOrder(dataFiles));
    const [first] = await capture("10_deletion_vectors", 3n);
    expect(name(first)).toContain("a5fef149");
    expect(column(first, "grp")?.scalar).toMatchObject({ min: "0", max: "5" });
  });
});

describe.skipIf(data === undefined)("every version of every Delta table", async () => {
  const tables = data === undefined ? [] : (await readdir(folder)).sort();
  it.each(tables)("%s has the figures that a full read gives, in both generations", async (table) => {
    const log = await readdir(join(folder, table, "_delta_log"));
    const versions = log
      .filter((file) => /^\d{20}\.json$/.test(file))
      .map((file) => BigInt(file.slice(0, 20)));
    let compared = 0;
    for (const version of versions) {
      for (const generation of ["inline", "chunked"] as const) {
        const snapshot = await open(table, version, { generation, fullRescan: true });
        const nameInFile = (displayName: string) =>
          snapshot.columns.find((column) => column.displayName === displayName)?.topLevelName;
        for (const file of await fileStatsOf(store, snapshot, generation)) {
          compared += await expectTrueFigures(file, nameInFile);
        }
      }
    }
    expect(versions.length).toBeGreaterThan(0);
    expect(compared).toBeGreaterThan(0);
  });
});
