/**
 * The part of a statistics record that is the same in every generation (01 §5.2, §5.3), as initial values for the
 * generated messages. `scalar` makes the part that is not: `ScalarStats` with its sketches.
 */
import type { ColumnStats, FileStats, Ndv, StatsMetadata, StatsRecord } from "../../model/index.ts";
import { openEnum, resourceIdInit, wellFormedPath } from "./wire-values.ts";

export function statsRecordInit<Scalar>(record: StatsRecord, scalar: (stats: ColumnStats) => Scalar) {
  return {
    tableId: resourceIdInit(record.tableId),
    snapshotId: record.snapshotId,
    target: targetInit(record),
    ...(record.metadata === undefined ? {} : { metadata: metadataInit(record.metadata) }),
    value: valueInit(record, scalar),
  };
}

interface TargetInit {
  readonly target:
    | { readonly case: "table"; readonly value: { readonly $typeName?: never } }
    | { readonly case: "column"; readonly value: { readonly columnId: bigint } }
    | { readonly case: "file"; readonly value: { readonly filePath: string } };
}

function targetInit({ target }: StatsRecord): TargetInit {
  switch (target.kind) {
    case "table":
      // Written with length 0: an absent message would leave the oneof unset (01 §13 hazard 3).
      return { target: { case: "table", value: {} } };
    case "column":
      return { target: { case: "column", value: { columnId: target.columnId } } };
    case "file":
      return { target: { case: "file", value: { filePath: wellFormedPath(target.filePath) } } };
  }
}

function metadataInit(metadata: StatsMetadata) {
  return {
    producer: openEnum(metadata.producer),
    completeness: openEnum(metadata.completeness),
    captureMode: openEnum(metadata.captureMode),
  };
}

function valueInit<Scalar>(record: StatsRecord, scalar: (stats: ColumnStats) => Scalar) {
  const { value } = record;
  switch (value.kind) {
    case "table": {
      const { rowCount, dataFileCount, totalSizeBytes } = value.table;
      return { case: "table" as const, value: { rowCount, dataFileCount, totalSizeBytes } };
    }
    case "scalar":
      return { case: "scalar" as const, value: scalar(value.scalar) };
    case "file":
      return { case: "file" as const, value: fileInit(record, value.file, scalar) };
  }
}

/** The table and snapshot of a FILE value repeat those of its record (07 §8.3). */
function fileInit<Scalar>(record: StatsRecord, file: FileStats, scalar: (stats: ColumnStats) => Scalar) {
  return {
    tableId: resourceIdInit(record.tableId),
    snapshotId: record.snapshotId,
    filePath: wellFormedPath(file.filePath),
    fileFormat: file.fileFormat,
    rowCount: file.rowCount,
    sizeBytes: file.sizeBytes,
    columns: file.columns.map((column) => ({ columnId: column.columnId, scalar: scalar(column.scalar) })),
    fileContent: openEnum(file.fileContent),
    partitionDataJson: file.partitionDataJson,
    partitionSpecId: file.partitionSpecId,
    equalityFieldIds: [...file.equalityFieldIds],
    ...(file.sequenceNumber === undefined ? {} : { sequenceNumber: file.sequenceNumber }),
  };
}

/** `ScalarStats` 1–9 and 99; explicit zeros and empty bounds stay (01 §13 hazard 2). */
export function scalarInit<Sketch>(stats: ColumnStats, sketches: readonly Sketch[]) {
  return {
    displayName: stats.displayName,
    logicalType: stats.logicalType,
    rowCount: stats.rowCount,
    ...(stats.nullCount === undefined ? {} : { nullCount: stats.nullCount }),
    ...(stats.nanCount === undefined ? {} : { nanCount: stats.nanCount }),
    ...(stats.ndv === undefined ? {} : { ndv: { mode: ndvModeInit(stats.ndv), sketches: [...sketches] } }),
    ...(stats.min === undefined ? {} : { min: stats.min }),
    ...(stats.max === undefined ? {} : { max: stats.max }),
    properties: { ...stats.properties },
  };
}

/** An exact count is written even if it is 0 (01 §5.3). */
function ndvModeInit({ approx, exact }: Ndv) {
  if (exact !== undefined) return { case: "exact" as const, value: exact };
  if (approx === undefined) return { case: undefined };
  return {
    case: "approx" as const,
    value: {
      estimate: approx.estimate,
      rowsSeen: approx.rowsSeen ?? 0n,
      rowsTotal: approx.rowsTotal ?? 0n,
      method: approx.method,
      properties: { ...approx.properties },
    },
  };
}
