import { setImmediate as nextTurn } from "node:timers/promises";
import { type ByteSource, TableError } from "../../../model/index.ts";
import { type FileMetadata, openRecords, type RowGroup, type SchemaLeaf } from "../../../parquet/index.ts";
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
  const open = (wanted: readonly (SchemaLeaf | undefined)[]) => {
    const present = wanted.filter((leaf) => leaf !== undefined);
    const reader = openRecords(source, footer, rowGroup, present, { signal });
    return {
      take: async (rows: number) => windowsOf(present, await reader.take(rows)),
      skip: async (rows: number) => await reader.skip(rows),
      [Symbol.asyncDispose]: async () => await reader[Symbol.asyncDispose](),
    };
  };
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
  await using figures = stats === undefined ? undefined : open(statsLeaves(stats));
  let usable: typeof figures | undefined = figures;

  /** Statistics of the next rows; from the first failure on there are none. */
  async function nextFigures(rows: number, isWanted: boolean): Promise<Windows | undefined> {
    try {
      if (isWanted) return await usable?.take(rows);
      await usable?.skip(rows);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      usable = undefined;
    }
    return undefined;
  }

  for (let left = rowGroup.rowCount; left > 0; left -= WINDOW_ROWS) {
    const rows = Math.min(left, WINDOW_ROWS);
    const selected = selectRows(await keys.take(rows), rows, leaves, visitor);
    if (selected.length === 0) {
      await details.skip(rows);
      await nextFigures(rows, false);
    } else {
      const detail = await details.take(rows);
      const figure = await nextFigures(
        rows,
        selected.some((row) => row.selection.wantsStats),
      );
      for (const row of selected) {
        const rowStats =
          figure && stats && row.selection.wantsStats ? statsOrFailure(stats, figure, row.row) : undefined;
        if (rowStats === "failed") usable = undefined;
        row.selection.take(
          addOf(row, detail, leaves, source.path),
          rowStats === "failed" ? undefined : rowStats,
        );
      }
    }
    await nextTurn();
  }
  return usable === figures;
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

/** A value that contradicts its column's type spoils the statistics, not the capture. */
function statsOrFailure(
  stats: StatsColumns,
  figure: Windows,
  row: number,
): FileMetrics | undefined | "failed" {
  try {
    return statsOfRow(stats, figure, row);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return "failed";
  }
}
