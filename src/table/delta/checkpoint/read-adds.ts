import { setImmediate as nextTurn } from "node:timers/promises";
import { type ByteSource, TableError } from "../../../model/index.ts";
import {
  type FileMetadata,
  openRecords,
  type RecordReader,
  type RowGroup,
  type SchemaLeaf,
} from "../../../parquet/index.ts";
import type { FileMetrics, SnapshotColumn } from "../../snapshot.ts";
import type { AddFile, DeletionVector } from "../log/index.ts";
import { type AddLeaves, addLeaves, type VectorLeaves } from "./action-leaves.ts";
import { integerOf, mapOf, textOf, WINDOW_ROWS, type Windows, windowsOf } from "./read-leaves.ts";
import { type StatsColumns, statsColumns, statsLeaves, statsOfRow } from "./stats-parsed.ts";

/** What becomes of the add actions of a checkpoint. */
export interface AddVisitor {
  /** Decides by path and deletion vector; undefined passes over the file, and the rest of it isn't even decoded. */
  select(path: string, vector: DeletionVector | undefined): SelectedAdd | undefined;
}

export interface SelectedAdd {
  /** Whether statistics of the checkpoint may be used for the file (05 §7.2 rule 3). */
  readonly wantsStats: boolean;
  take(add: AddFile, stats: FileMetrics | undefined): void;
}

export interface ReadAddsOptions {
  readonly visitor: AddVisitor;
  /** Whose statistics are wanted; undefined to read none (sidecars: 05 §7.2 rule 1). */
  readonly columns: readonly SnapshotColumn[] | undefined;
  readonly signal: AbortSignal;
}

/**
 * Walks the add actions of one Parquet file of a checkpoint in row order (05 §4.3). Paths and deletion vectors are read of
 * every row; the other columns only where a row is selected. False if the statistics can't be read: then none of those given
 * out may be used (05 §7.2 rule 5).
 */
export async function readAdds(
  source: ByteSource,
  footer: FileMetadata,
  options: ReadAddsOptions,
): Promise<boolean> {
  const leaves = addLeaves(footer);
  if (leaves === undefined) return true;
  const stats = options.columns && statsColumns(footer, leaves.stats, options.columns);
  let statsAreUsable = true;
  for (const rowGroup of footer.rowGroups) {
    const usable = await readRowGroup(
      source,
      footer,
      rowGroup,
      leaves,
      statsAreUsable ? stats : undefined,
      options,
    );
    statsAreUsable &&= usable;
  }
  return statsAreUsable;
}

async function readRowGroup(
  source: ByteSource,
  footer: FileMetadata,
  rowGroup: RowGroup,
  leaves: AddLeaves,
  stats: StatsColumns | undefined,
  { visitor, signal }: ReadAddsOptions,
): Promise<boolean> {
  const open = (wanted: readonly (SchemaLeaf | undefined)[]) =>
    lazyReader(source, footer, rowGroup, wanted, signal);
  const { vector } = leaves;
  await using keys = open([
    leaves.path,
    vector?.storageType,
    vector?.pathOrInlineDv,
    vector?.offset,
    vector?.sizeInBytes,
    vector?.cardinality,
  ]);
  await using details = open([leaves.size, leaves.partitionKey, leaves.partitionValue]);
  await using figures = stats && open(statsLeaves(stats));
  let statsAreUsable = true;

  for (let left = rowGroup.rowCount; left > 0; left -= WINDOW_ROWS) {
    const rows = Math.min(left, WINDOW_ROWS);
    const selected = selectRows(await keys.take(rows), rows, leaves, visitor);
    const statsOf = await nextStats(rows, selected);
    if (selected.length === 0) {
      details.skip(rows);
    } else {
      const detail = await details.take(rows);
      for (const row of selected) row.selection.take(addOf(row, detail, leaves, source.path), statsOf(row));
    }
    await nextTurn();
  }
  return statsAreUsable;

  /** Statistics of the next rows; from the first failure on there are none (05 §7.2 rule 5). */
  async function nextStats(
    rows: number,
    selected: readonly SelectedRow[],
  ): Promise<(row: SelectedRow) => FileMetrics | undefined> {
    const none = () => undefined;
    if (stats === undefined || figures === undefined || !statsAreUsable) return none;
    if (!selected.some((row) => row.selection.wantsStats)) {
      figures.skip(rows);
      return none;
    }
    try {
      const windows = await figures.take(rows);
      const found = new Map<number, FileMetrics | undefined>();
      for (const { row, selection } of selected) {
        if (selection.wantsStats) found.set(row, statsOfRow(stats, windows, row));
      }
      return ({ row }) => found.get(row);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      statsAreUsable = false;
      return none;
    }
  }
}

/** Reads nothing before the first rows are asked for; what is passed over until then is only counted. */
function lazyReader(
  source: ByteSource,
  footer: FileMetadata,
  rowGroup: RowGroup,
  wanted: readonly (SchemaLeaf | undefined)[],
  signal: AbortSignal,
) {
  const leaves = wanted.filter((leaf) => leaf !== undefined);
  let reader: RecordReader | undefined;
  let passedOver = 0;
  return {
    skip(rows: number): void {
      passedOver += rows;
    },
    async take(rows: number): Promise<Windows> {
      reader ??= openRecords(source, footer, rowGroup, leaves, { signal });
      if (passedOver > 0) await reader.skip(passedOver);
      passedOver = 0;
      return windowsOf(leaves, await reader.take(rows));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await reader?.[Symbol.asyncDispose]();
    },
  };
}

interface SelectedRow {
  readonly row: number;
  readonly path: string;
  readonly vector: DeletionVector | undefined;
  readonly selection: SelectedAdd;
}

function selectRows(keys: Windows, rows: number, leaves: AddLeaves, visitor: AddVisitor): SelectedRow[] {
  const selected: SelectedRow[] = [];
  const paths = keys(leaves.path);
  for (let row = 0; row < rows; row++) {
    const path = textOf(paths, row);
    if (path === undefined) continue;
    const vector = leaves.vector && vectorOf(leaves.vector, keys, row);
    const selection = visitor.select(path, vector);
    if (selection !== undefined) selected.push({ row, path, vector, selection });
  }
  return selected;
}

function vectorOf(leaves: VectorLeaves, keys: Windows, row: number): DeletionVector | undefined {
  const storageType = textOf(keys(leaves.storageType), row);
  const pathOrInlineDv = textOf(keys(leaves.pathOrInlineDv), row);
  if (storageType === undefined || pathOrInlineDv === undefined) return undefined;
  const offset = integerOf(keys(leaves.offset), row);
  return {
    storageType,
    pathOrInlineDv,
    offset: offset === undefined ? undefined : Number(offset),
    sizeInBytes: integerOf(keys(leaves.sizeInBytes), row) ?? 0n,
    cardinality: integerOf(keys(leaves.cardinality), row) ?? 0n,
  };
}

function addOf(
  { row, path, vector }: SelectedRow,
  detail: Windows,
  leaves: AddLeaves,
  file: string,
): AddFile {
  const sizeBytes = integerOf(detail(leaves.size), row);
  if (sizeBytes === undefined) throw new TableError(`${file}: the add action of ${path} has no size`);
  return {
    path,
    partitionValues: mapOf(detail(leaves.partitionKey), detail(leaves.partitionValue), row),
    sizeBytes,
    deletionVector: vector,
  };
}
