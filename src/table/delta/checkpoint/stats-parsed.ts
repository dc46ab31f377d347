import {
  type ColumnValue,
  type ColumnWindow,
  type FileMetadata,
  findChild,
  leafOf,
  type SchemaLeaf,
  type SchemaNode,
} from "../../../parquet/index.ts";
import { encodeBound, type LogicalKind, type LogicalType, parseLogicalType } from "../../../types/index.ts";
import { decodeFooterBound } from "../../footer-metrics/index.ts";
import type { ColumnMetrics, FileMetrics, SnapshotColumn } from "../../snapshot.ts";
import { integerOf, type Windows } from "./read-leaves.ts";

/**
 * Statistics that a checkpoint carries as columns (05 §7.2): where a file has them, its row count, null counts and bounds are
 * these and not the footer's, as they stand, truncated or not.
 */
export interface StatsColumns {
  readonly rowCount: SchemaLeaf;
  readonly columns: readonly StatsColumn[];
}

interface StatsColumn {
  readonly columnId: bigint;
  readonly type: LogicalType;
  readonly nullCount: SchemaLeaf | undefined;
  readonly min: SchemaLeaf | undefined;
  readonly max: SchemaLeaf | undefined;
}

/** Types of which minima and maxima are asked for (05 §7.2.1). */
const BOUNDED: ReadonlySet<LogicalKind> = new Set<LogicalKind>([
  "INT",
  "FLOAT",
  "DOUBLE",
  "DATE",
  "TIMESTAMP",
  "TIMESTAMPTZ",
  "DECIMAL",
  "STRING",
]);

/** Undefined if the checkpoint has no statistics of this kind. */
export function statsColumns(
  footer: FileMetadata,
  stats: SchemaNode | undefined,
  columns: readonly SnapshotColumn[],
): StatsColumns | undefined {
  const { schema } = footer;
  const rowCount = stats && leafOf(schema, findChild(stats, "numRecords"));
  if (stats === undefined || rowCount === undefined) return undefined;
  const leafIn = (group: string, name: string) => {
    const node = findChild(stats, group);
    const leaf = node && leafOf(schema, findChild(node, name));
    return leaf?.maxRepetitionLevel === 0 ? leaf : undefined;
  };
  const found: StatsColumn[] = [];
  for (const { columnId, logicalType, topLevelName: name, included } of columns) {
    const type = parseLogicalType(logicalType);
    if (!included || columnId <= 0n || name === undefined || type.kind === "STRUCT") continue;
    const bounded = BOUNDED.has(type.kind);
    found.push({
      columnId,
      type,
      nullCount: leafIn("nullCount", name),
      min: bounded ? leafIn("minValues", name) : undefined,
      max: bounded ? leafIn("maxValues", name) : undefined,
    });
  }
  return { rowCount, columns: found };
}

export function statsLeaves({ rowCount, columns }: StatsColumns): SchemaLeaf[] {
  const leaves = columns.flatMap((column) => [column.nullCount, column.min, column.max]);
  return [rowCount, ...leaves.filter((leaf) => leaf !== undefined)];
}

/** Undefined for a file without a record count: its footer is read. */
export function statsOfRow(stats: StatsColumns, windows: Windows, row: number): FileMetrics | undefined {
  const rowCount = integerOf(windows(stats.rowCount), row);
  if (rowCount === undefined || rowCount < 0n) return undefined;
  const columns = new Map<bigint, ColumnMetrics>();
  for (const column of stats.columns) {
    const nullCount = integerOf(windows(column.nullCount), row);
    const min = boundText(column.type, column.min, windows(column.min), row);
    const max = boundText(column.type, column.max, windows(column.max), row);
    if (nullCount === undefined && min === undefined && max === undefined) continue;
    columns.set(column.columnId, {
      ...(nullCount !== undefined && { nullCount }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    });
  }
  return { rowCount, columns };
}

function boundText(
  type: LogicalType,
  leaf: SchemaLeaf | undefined,
  window: ColumnWindow | undefined,
  row: number,
): string | undefined {
  if (leaf === undefined || window === undefined) return undefined;
  const entry = window.entriesStart(row);
  // What nearly all bounds are needs no detour over bytes.
  if (type.kind === "STRING" && leaf.annotation?.kind === "STRING") return window.text(entry);
  const value = window.value(entry);
  if (value === undefined) return undefined;
  if (type.kind === "INT" && leaf.annotation === undefined && isWhole(value)) return String(value);
  const decoded = decodeFooterBound(type, leaf, plainBytes(leaf, value));
  return decoded === undefined ? undefined : encodeBound(type, decoded);
}

function isWhole(value: ColumnValue): value is bigint | number {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** Millions of bounds pass here: they are written into the same few bytes. */
const ONE_BYTE = Buffer.alloc(1);
const FOUR_BYTES = Buffer.alloc(4);
const EIGHT_BYTES = Buffer.alloc(8);

/**
 * The value in the form in which footers have it, so that both are decoded by the same rules. Valid until the next call.
 */
function plainBytes(leaf: SchemaLeaf, value: ColumnValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "boolean") {
    ONE_BYTE[0] = value ? 1 : 0;
    return ONE_BYTE;
  }
  if (typeof value === "bigint") {
    EIGHT_BYTES.writeBigInt64LE(value);
    return EIGHT_BYTES;
  }
  if (leaf.physicalType === "DOUBLE") {
    EIGHT_BYTES.writeDoubleLE(value);
    return EIGHT_BYTES;
  }
  if (leaf.physicalType === "FLOAT") FOUR_BYTES.writeFloatLE(value);
  else FOUR_BYTES.writeInt32LE(value);
  return FOUR_BYTES;
}
