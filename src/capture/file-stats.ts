import {
  CAPTURED_METADATA,
  type ColumnStats,
  FILE_CONTENT,
  type FileColumnStats,
  type FileStats,
  type Generation,
  type Ndv,
  type ResourceId,
  type StatsRecord,
} from "../model/index.ts";
import type { ColumnMetrics, FileMetrics, SnapshotColumn, TableFile } from "../table/index.ts";
import { isOrderable, parseLogicalType } from "../types/index.ts";

/** What a scan of the file adds to its metrics, by top-level name. Both exist in chunked only (07 §8.4). */
export interface ScanExtras {
  readonly widths: ReadonlyMap<string, bigint>;
  readonly ndv: ReadonlyMap<string, Ndv>;
  /** By column id, in place of a scan: the table's metadata had them for every included column (04 §12.1). */
  readonly metadataNdv?: ReadonlyMap<bigint, Ndv>;
}

/**
 * The FILE value of one file (05 §9, 04 §14, 07 §8.3): an entry for every included column, whether or not anything is known
 * of it, and for every other column with a metric; columns without an id are left out, the order is ascending by id
 * (decision 16). Delete files and deletion vectors have no columns.
 */
export function buildFileStats(
  file: TableFile,
  metrics: FileMetrics,
  columns: readonly SnapshotColumn[],
  extras: ScanExtras,
  generation: Generation,
): FileStats {
  return {
    filePath: file.path,
    fileFormat: file.format,
    rowCount: metrics.rowCount,
    sizeBytes: file.sizeBytes,
    columns: file.content === FILE_CONTENT.data ? columnEntries(metrics, columns, extras, generation) : [],
    fileContent: file.content,
    partitionDataJson: file.partitionDataJson,
    partitionSpecId: file.partitionSpecId,
    equalityFieldIds: file.equalityFieldIds,
    sequenceNumber: file.sequenceNumber,
  };
}

/** The record around it (07 §8.1). */
export function fileRecord(
  group: { readonly tableId: ResourceId; readonly snapshotId: bigint },
  file: FileStats,
): StatsRecord {
  return {
    tableId: group.tableId,
    snapshotId: group.snapshotId,
    target: { kind: "file", filePath: file.filePath },
    metadata: CAPTURED_METADATA,
    value: { kind: "file", file },
  };
}

function columnEntries(
  metrics: FileMetrics,
  columns: readonly SnapshotColumn[],
  extras: ScanExtras,
  generation: Generation,
): readonly FileColumnStats[] {
  const entries: FileColumnStats[] = [];
  const seen = new Set<bigint>();
  for (const column of columns) {
    const known = metrics.columns.get(column.columnId);
    if (column.columnId <= 0n || seen.has(column.columnId)) continue;
    if (!column.included && known === undefined) continue;
    seen.add(column.columnId);
    const fromMetadata =
      column.included && generation === "chunked" ? extras.metadataNdv?.get(column.columnId) : undefined;
    const scan = column.included && column.topLevelName !== undefined && generation === "chunked";
    entries.push({
      columnId: column.columnId,
      scalar: columnStats(column, known ?? {}, metrics.rowCount, {
        ndv: fromMetadata ?? (scan ? extras.ndv.get(column.topLevelName) : undefined),
        width: scan ? extras.widths.get(column.topLevelName) : undefined,
      }),
    });
  }
  return entries.sort((a, b) => (a.columnId < b.columnId ? -1 : a.columnId > b.columnId ? 1 : 0));
}

function columnStats(
  column: SnapshotColumn,
  known: ColumnMetrics,
  fileRowCount: bigint,
  scan: { readonly ndv: Ndv | undefined; readonly width: bigint | undefined },
): ColumnStats {
  // A container has no bounds, whatever a model says of it (05 T22).
  const orderable = column.logicalType !== "" && isOrderable(parseLogicalType(column.logicalType));
  return {
    displayName: column.displayName,
    logicalType: column.logicalType,
    rowCount: known.rowCount ?? fileRowCount,
    nullCount: known.nullCount,
    nanCount: known.nanCount,
    ndv: scan.ndv === undefined ? undefined : withRowsTotal(scan.ndv, fileRowCount),
    min: orderable ? known.min : undefined,
    max: orderable ? known.max : undefined,
    avgWidthBytes: scan.width,
    properties: {},
  };
}

/** An NDV without `rows_total` takes the file's row count, which stays unset for a file without rows (05 §7.5, T22). */
function withRowsTotal(ndv: Ndv, fileRowCount: bigint): Ndv {
  if (ndv.approx === undefined || (ndv.approx.rowsTotal ?? 0n) > 0n) return ndv;
  return { ...ndv, approx: { ...ndv.approx, rowsTotal: fileRowCount > 0n ? fileRowCount : undefined } };
}
