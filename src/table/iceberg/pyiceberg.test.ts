import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CapturePolicy } from "../../model/index.ts";
import { testRootStore } from "../../storage/index.ts";
import { javaDoubleText, javaFloatText } from "../../types/index.ts";
import type { TableFile } from "../snapshot.ts";
import { type IcebergSnapshot, openIceberg } from "./index.ts";

/**
 * Tables written by pyiceberg (test/fixtures/generate/pyiceberg_tables.py), read through the test directory's store, against
 * what pyiceberg itself says of their files.
 */
const ROOT = join(import.meta.dirname, "../../../test/fixtures/data/iceberg");
const { signal } = new AbortController();

interface ExpectedFile {
  readonly path: string;
  readonly rows: number;
  readonly size: number;
  readonly spec: number;
  readonly sequence: number;
  readonly valueCounts: Readonly<Record<string, number>>;
  readonly nullCounts: Readonly<Record<string, number>>;
  readonly lower: Readonly<Record<string, string>>;
  readonly upper: Readonly<Record<string, string>>;
}

interface ExpectedTable {
  readonly metadata: string;
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

async function open(
  table: string,
  snapshotId: bigint | "latest",
  policy = EVERYTHING,
): Promise<IcebergSnapshot> {
  const snapshot = await openIceberg({
    store: testRootStore(ROOT),
    uri: `s3://fixtures/${table}`,
    properties: { "iceberg.source": "filesystem" },
    generation: "chunked",
    snapshotId,
    policy,
    signal,
  });
  if (snapshot === undefined) throw new Error(`no snapshot ${snapshotId} in ${table}`);
  return snapshot;
}

function metricsOf(file: TableFile) {
  if (file.metrics.source !== "metadata") throw new Error("no metrics");
  return file.metrics.metrics;
}

/** What the contract makes of the figures that pyiceberg reads: an empty bound is none, floats print as Java prints them. */
function expectedMetrics(file: ExpectedFile, snapshot: IcebergSnapshot) {
  const columns = new Map<bigint, object>();
  for (const { columnId, logicalType } of snapshot.columns) {
    const id = columnId.toString();
    const bound = (text: string | undefined) => {
      if (text === undefined || text === "") return undefined;
      if (logicalType === "FLOAT") return javaFloatText(Number(text));
      return logicalType === "DOUBLE" ? javaDoubleText(Number(text)) : text;
    };
    const known = {
      rowCount: file.valueCounts[id] === undefined ? undefined : BigInt(file.valueCounts[id]),
      nullCount: file.nullCounts[id] === undefined ? undefined : BigInt(file.nullCounts[id]),
      min: bound(file.lower[id]),
      max: bound(file.upper[id]),
    };
    const present = Object.entries(known).filter(([, value]) => value !== undefined);
    if (present.length > 0) columns.set(columnId, Object.fromEntries(present));
  }
  return { rowCount: BigInt(file.rows), columns };
}

describe.each(Object.entries(EXPECTED))("pyiceberg table %s", (table, { metadata, snapshots }) => {
  it("04 §3.7: its newest metadata file is the one pyiceberg is at", async () => {
    expect((await open(table, "latest")).table.location).toBe(metadata);
  });

  it.each(snapshots.map((snapshot) => [snapshot.id, snapshot.files] as const))(
    "04 §5, §9: snapshot %s has the files, counts and bounds that pyiceberg reads",
    async (id, expected) => {
      const snapshot = await open(table, BigInt(id));
      const files = await snapshot.files({ signal });
      const expectedSequence = (sequence: number) => (sequence > 0 ? BigInt(sequence) : undefined);
      expect(
        files.map((file) => [file.path, file.sizeBytes, file.partitionSpecId, file.sequenceNumber]),
      ).toEqual(
        expected.map((file) => [file.path, BigInt(file.size), file.spec, expectedSequence(file.sequence)]),
      );
      for (const [index, file] of expected.entries()) {
        const found = files[index];
        expect(found && metricsOf(found)).toEqual(expectedMetrics(file, snapshot));
      }
    },
  );
});

describe("pyiceberg tables, by rule", () => {
  it("04 §14: partition values of every transform, in a manifest compressed with zstandard", async () => {
    const files = await (await open("partitioned", "latest")).files({ signal });
    expect(files.map((file) => file.partitionDataJson)).toEqual([
      '{"partitionValues":[{"id":1,"value":"a\\"b\\\\"},{"id":2,"value":12.50},{"id":3,"value":20089},{"id":4,"value":"abc"},{"id":5,"value":true},{"id":6,"value":4}]}',
      '{"partitionValues":[{"id":1,"value":"é/x"},{"id":2,"value":-0.05},{"id":3,"value":-1},{"id":4,"value":"ab"},{"id":5,"value":false},{"id":6,"value":2}]}',
      '{"partitionValues":[{"id":1,"value":null},{"id":2,"value":null},{"id":3,"value":null},{"id":4,"value":null},{"id":5,"value":null},{"id":6,"value":null}]}',
    ]);
  });

  it("04 T32: a path with percent signs is the name of the object as it stands", async () => {
    const [, file] = await (await open("partitioned", "latest")).files({ signal });
    expect(file?.path).toContain("region=%C3%A9%2Fx");
    const object = await testRootStore(ROOT).open(file?.path ?? "", { signal });
    expect(BigInt(object.size)).toBe(file?.sizeBytes);
    await object.close();
  });

  it("04 §8.2: a snapshot of schema 0 of an evolved table has current names, and bounds of the column dropped since", async () => {
    const [first] = EXPECTED.evolved?.snapshots ?? [];
    const snapshot = await open("evolved", BigInt(first?.id ?? 0));
    const [file] = await snapshot.files({ signal });
    const rows = snapshot.columns.map((column) => {
      const metrics = file && metricsOf(file).columns.get(column.columnId);
      return [column.fieldId, column.displayName, column.logicalType, metrics?.min];
    });
    expect(rows).toEqual([
      [1, "keep", "INT", "1"],
      [2, "renamed_to", "STRING", "a"],
      [3, "dropped", "DATE", "2024-02-29"],
      [4, "wide", "DOUBLE", "0.10000000149011612"],
    ]);
  });

  it("04 §10.2: with an empty scope, columns added since are included as well", async () => {
    const [first] = EXPECTED.evolved?.snapshots ?? [];
    const policy = { ...EVERYTHING, defaultColumnScope: "explicit-only" } as const;
    const snapshot = await open("evolved", BigInt(first?.id ?? 0), policy);
    expect(snapshot.columns.filter((column) => column.included).map((column) => column.displayName)).toEqual([
      "keep",
      "renamed_to",
      "wide",
      "added",
    ]);
  });

  it("04 T27: a file that a later snapshot deleted is live in the earlier one only", async () => {
    const table = EXPECTED.evolved;
    const counts = await Promise.all(
      (table?.snapshots ?? []).map(
        async ({ id }) => (await (await open("evolved", BigInt(id))).files({ signal })).length,
      ),
    );
    expect(counts).toEqual([1, 2, 1]);
  });
});
