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

/** What is to be done with an add action of a checkpoint. */
export interface Selection {
  /** Whether statistics of the checkpoint may be used for the file (05 §7.2 rule 3). */
  readonly wantsStats: boolean;
}

/** A row group of a checkpoint: of which of its files in reading order, and which of that file. */
export interface Place {
  readonly file: number;
  readonly rowGroup: number;
}

export interface AddVisitor<Selected extends Selection> {
  /** Whose statistics are wanted; undefined to read none. */
  readonly columns: readonly SnapshotColumn[] | undefined;
  /**
   * Set when statistics can't be read: from then on none are given out, and those that were must not be used (05 §7.2 rule 5).
   */
  readonly statistics: { damaged: boolean };
  /** Row groups in which there is something to find; absent: all. */
  readonly wants?: ((place: Place) => boolean) | undefined;
  /** Files of the checkpoint that need not even be opened are those for which it is false; absent: none. */
  readonly wantsFile?: ((file: number) => boolean) | undefined;
  /** Decides by path and deletion vector; undefined passes over the file, and the rest of it isn't even decoded. */
  select(path: string, vector: DeletionVector | undefined, place: Place): Selected | undefined;
}

export interface FoundAdd<Selected extends Selection> {
  readonly selected: Selected;
  readonly add: AddFile;
  readonly stats: FileMetrics | undefined;
}

/** What was selected of some consecutive rows of a checkpoint's file. */
export interface AddWindow<Selected extends Selection> {
  readonly adds: readonly FoundAdd<Selected>[];
  /** How far the file has been read, as a share of its rows, above 0; 1 where that isn't known. */
  readonly progress: number;
}

/** Values that are decoded between two turns of the event loop, about: heartbeats go on while a log is read. */
const WINDOW_VALUES = 16_384;
const MIN_WINDOW_ROWS = 16;

/**
 * Walks the add actions of one Parquet file of a checkpoint in row order (05 §4.3), a window of rows at a time. Paths and
 * deletion vectors are read of every row; the other columns only where a row is selected.
 */
export async function* readAdds<Selected extends Selection>(
  source: ByteSource,
  footer: FileMetadata,
  options: { readonly visitor: AddVisitor<Selected>; readonly file: number; readonly signal: AbortSignal },
): AsyncGenerator<AddWindow<Selected>> {
  const { visitor, file, signal } = options;
  const leaves = addLeaves(footer);
  if (leaves === undefined) return;
  const stats = visitor.columns && statsColumns(footer, leaves.stats, visitor.columns);
  const rowsOfFile = footer.rowGroups.reduce((sum, rowGroup) => sum + rowGroup.rowCount, 0);
  let rowsRead = 0;
  for (const rowGroup of footer.rowGroups) {
    const place = { file, rowGroup: rowGroup.ordinal };
    if (visitor.wants !== undefined && !visitor.wants(place)) {
      rowsRead += rowGroup.rowCount;
      continue;
    }
    const wanted = visitor.statistics.damaged ? undefined : stats;
    for await (const { rows, adds } of readRowGroup({ source, footer, rowGroup, signal }, leaves, wanted, {
      visitor,
      place,
    })) {
      rowsRead += rows;
      yield { adds, progress: rowsRead / rowsOfFile };
      await nextTurn();
    }
  }
}

interface RowGroupSource {
  readonly source: ByteSource;
  readonly footer: FileMetadata;
  readonly rowGroup: RowGroup;
  readonly signal: AbortSignal;
}

async function* readRowGroup<Selected extends Selection>(
  from: RowGroupSource,
  leaves: AddLeaves,
  stats: StatsColumns | undefined,
  { visitor, place }: { readonly visitor: AddVisitor<Selected>; readonly place: Place },
): AsyncGenerator<{ readonly rows: number; readonly adds: readonly FoundAdd<Selected>[] }> {
  const { vector } = leaves;
  await using keys = lazyReader(from, [
    leaves.path,
    vector?.storageType,
    vector?.pathOrInlineDv,
    vector?.offset,
    vector?.sizeInBytes,
    vector?.cardinality,
  ]);
  await using details = lazyReader(from, [leaves.size, leaves.partitionKey, leaves.partitionValue]);
  const figureLeaves = stats === undefined ? [] : statsLeaves(stats);
  await using figures = lazyReader(from, figureLeaves);
  const windowRows = Math.max(
    MIN_WINDOW_ROWS,
    Math.min(WINDOW_ROWS, Math.floor(WINDOW_VALUES / (figureLeaves.length + 1))),
  );

  for (let left = from.rowGroup.rowCount; left > 0; left -= windowRows) {
    const rows = Math.min(left, windowRows);
    const selected = selectRows(await keys.take(rows), rows, leaves, (path, dv) =>
      visitor.select(path, dv, place),
    );
    const statsOf = await nextStats(rows, selected);
    if (selected.length === 0) {
      details.skip(rows);
      yield { rows, adds: [] };
      continue;
    }
    const detail = await details.take(rows);
    const file = from.source.path;
    yield {
      rows,
      adds: selected.map((row) => ({
        selected: row.selection,
        add: addOf(row, detail, leaves, file),
        stats: statsOf(row.row),
      })),
    };
  }

  /** Statistics of the next rows; from the first failure on there are none. */
  async function nextStats(
    rows: number,
    selected: readonly SelectedRow<Selected>[],
  ): Promise<(row: number) => FileMetrics | undefined> {
    const none = () => undefined;
    if (stats === undefined || visitor.statistics.damaged) return none;
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
      return (row) => found.get(row);
    } catch (error) {
      from.signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      visitor.statistics.damaged = true;
      return none;
    }
  }
}

/** Reads nothing before the first rows are asked for; what is passed over until then is only counted. */
function lazyReader(
  { source, footer, rowGroup, signal }: RowGroupSource,
  wanted: readonly (SchemaLeaf | undefined)[],
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

interface SelectedRow<Selected> {
  readonly row: number;
  readonly path: string;
  readonly vector: DeletionVector | undefined;
  readonly selection: Selected;
}

function selectRows<Selected>(
  keys: Windows,
  rows: number,
  leaves: AddLeaves,
  select: (path: string, vector: DeletionVector | undefined) => Selected | undefined,
): SelectedRow<Selected>[] {
  const selected: SelectedRow<Selected>[] = [];
  const paths = keys(leaves.path);
  for (let row = 0; row < rows; row++) {
    const path = textOf(paths, row);
    if (path === undefined) continue;
    const vector = leaves.vector && vectorOf(leaves.vector, keys, row);
    const selection = select(path, vector);
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
  { row, path, vector }: Pick<SelectedRow<unknown>, "row" | "path" | "vector">,
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
