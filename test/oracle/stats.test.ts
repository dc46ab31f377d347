import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CapturePool, createCapturePool } from "../../src/capture/index.ts";
import type { ColumnStats, FileStats, SourceConnector } from "../../src/model/index.ts";
import { toFileSystemPath } from "../../src/storage/index.ts";
import type { SnapshotColumn } from "../../src/table/index.ts";
import { isOrderable, parseLogicalType } from "../../src/types/index.ts";
import { captureWholeTable, deltaTable, icebergTable, parquetTable } from "../support/capture-table.ts";
import { DEMO_TABLE, FIXTURES } from "../support/run-cli.ts";
import { comparable } from "../support/stats-oracle.ts";
import { openTableOracle, type TableOracle, type TrueFigures } from "../support/table-oracle.ts";

/**
 * Every figure of FILE, TABLE and COLUMN records against a full read of the same files by DuckDB. What a format may leave out or
 * shorten is said here, each with the place: bounds of long texts in Iceberg metadata, figures that a metrics mode drops.
 */

const ICEBERG_ROOT = join(FIXTURES, "iceberg");

const TABLES: readonly (readonly [string, SourceConnector])[] = [
  ["demo/orders", deltaTable(DEMO_TABLE)],
  ...["types", "partitioned", "mapped_by_id", "mapped_by_name"].map(
    (name) => [`delta/${name}`, deltaTable(join(FIXTURES, "delta", name))] as const,
  ),
  ["demo/orders as bare Parquet", parquetTable(DEMO_TABLE)],
  ...["evolved", "metric_modes", "partitioned", "types_v1", "types_v2"].map(
    (name) => [`iceberg/${name}`, icebergTable(`s3://fixtures/${name}`)] as const,
  ),
];

let oracle: TableOracle;
let pool: CapturePool;

beforeAll(async () => {
  oracle = await openTableOracle();
  pool = createCapturePool({ threads: 1 });
});

afterAll(async () => {
  oracle.close();
  await pool.close();
});

function localPath(path: string): string {
  return path.startsWith("s3://") ? join(ICEBERG_ROOT, path.slice("s3://".length)) : toFileSystemPath(path);
}

describe.each(TABLES)("%s", (_, connector) => {
  test("FILE, TABLE and COLUMN records say what a full read says", async () => {
    const { snapshot, outcomes, rolledUp } = await captureWholeTable({
      connector,
      store: { local: { kind: "anywhere" }, testRoot: ICEBERG_ROOT },
      pool,
      ndv: true,
    });
    const files = outcomes.map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      if (outcome.record?.value.kind !== "file") throw new Error(`${outcome.file.path} has no record`);
      return outcome.record.value.file;
    });
    const columns = new Map(snapshot.columns.map((column) => [column.columnId, column]));
    for (const file of files) await checkFile(file, columns, snapshot.format);

    const paths = files.map((file) => localPath(file.filePath));
    const sizes = await Promise.all(paths.map(async (path) => BigInt((await stat(path)).size)));
    const tables = rolledUp.flatMap(({ value }) => (value.kind === "table" ? [value.table] : []));
    expect(tables).toEqual([
      {
        rowCount: await oracle.rowCount(paths),
        dataFileCount: BigInt(paths.length),
        totalSizeBytes: sizes.reduce((sum, size) => sum + size),
      },
    ]);

    let checked = 0;
    for (const { target, value } of rolledUp) {
      if (target.kind !== "column" || value.kind !== "scalar") continue;
      const column = columns.get(target.columnId);
      if (column === undefined) throw new Error(`column ${target.columnId} is not of the snapshot`);
      if (isNested(column)) continue;
      const figures = await oracle.figures(paths, column);
      expect(value.scalar.rowCount, column.displayName).toBe(await oracle.rowCount(paths));
      checkColumn(value.scalar, column, figures, snapshot.format, `COLUMN ${column.displayName}`);
      checked++;
    }
    expect(checked).toBe(snapshot.columns.filter((column) => !isNested(column)).length);
  });
});

async function checkFile(
  file: FileStats,
  columns: ReadonlyMap<bigint, SnapshotColumn>,
  format: string,
): Promise<void> {
  const path = localPath(file.filePath);
  expect(file.rowCount).toBe(await oracle.rowCount([path]));
  expect(file.sizeBytes).toBe(BigInt((await stat(path)).size));
  for (const { columnId, scalar } of file.columns) {
    const column = columns.get(columnId);
    if (column === undefined) throw new Error(`column ${columnId} is not of the snapshot`);
    if (isNested(column)) continue;
    expect(scalar.rowCount).toBe(file.rowCount);
    const figures = await oracle.figures([path], column);
    checkColumn(scalar, column, figures, format, `${file.filePath}, ${column.displayName}`);
  }
}

/** Leaves of Iceberg containers have counts of their values, not of rows: DuckDB has no column to compare with. */
function isNested(column: SnapshotColumn): boolean {
  return column.topLevelName === undefined;
}

function checkColumn(
  ours: ColumnStats,
  column: SnapshotColumn,
  truth: TrueFigures,
  format: string,
  where: string,
): void {
  if (truth.files === 0 || !isOrderable(parseLogicalType(column.logicalType))) {
    // Containers, and columns that no file has, such as those of partitions: rows alone are known.
    expect([ours.nullCount, ours.min, ours.max, ours.ndv], where).toEqual(Array(4).fill(undefined));
    return;
  }
  const mode = modeOf(column, format);
  expect(ours.nullCount, where).toBe(mode === "none" ? undefined : truth.nullCount);
  expect(ours.nanCount ?? truth.nanCount, where).toBe(truth.nanCount);
  if (typeof mode === "number") {
    checkBound("min", ours.min, truth.min, mode, column.logicalType, where);
    checkBound("max", ours.max, truth.max, mode, column.logicalType, where);
  } else {
    expect([ours.min, ours.max], where).toEqual([undefined, undefined]);
  }
  checkDistinct(ours, truth, where);
}

/** What pyiceberg writes of a column into manifests, by metrics mode; 16 characters of a text or bytes if nothing else is set. */
const METRICS_MODES: Readonly<Record<string, "none" | "counts" | number>> = {
  full: 1000,
  counts: "counts",
  none: "none",
  short: 4,
};
const DEFAULT_LENGTH = 16;
/** Footers hold whole bounds. */
const WHOLE = Number.POSITIVE_INFINITY;

function modeOf(column: SnapshotColumn, format: string): "none" | "counts" | number {
  return format === "iceberg" ? (METRICS_MODES[column.displayName] ?? DEFAULT_LENGTH) : WHOLE;
}

function checkBound(
  side: "min" | "max",
  ours: string | undefined,
  truth: string | undefined,
  limit: number,
  logicalType: string,
  where: string,
): void {
  const at = `${where}, ${side}`;
  if (truth === "" && limit !== WHOLE) {
    // QUIRK (04 §0 fact 7): an empty bound in a manifest counts as none; other files' bounds then stand for the column (07 §9.3).
    if (!where.startsWith("COLUMN")) expect(ours, at).toBeUndefined();
    return;
  }
  const { kind } = parseLogicalType(logicalType);
  if (truth === undefined || ours === undefined || (kind !== "STRING" && kind !== "BINARY")) {
    expect(comparable(logicalType, ours), at).toEqual(comparable(logicalType, truth));
    return;
  }
  const units = (text: string) =>
    kind === "BINARY" ? [...Buffer.from(text, "base64").toString("latin1")] : [...text];
  const [found, whole] = [units(ours), units(truth)];
  if (whole.length <= limit) {
    expect(found, at).toEqual(whole);
    return;
  }
  // Shortened: a minimum is cut, a maximum is cut and its last unit that can be is made one greater.
  expect(found.length, at).toBeLessThanOrEqual(limit);
  const cut = side === "min" ? found : found.slice(0, -1);
  expect(cut, at).toEqual(whole.slice(0, cut.length));
  if (side === "max")
    expect(found.at(-1)?.codePointAt(0), at).toBe((whole[cut.length]?.codePointAt(0) ?? 0) + 1);
}

/** Sketches of this size count exactly below it, and are off by 1.6 % in two of three cases above. */
const NOMINAL_ENTRIES = 4096;
const FAR_OFF = 0.06;

function checkDistinct(ours: ColumnStats, truth: TrueFigures, where: string): void {
  const estimate = ours.ndv?.approx?.estimate;
  const { kind } = parseLogicalType(ours.logicalType);
  if (truth.named < truth.files) {
    // QUIRK (07 §6.2): sketches go by name, also where a file has the column under another one and a field id.
    if (ours.ndv === undefined || truth.named > 0) return;
    // Where no file has the name, the table maps by id, and so do sketches (decision 29): they are held to the values.
  }
  if (estimate === undefined) throw new Error(`${where} has no number of distinct values`);
  if (kind === "BINARY" || kind === "UUID" || kind === "DECIMAL") {
    // QUIRK (07 §6.3): bytes are hashed as UTF-8 text, malformed ones replaced, so that different values can be one item.
    expect(estimate, where).toBeLessThan((truth.distinctCount + 1) * (1 + FAR_OFF));
    expect(estimate > 0, where).toBe(truth.distinctCount > 0);
  } else if (truth.distinctCount >= NOMINAL_ENTRIES) {
    expect(Math.abs(estimate / truth.distinctCount - 1), where).toBeLessThan(FAR_OFF);
  } else {
    expect(estimate, where).toBe(truth.distinctCount);
  }
}
