import {
  FILE_CONTENT,
  type FileStats,
  type StatsMetadata,
  type StatsRecord,
  type TableStats,
} from "../model/index.ts";
import {
  type ColumnRollup,
  type RollUpColumn,
  rollUpColumnChunked,
  rollUpColumnInline,
} from "./column-rollup.ts";

/**
 * TABLE and COLUMN records from the FILE records of a group (07 §9), from partials (07 §10), and from all FILE records of a
 * snapshot as the inline server does it (07 §9.5). TABLE comes first, then the columns in the order in which they were first
 * seen. Records are taken one after the other: what is kept follows the number of columns, not that of records.
 */
export interface RollupOptions {
  /** Whether TABLE and COLUMN statistics were asked for. */
  readonly table: boolean;
  readonly column: boolean;
  /** Wall clock of the group, for the sketches that are made here. */
  readonly capturedAtMs: bigint;
}

export interface Rollup {
  /** Throws TableError for what can't be rolled up: the group fails. */
  add(record: StatsRecord): void;
  result(): StatsRecord[];
}

/** What a chunked worker submits beside its FILE records (07 §9.1–§9.4). */
export function createPartialsRollup(options: RollupOptions): Rollup {
  return rollUpFiles(options, rollUpColumnChunked);
}

/** What the inline server makes of all FILE records of a snapshot (07 §9.5). */
export function createInlineRollup(options: RollupOptions): Rollup {
  return rollUpFiles(options, rollUpColumnInline);
}

/**
 * What the chunked server makes of partials (07 §10): applied to the partials of each group first, then to the results of all
 * groups. Records that are neither TABLE nor COLUMN are ignored.
 */
export function createMerge(options: RollupOptions): Rollup {
  const rollup = createRollup(options, rollUpColumnChunked);
  return {
    add(record) {
      const { metadata, target, value } = record;
      rollup.of(record);
      if (value.kind === "table") rollup.addTable(value.table, metadata);
      if (value.kind === "scalar" && target.kind === "column") {
        rollup.columnOf(target.columnId)?.add(value.scalar, metadata);
      }
    },
    result: rollup.result,
  };
}

export function rollupToPartials(records: readonly StatsRecord[], options: RollupOptions): StatsRecord[] {
  return rolledUp(createPartialsRollup(options), records);
}

export function rollupInline(records: readonly StatsRecord[], options: RollupOptions): StatsRecord[] {
  return rolledUp(createInlineRollup(options), records);
}

export function mergePartials(partials: readonly StatsRecord[], options: RollupOptions): StatsRecord[] {
  return rolledUp(createMerge(options), partials);
}

function rolledUp(rollup: Rollup, records: readonly StatsRecord[]): StatsRecord[] {
  for (const record of records) rollup.add(record);
  return rollup.result();
}

function rollUpFiles(options: RollupOptions, rollUpColumn: RollUpColumn): Rollup {
  const rollup = createRollup(options, rollUpColumn);
  return {
    add(record) {
      const { metadata, value } = record;
      rollup.of(record);
      if (value.kind !== "file" || isDelete(value.file)) return;
      const { rowCount, sizeBytes, columns } = value.file;
      rollup.addTable({ rowCount, dataFileCount: 1n, totalSizeBytes: sizeBytes }, metadata);
      for (const { columnId, scalar } of columns) rollup.columnOf(columnId)?.add(scalar, metadata);
    },
    result: rollup.result,
  };
}

/** Content that isn't specified counts as data (07 §9.1). */
function isDelete(file: FileStats): boolean {
  return (
    file.fileContent === FILE_CONTENT.positionDeletes || file.fileContent === FILE_CONTENT.equalityDeletes
  );
}

function createRollup(options: RollupOptions, rollUpColumn: RollUpColumn) {
  let of: Pick<StatsRecord, "tableId" | "snapshotId"> | undefined;
  let table: { readonly sums: TableStats; readonly metadata: StatsMetadata | undefined } | undefined;
  const columns = new Map<bigint, ColumnRollup>();
  return {
    /** The first record says whose statistics these are. */
    of({ tableId, snapshotId }: StatsRecord): void {
      of ??= { tableId, snapshotId };
    },
    addTable(stats: TableStats, metadata: StatsMetadata | undefined): void {
      table = { sums: sumOf(table?.sums, stats), metadata: table === undefined ? metadata : table.metadata };
    },
    /** Every entry with an id is a contributor, whatever it holds (07 §9.3); undefined for one without, or if none is asked for. */
    columnOf(columnId: bigint): ColumnRollup | undefined {
      if (!options.column || columnId <= 0n) return undefined;
      const known = columns.get(columnId) ?? rollUpColumn(columnId, options.capturedAtMs);
      columns.set(columnId, known);
      return known;
    },
    result(): StatsRecord[] {
      if (of === undefined) return [];
      const records: StatsRecord[] = [];
      if (options.table && table !== undefined) {
        const { sums, metadata } = table;
        records.push({ ...of, target: { kind: "table" }, metadata, value: { kind: "table", table: sums } });
      }
      for (const [columnId, column] of columns) {
        const { scalar, metadata } = column.result();
        const target = { kind: "column" as const, columnId };
        records.push({ ...of, target, metadata, value: { kind: "scalar", scalar } });
      }
      return records;
    },
  };
}

const NOTHING: TableStats = { rowCount: 0n, dataFileCount: 0n, totalSizeBytes: 0n };

/** Negative counts and sizes count as 0 (07 §9.1). */
function sumOf(sums: TableStats = NOTHING, more: TableStats): TableStats {
  const plus = (of: (table: TableStats) => bigint) => of(sums) + (of(more) > 0n ? of(more) : 0n);
  return {
    rowCount: plus((each) => each.rowCount),
    dataFileCount: plus((each) => each.dataFileCount),
    totalSizeBytes: plus((each) => each.totalSizeBytes),
  };
}

/** What both servers store for a plan without files (07 §10). */
export function emptyTableRecord(of: Pick<StatsRecord, "tableId" | "snapshotId">): StatsRecord {
  return {
    tableId: of.tableId,
    snapshotId: of.snapshotId,
    target: { kind: "table" },
    metadata: undefined,
    value: { kind: "table", table: NOTHING },
  };
}
