import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { expectTrueFigures } from "../../../test/support/stats-oracle.ts";
import { fileStatsOf } from "../../../test/support/table-stats.ts";
import type { CapturePolicy } from "../../model/index.ts";
import { localStore } from "../../storage/index.ts";
import { openDelta } from "./open.ts";

/** Tables written by delta-rs and pyarrow: test/fixtures/generate/delta_rs.py. */
const FOLDER = fileURLToPath(new URL("../../../test/fixtures/data/delta/", import.meta.url));
const store = localStore();
const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};

async function statsOf(table: string, version: bigint | "latest" = "latest") {
  const snapshot = await openDelta({
    root: FOLDER + table,
    version,
    store,
    policy,
    generation: "chunked",
    fullRescan: false,
    signal: new AbortController().signal,
  });
  return { snapshot, files: await fileStatsOf(store, snapshot, "chunked") };
}

describe("a table of every type, by delta-rs", () => {
  it("has the figures that a full read gives", async () => {
    const { snapshot, files } = await statsOf("types");
    expect(snapshot.snapshotId).toBe(1n);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(file.rowCount).toBe(120n);
      expect(await expectTrueFigures(file)).toBe(32);
    }
  });

  it("05 §0 fact 2 has a row count and a width for containers, and bounds for everything else but the all-null column", async () => {
    const [file] = (await statsOf("types")).files;
    const entries = new Map(file?.columns.map(({ scalar }) => [scalar.displayName, scalar]));
    for (const name of ["location", "points", "labels"]) {
      expect(entries.get(name)).toMatchObject({ rowCount: 120n, nullCount: undefined, min: undefined });
      expect(entries.get(name)?.avgWidthBytes).toBeGreaterThan(0n);
    }
    expect(entries.get("all_null")).toMatchObject({ nullCount: 120n, min: undefined, max: undefined });
    const unbounded = [...entries.values()]
      .filter((scalar) => scalar.min === undefined)
      .map((s) => s.displayName);
    expect(unbounded.sort()).toEqual(["all_null", "labels", "location", "points"]);
    expect([entries.get("bytes")?.min, entries.get("local_at")?.logicalType]).toEqual(["eP8A", "TIMESTAMP"]);
  });
});

describe("a partitioned table, by delta-rs", () => {
  it("05 §5, §9.1 finds escaped folders and writes the partition values of the log", async () => {
    const { files } = await statsOf("partitioned", 0n);
    const byRegion = new Map(
      files.map((file) => {
        const { region } = Object.fromEntries(
          [...file.partitionDataJson.matchAll(/\{"id":"(\w+)","value":(.*?)\}/g)].map((match) => [
            match[1],
            match[2],
          ]),
        );
        return [region, file.filePath.replace(/^.*\/(region=[^/]*)\/.*$/, "$1")];
      }),
    );
    expect(byRegion).toEqual(
      new Map([
        ['"us east"', "region=us%20east"],
        ['"a/b"', "region=a%2Fb"],
        ['"50%"', "region=50%25"],
        ['"é=1"', "region=%C3%A9%3D1"],
        ['"q\\"\\\\"', "region=q%22%5C"],
        ["null", "region=__HIVE_DEFAULT_PARTITION__"],
        ["007", "region=007"],
        ["true", "region=true"],
      ]),
    );
    for (const file of files) expect(await expectTrueFigures(file)).toBe(2);
  });

  it("05 §0 fact 3: partition columns have a row count only", async () => {
    const [file] = (await statsOf("partitioned")).files;
    for (const name of ["region", "day"]) {
      const scalar = file?.columns.find((entry) => entry.scalar.displayName === name)?.scalar;
      expect(scalar).toMatchObject({
        rowCount: 1n,
        nullCount: undefined,
        min: undefined,
        avgWidthBytes: undefined,
      });
    }
  });

  it("05 §4.4 leaves out what later commits have removed, newest commits first", async () => {
    const minima = async (version: bigint) =>
      (await statsOf("partitioned", version)).files.map(
        (file) => file.columns.find((entry) => entry.scalar.displayName === "n")?.scalar.min,
      );
    expect(await minima(1n)).toEqual(["1", "2", ...(await minima(0n))]);
    expect(await minima(2n)).toEqual(["2", ...(await minima(0n)).filter((min) => min !== "1")]);
  });
});

interface ExpectedVersion {
  readonly version: number;
  readonly columns: readonly string[];
  readonly files: readonly string[];
  readonly rows: number;
}

const EVOLVED: readonly ExpectedVersion[] = JSON.parse(
  readFileSync(`${FOLDER}evolved/expected.json`, "utf8"),
);

describe("a table that changes with every version, by delta-rs", () => {
  it.each(EVOLVED)(
    "05 §4, version $version has the columns, files and rows that delta-rs reads",
    async (expected) => {
      const { snapshot, files } = await statsOf("evolved", BigInt(expected.version));
      expect(snapshot.columns.map((column) => column.displayName)).toEqual(expected.columns);
      expect(files.map((file) => file.filePath.replace(/^.*\//, "")).sort()).toEqual(expected.files);
      expect(files.reduce((sum, file) => sum + file.rowCount, 0n)).toBe(BigInt(expected.rows));
    },
  );

  it.each(EVOLVED)(
    "05 §7.3, version $version: figures are those of a full read; a column that a file lacks has none",
    async ({ version }) => {
      for (const file of (await statsOf("evolved", BigInt(version))).files) await expectTrueFigures(file);
    },
  );
});

describe("decision 29: mapped columns", () => {
  it.each(["mapped_by_name", "mapped_by_id"])(
    "%s have the figures of their physical columns",
    async (table) => {
      const [file] = (await statsOf(table)).files;
      const figures = file?.columns.map(({ scalar }) => [
        scalar.displayName,
        scalar.nullCount,
        scalar.min,
        scalar.max,
      ]);
      expect(figures?.sort()).toEqual([
        ["amount", 1n, "10", "30"],
        ["id", 0n, "1", "3"],
        ["qty", 2n, "300", "300"],
      ]);
    },
  );
});
