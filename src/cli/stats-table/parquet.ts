import {
  type ColumnShape,
  type ColumnValues,
  float64Builder,
  int64Builder,
  textBuilder,
  type WrittenColumn,
  type WrittenFile,
} from "../../parquet/write/index.ts";
import { STATS_COLUMNS, type StatsColumn } from "./columns.ts";
import type { StatsRow } from "./rows.ts";

const STRING = { kind: "STRING" } as const;

/** The schema of `stats.parquet`. */
export const STATS_FILE: WrittenFile = {
  rootName: "statistics",
  columns: STATS_COLUMNS.map(writtenColumn),
  keyValues: [],
};

function writtenColumn({ name, required, value }: StatsColumn): WrittenColumn {
  const base = { name, optional: !required, typeLength: 0 };
  switch (value.kind) {
    case "text":
      return { ...base, physicalType: "BYTE_ARRAY", annotation: STRING };
    case "integer":
      return { ...base, physicalType: "INT64", annotation: undefined };
    case "number":
      return { ...base, physicalType: "DOUBLE", annotation: undefined };
  }
}

/** The rows of one row group, column by column. */
export function statsColumnValues(rows: readonly StatsRow[]): readonly ColumnValues[] {
  return STATS_COLUMNS.map((column) => columnValues(column, rows));
}

function columnValues({ name, required, value }: StatsColumn, rows: readonly StatsRow[]): ColumnValues {
  const shape: ColumnShape = { name, rowCount: rows.length, optional: !required, maxValues: rows.length };
  switch (value.kind) {
    case "text":
      return filled(textBuilder(shape), rows, value.of);
    case "integer":
      return filled(int64Builder(shape), rows, value.of);
    case "number":
      return filled(float64Builder(shape), rows, value.of);
  }
}

function filled<T>(
  builder: { put(row: number, value: T): void; finish(): ColumnValues },
  rows: readonly StatsRow[],
  of: (row: StatsRow) => T | undefined,
): ColumnValues {
  for (const [i, row] of rows.entries()) {
    const found = of(row);
    if (found !== undefined) builder.put(i, found);
  }
  return builder.finish();
}
