import type { PageIndexRow } from "../model/index.ts";
import { readFooter, type SchemaLeaf } from "../parquet/index.ts";
import { type ColumnView, type ColumnViews, concludeView, rawRanges } from "../pruning/index.ts";
import { openStore } from "../storage/index.ts";
import { decodeBound, LogicalTypeError, LogicalValueError, parseLogicalType } from "../types/index.ts";
import type { CapturedColumn } from "./records.ts";

/** How the integers of a file's page rows are to be read, concluded from what its FILE record says of its columns. */
export function viewsFromStatistics(
  rows: readonly PageIndexRow[],
  columns: readonly CapturedColumn[],
): ColumnViews {
  const byName = new Map<string, CapturedColumn | undefined>();
  // A name that two columns share settles nothing.
  for (const column of columns) {
    byName.set(column.displayName, byName.has(column.displayName) ? undefined : column);
  }
  const views = new Map<string, ColumnView>();
  for (const [name, range] of rawRanges(rows)) {
    const column = byName.get(name);
    const view = column && viewOf(column, range);
    if (view !== undefined) views.set(name, view);
  }
  return views;
}

function viewOf(
  { logicalType, min, max }: CapturedColumn,
  range: Parameters<typeof concludeView>[1],
): ColumnView | undefined {
  try {
    const type = parseLogicalType(logicalType);
    const decoded = {
      min: min === undefined ? undefined : decodeBound(type, min),
      max: max === undefined ? undefined : decodeBound(type, max),
    };
    return concludeView(type, range, decoded);
  } catch (error) {
    if (error instanceof LogicalTypeError || error instanceof LogicalValueError) return undefined;
    throw error;
  }
}

const PER_SECOND = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;

/** The same from the footer of the data file itself, which says it outright. */
export function viewsFromSchema(leaves: readonly SchemaLeaf[]): ColumnViews {
  const views = new Map<string, ColumnView>();
  for (const leaf of leaves) {
    const view = leafView(leaf);
    if (view !== undefined) views.set(leaf.name, view);
  }
  return views;
}

function leafView({ physicalType, annotation }: SchemaLeaf): ColumnView | undefined {
  if (physicalType !== "INT32" && physicalType !== "INT64") return undefined;
  switch (annotation?.kind) {
    case undefined:
      return { kind: "integer", signed: true };
    case "INTEGER":
      return { kind: "integer", signed: annotation.signed };
    case "DATE":
      return { kind: "date" };
    case "TIME":
      return { kind: "time", perSecond: PER_SECOND[annotation.unit] };
    case "TIMESTAMP":
      return { kind: "timestamp", perSecond: PER_SECOND[annotation.unit], utc: annotation.adjustedToUtc };
    default:
      return undefined;
  }
}

/** The same where only its path is known; undefined if the file is no longer there, or can't be read. */
export async function viewsFromDataFile(
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<ColumnViews | undefined> {
  try {
    await using file = await openStore({ local: { kind: "anywhere" } }).open(path, { signal });
    const { schema } = await readFooter(file, { signal });
    return viewsFromSchema(schema.leaves);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return undefined;
    throw error;
  }
}
