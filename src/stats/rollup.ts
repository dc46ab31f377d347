import {
  FILE_CONTENT,
  type FileStats,
  type StatsMetadata,
  type StatsRecord,
  type TableStats,
} from "../model/index.ts";
import {
  type ColumnRollup,
  type Contributor,
  rollUpColumnChunked,
  rollUpColumnInline,
} from "./column-rollup.ts";

/**
 * TABLE and COLUMN records from the FILE records of a group (07 §9), from partials (07 §10), and from all FILE records of a
 * snapshot as the inline server does it (07 §9.5). TABLE comes first, then the columns in the order in which they were first
 * seen.
 */
export interface RollupOptions {
  /** Whether TABLE and COLUMN statistics were asked for. */
  readonly table: boolean;
  readonly column: boolean;
  /** Wall clock of the group, for the sketches that are made here. */
  readonly capturedAtMs: bigint;
}

/** What a chunked worker submits beside its FILE records (07 §9.1–§9.4). Throws TableError: the group fails. */
export function rollupToPartials(records: readonly StatsRecord[], options: RollupOptions): StatsRecord[] {
  return rollUpFiles(records, options, rollUpColumnChunked);
}

/** What the inline server makes of all FILE records of a snapshot (07 §9.5). */
export function rollupInline(records: readonly StatsRecord[], options: RollupOptions): StatsRecord[] {
  return rollUpFiles(records, options, rollUpColumnInline);
}

/**
 * What the chunked server makes of partials (07 §10): applied to the partials of each group first, then to the results of all
 * groups. Records that are neither TABLE nor COLUMN are ignored.
 */
export function mergePartials(partials: readonly StatsRecord[], options: RollupOptions): StatsRecord[] {
  const tables: TableEntry[] = [];
  const columns: ColumnEntry[] = [];
  for (const { metadata, target, value } of partials) {
    if (value.kind === "table") tables.push({ table: value.table, metadata });
    if (value.kind === "scalar" && target.kind === "column") {
      columns.push({ columnId: target.columnId, scalar: value.scalar, metadata });
    }
  }
  return rollUp(partials[0], { tables, columns }, options, rollUpColumnChunked);
}

interface TableEntry {
  readonly table: TableStats;
  readonly metadata: StatsMetadata | undefined;
}

interface ColumnEntry extends Contributor {
  readonly columnId: bigint;
}

type RollUpColumn = (column: ColumnRollup) => ReturnType<typeof rollUpColumnChunked>;

function rollUpFiles(
  records: readonly StatsRecord[],
  options: RollupOptions,
  rollUpColumn: RollUpColumn,
): StatsRecord[] {
  const tables: TableEntry[] = [];
  const columns: ColumnEntry[] = [];
  for (const { metadata, value } of records) {
    if (value.kind !== "file" || isDelete(value.file)) continue;
    const { rowCount, sizeBytes: totalSizeBytes } = value.file;
    tables.push({ table: { rowCount, dataFileCount: 1n, totalSizeBytes }, metadata });
    for (const { columnId, scalar } of value.file.columns) columns.push({ columnId, scalar, metadata });
  }
  return rollUp(records[0], { tables, columns }, options, rollUpColumn);
}

/** Content that isn't specified counts as data (07 §9.1). */
function isDelete(file: FileStats): boolean {
  return (
    file.fileContent === FILE_CONTENT.positionDeletes || file.fileContent === FILE_CONTENT.equalityDeletes
  );
}

function rollUp(
  first: StatsRecord | undefined,
  entries: { readonly tables: readonly TableEntry[]; readonly columns: readonly ColumnEntry[] },
  options: RollupOptions,
  rollUpColumn: RollUpColumn,
): StatsRecord[] {
  if (first === undefined) return [];
  const { tableId, snapshotId } = first;
  const rolledUp: StatsRecord[] = [];
  if (options.table && entries.tables.length > 0) {
    rolledUp.push({
      tableId,
      snapshotId,
      target: { kind: "table" },
      metadata: entries.tables[0]?.metadata,
      value: { kind: "table", table: sumTables(entries.tables) },
    });
  }
  if (!options.column) return rolledUp;
  for (const [columnId, contributors] of groupByColumn(entries.columns)) {
    const scalar = rollUpColumn({ columnId, contributors, capturedAtMs: options.capturedAtMs });
    rolledUp.push({
      tableId,
      snapshotId,
      target: { kind: "column", columnId },
      metadata: contributors.find(({ metadata }) => metadata !== undefined)?.metadata,
      value: { kind: "scalar", scalar },
    });
  }
  return rolledUp;
}

/** Negative counts and sizes count as 0 (07 §9.1). */
function sumTables(tables: readonly TableEntry[]): TableStats {
  const sum = (of: (table: TableStats) => bigint) =>
    tables.map(({ table }) => of(table)).reduce((total, value) => (value > 0n ? total + value : total), 0n);
  return {
    rowCount: sum((table) => table.rowCount),
    dataFileCount: sum((table) => table.dataFileCount),
    totalSizeBytes: sum((table) => table.totalSizeBytes),
  };
}

/** Every entry with an id is a contributor, whatever it holds; columns in first-seen order (07 §9.3). */
function groupByColumn(entries: readonly ColumnEntry[]): Map<bigint, Contributor[]> {
  return Map.groupBy(
    entries.filter(({ columnId }) => columnId > 0n),
    ({ columnId }) => columnId,
  );
}

/** What both servers store for a plan without files (07 §10). */
export function emptyTableRecord(of: Pick<StatsRecord, "tableId" | "snapshotId">): StatsRecord {
  return {
    tableId: of.tableId,
    snapshotId: of.snapshotId,
    target: { kind: "table" },
    metadata: undefined,
    value: { kind: "table", table: { rowCount: 0n, dataFileCount: 0n, totalSizeBytes: 0n } },
  };
}
