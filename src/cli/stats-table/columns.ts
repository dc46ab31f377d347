import type { StatsRow } from "./rows.ts";

/** The columns of `stats.csv` and `stats.parquet`, in order: part of the product's interface. */
export interface StatsColumn {
  readonly name: string;
  readonly required: boolean;
  readonly value:
    | { readonly kind: "text"; readonly of: (row: StatsRow) => string | undefined }
    | { readonly kind: "integer"; readonly of: (row: StatsRow) => bigint | undefined }
    | { readonly kind: "number"; readonly of: (row: StatsRow) => number | undefined };
}

export const STATS_COLUMNS: readonly StatsColumn[] = [
  text("scope", (row) => row.scope, true),
  text("table_id", (row) => row.tableId, true),
  integer("snapshot_id", (row) => row.snapshotId, true),
  text("file", (row) => row.file),
  text("content", (row) => row.content),
  integer("column_id", (row) => row.columnId),
  text("column", (row) => row.column),
  text("type", (row) => row.type),
  integer("rows", (row) => row.rows, true),
  integer("nulls", (row) => row.nulls),
  integer("nans", (row) => row.nans),
  text("min", (row) => row.min),
  text("max", (row) => row.max),
  integer("avg_width_bytes", (row) => row.avgWidthBytes),
  { name: "distinct_estimate", required: false, value: { kind: "number", of: (row) => row.distinct } },
  integer("size_bytes", (row) => row.sizeBytes),
  integer("data_files", (row) => row.dataFiles),
  text("partition", (row) => row.partition),
];

function text(name: string, of: (row: StatsRow) => string | undefined, required = false): StatsColumn {
  return { name, required, value: { kind: "text", of } };
}

function integer(name: string, of: (row: StatsRow) => bigint | undefined, required = false): StatsColumn {
  return { name, required, value: { kind: "integer", of } };
}
