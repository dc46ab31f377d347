import { FILE_CONTENT, type StatsRecord } from "../../model/index.ts";

/**
 * Statistics as one flat table, for those who would rather query than parse: a row for each column of each file, for each
 * column of the table, and for each file and the table itself. What isn't known is null; bounds are the texts of the records
 * (07 §3), sketches are left to the NDJSON.
 */
export interface StatsRow {
  readonly scope: "table" | "column" | "file" | "file-column";
  readonly tableId: string;
  readonly snapshotId: bigint;
  readonly file: string | undefined;
  readonly content: string | undefined;
  readonly columnId: bigint | undefined;
  readonly column: string | undefined;
  readonly type: string | undefined;
  readonly rows: bigint;
  readonly nulls: bigint | undefined;
  readonly nans: bigint | undefined;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly avgWidthBytes: bigint | undefined;
  readonly distinct: number | undefined;
  readonly sizeBytes: bigint | undefined;
  readonly dataFiles: bigint | undefined;
  readonly partition: string | undefined;
}

/** What is not known of a row unless something says it. */
const UNKNOWN = {
  file: undefined,
  content: undefined,
  columnId: undefined,
  column: undefined,
  type: undefined,
  nulls: undefined,
  nans: undefined,
  min: undefined,
  max: undefined,
  avgWidthBytes: undefined,
  distinct: undefined,
  sizeBytes: undefined,
  dataFiles: undefined,
  partition: undefined,
} as const;

const CONTENT_NAMES = new Map<number, string>([
  [FILE_CONTENT.data, "data"],
  [FILE_CONTENT.positionDeletes, "position deletes"],
  [FILE_CONTENT.equalityDeletes, "equality deletes"],
]);

/** The rows of a record: that of a file has one for itself and one for each of its columns. */
export function statsRows({ tableId, snapshotId, target, value }: StatsRecord): readonly StatsRow[] {
  const base = { ...UNKNOWN, tableId: tableId.id, snapshotId };
  switch (value.kind) {
    case "table": {
      const { rowCount, totalSizeBytes, dataFileCount } = value.table;
      return [
        { ...base, scope: "table", rows: rowCount, sizeBytes: totalSizeBytes, dataFiles: dataFileCount },
      ];
    }
    case "scalar": {
      const columnId = target.kind === "column" ? target.columnId : undefined;
      return [{ ...base, scope: "column", columnId, ...columnFigures(value.scalar) }];
    }
    case "file": {
      const { filePath, rowCount, sizeBytes, columns, fileContent, partitionDataJson } = value.file;
      const ofFile = {
        ...base,
        file: filePath,
        content: CONTENT_NAMES.get(fileContent),
        partition: partitionDataJson === "" ? undefined : partitionDataJson,
      };
      return [
        { ...ofFile, scope: "file", rows: rowCount, sizeBytes },
        ...columns.map(
          ({ columnId, scalar }): StatsRow => ({
            ...ofFile,
            scope: "file-column",
            columnId,
            ...columnFigures(scalar),
          }),
        ),
      ];
    }
  }
}

type Scalar = Extract<StatsRecord["value"], { kind: "scalar" }>["scalar"];

function columnFigures(scalar: Scalar) {
  return {
    column: scalar.displayName,
    type: scalar.logicalType === "" ? undefined : scalar.logicalType,
    rows: scalar.rowCount,
    nulls: scalar.nullCount,
    nans: scalar.nanCount,
    min: scalar.min,
    max: scalar.max,
    avgWidthBytes: scalar.avgWidthBytes,
    distinct:
      scalar.ndv?.approx?.estimate ??
      (scalar.ndv?.exact === undefined ? undefined : Number(scalar.ndv.exact)),
  };
}
