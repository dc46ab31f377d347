import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CapturePolicy, FILE_CONTENT } from "../../model/index.ts";
import { testRootStore } from "../../storage/index.ts";
import type { TableFile } from "../snapshot.ts";
import { type IcebergSnapshot, openIceberg } from "./index.ts";

/**
 * Tables that the reference implementation wrote (test/fixtures/generate/iceberg-java): deletes of version 2, types and deletion
 * vectors of version 3, against what it says itself of their live files.
 */
const ROOT = join(import.meta.dirname, "../../../test/fixtures/data/iceberg-java");
const { signal } = new AbortController();

type Figures = Readonly<Record<string, number>>;
type Bounds = Readonly<Record<string, string>>;

interface ExpectedFile {
  readonly path: string;
  readonly content: "DATA" | "POSITION_DELETES" | "EQUALITY_DELETES";
  readonly format: string;
  readonly rows: number;
  readonly size: number;
  readonly sequence: number;
  readonly spec: number;
  readonly equalityIds: readonly number[];
  readonly valueCounts: Figures;
  readonly nullCounts: Figures;
  readonly nanCounts: Figures;
  readonly lower: Bounds;
  readonly upper: Bounds;
}

interface ExpectedTable {
  readonly snapshots: readonly { readonly id: string; readonly files: readonly ExpectedFile[] }[];
}

const EXPECTED: Readonly<Record<string, ExpectedTable>> = JSON.parse(
  readFileSync(join(ROOT, "expected.json"), "utf8"),
);

const EVERYTHING: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};

async function open(table: string, snapshotId: bigint | "latest" = "latest"): Promise<IcebergSnapshot> {
  const snapshot = await openIceberg({
    store: testRootStore(ROOT),
    uri: `s3://fixtures/${table}`,
    properties: { "iceberg.source": "filesystem" },
    generation: "chunked",
    snapshotId,
    policy: EVERYTHING,
    signal,
  });
  if (snapshot === undefined) throw new Error(`no snapshot ${snapshotId} in ${table}`);
  return snapshot;
}

function metricsOf(file: TableFile) {
  if (file.metrics.source !== "metadata") throw new Error("no metrics");
  return file.metrics.metrics;
}

/** Columns that the contract shows no bounds of (04 §9). */
const CONTAINERS = new Set(["VARIANT"]);

function expectedColumns(file: ExpectedFile, snapshot: IcebergSnapshot) {
  return snapshot.columns.flatMap(({ columnId, logicalType }) => {
    const id = String(columnId);
    const count = (figures: Figures) => (figures[id] === undefined ? undefined : BigInt(figures[id]));
    const bound = (bounds: Bounds) => (CONTAINERS.has(logicalType) ? undefined : bounds[id] || undefined);
    const known = {
      rowCount: count(file.valueCounts),
      nullCount: count(file.nullCounts),
      nanCount: count(file.nanCounts),
      min: bound(file.lower),
      max: bound(file.upper),
    };
    const present = Object.entries(known).filter(([, value]) => value !== undefined);
    return present.length === 0 ? [] : [[columnId, Object.fromEntries(present)]];
  });
}

/** Data files, then delete files, each path once (04 §6). */
function inOrder(files: readonly ExpectedFile[]): ExpectedFile[] {
  const isFirst = ({ path }: ExpectedFile, at: number) =>
    files.findIndex((file) => file.path === path) === at;
  const unique = files.filter(isFirst);
  return [
    ...unique.filter((file) => file.content === "DATA"),
    ...unique.filter((file) => file.content !== "DATA"),
  ];
}

const SNAPSHOTS = Object.entries(EXPECTED).flatMap(([table, { snapshots }]) =>
  snapshots.map(({ id, files }) => [table, id, files] as const),
);

describe.each(SNAPSHOTS)("table %s, snapshot %s", (table, id, files) => {
  const expected = inOrder(files);

  it("04 §5, §6: has the live files that Iceberg lists, with their sizes and sequence numbers", async () => {
    const found = await (await open(table, BigInt(id))).files({ signal });
    expect(found.map((file) => [file.path, file.sizeBytes, file.sequenceNumber])).toEqual(
      expected.map((file) => [file.path, BigInt(file.size), BigInt(file.sequence)]),
    );
  });

  it("04 §9, §14: data files have Iceberg's counts and bounds, and the id of their spec", async () => {
    const snapshot = await open(table, BigInt(id));
    const data = (await snapshot.files({ signal })).filter((file) => file.content === FILE_CONTENT.data);
    const expectedData = expected.filter((file) => file.content === "DATA");
    expect(data.map((file) => [file.format, file.partitionSpecId])).toEqual(
      expectedData.map((file) => [file.format, file.spec]),
    );
    for (const [index, file] of expectedData.entries()) {
      const metrics = data[index] && metricsOf(data[index]);
      expect(metrics?.rowCount).toBe(BigInt(file.rows));
      expect([...(metrics?.columns ?? [])]).toEqual(expectedColumns(file, snapshot));
    }
  });

  it("04 §15: delete files have neither format nor partition, and their equality ids in stored order", async () => {
    const found = await (await open(table, BigInt(id))).files({ signal });
    const deletes = found.filter((file) => file.content !== FILE_CONTENT.data);
    expect(deletes.map((file) => [file.content, file.equalityFieldIds, metricsOf(file).rowCount])).toEqual(
      expected
        .filter((file) => file.content !== "DATA")
        .map(({ content, equalityIds, rows }) => [
          content === "EQUALITY_DELETES" ? FILE_CONTENT.equalityDeletes : FILE_CONTENT.positionDeletes,
          equalityIds,
          BigInt(rows),
        ]),
    );
    for (const file of deletes) {
      expect(file).toMatchObject({ format: "", partitionDataJson: "", partitionSpecId: 0 });
    }
  });

  it("04 §6: is planned file by file as far as it is Parquet; a deletion vector is not", async () => {
    const planned = [];
    for await (const batch of (await open(table, BigInt(id))).list({ signal })) planned.push(...batch);
    expect(planned.map((file) => file.path)).toEqual(
      expected.filter((file) => file.format === "PARQUET").map((file) => file.path),
    );
  });
});

describe("tables of the reference implementation, by rule", () => {
  it("04 §8.1, v3: nanosecond timestamps, variants and columns with a default have their types", async () => {
    const { columns } = await open("types_v3");
    expect(columns.map((column) => [column.fieldId, column.displayName, column.logicalType])).toEqual([
      [1, "id", "INT"],
      [2, "at_ns", "TIMESTAMP"],
      [3, "at_tz_ns", "TIMESTAMPTZ"],
      [4, "anything", "VARIANT"],
      [5, "day", "DATE"],
      [6, "text", "STRING"],
      [7, "bytes", "BINARY"],
      [8, "share", "DOUBLE"],
      [9, "added", "INT"],
    ]);
  });

  it("04 §14, v3: partition values of nanosecond timestamps have all their digits", async () => {
    const files = await (await open("types_v3")).files({ signal });
    expect(files.map((file) => [file.path.replace(/^.*\//, ""), file.partitionDataJson])).toEqual([
      ["b.parquet", '{"partitionValues":[{"id":2,"value":20089},{"id":3,"value":-876543999}]}'],
      ["a.parquet", '{"partitionValues":[{"id":2,"value":20089},{"id":3,"value":-876543211}]}'],
    ]);
  });

  it("04 §6, v3: vectors of several files in one Puffin file are one record, and no rows are taken off the data", async () => {
    const files = await (await open("deletes_v3", BigInt(EXPECTED.deletes_v3?.snapshots[1]?.id ?? 0))).files({
      signal,
    });
    expect(files.map((file) => [file.content, file.readable, metricsOf(file).rowCount])).toEqual([
      [FILE_CONTENT.data, true, 10n],
      [FILE_CONTENT.data, true, 10n],
      [FILE_CONTENT.positionDeletes, false, 2n],
    ]);
  });
});
