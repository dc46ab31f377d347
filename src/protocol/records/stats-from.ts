/**
 * Statistics messages of any generation into the model (01 §5). The types say structurally what is read, so that both
 * generations' messages fit; `sketch` and `width` read what differs between them. Fields that no capture fills are dropped.
 */
import {
  type ColumnStats,
  FILE_CONTENT,
  type FileContent,
  type FileStats,
  type Ndv,
  type NdvApprox,
  type NdvSketch,
  type ResourceId,
  type StatsRecord,
  type StatsTarget,
  type StatsValue,
} from "../../model/index.ts";
import { ForeignRecordError } from "./codec.ts";
import { resourceIdFrom } from "./wire-values.ts";

type Oneof = { readonly case?: string | undefined; readonly value?: unknown };
type Maybe<T> = T | undefined;

interface ApproxMessage {
  readonly estimate: number;
  readonly rowsSeen: bigint;
  readonly rowsTotal: bigint;
  readonly method: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface ScalarMessage<Sketch> {
  readonly displayName: string;
  readonly logicalType: string;
  readonly rowCount: bigint;
  readonly nullCount?: Maybe<bigint>;
  readonly nanCount?: Maybe<bigint>;
  readonly ndv?: Maybe<{
    readonly mode:
      | { readonly case: "exact"; readonly value: bigint }
      | { readonly case: "approx"; readonly value: ApproxMessage }
      | { readonly case: undefined; readonly value?: undefined };
    readonly sketches: readonly Sketch[];
  }>;
  readonly min?: Maybe<string>;
  readonly max?: Maybe<string>;
  readonly properties: Readonly<Record<string, string>>;
}

interface FileMessage<Scalar> {
  readonly filePath: string;
  readonly fileFormat: string;
  readonly rowCount: bigint;
  readonly sizeBytes: bigint;
  readonly columns: readonly { readonly columnId: bigint; readonly scalar?: Maybe<Scalar> }[];
  readonly fileContent: number;
  readonly partitionDataJson: string;
  readonly partitionSpecId: number;
  readonly equalityFieldIds: readonly number[];
  readonly sequenceNumber?: Maybe<bigint>;
}

interface TableMessage {
  readonly rowCount: bigint;
  readonly dataFileCount: bigint;
  readonly totalSizeBytes: bigint;
}

export interface RecordMessage<Scalar> {
  readonly tableId?: Maybe<ResourceId>;
  readonly snapshotId: bigint;
  readonly target?: Maybe<{
    readonly target:
      | { readonly case: "table" }
      | { readonly case: "column"; readonly value: { readonly columnId: bigint } }
      | { readonly case: "file"; readonly value: { readonly filePath: string } }
      | { readonly case: "expression" | "composite" }
      | { readonly case: undefined };
  }>;
  readonly metadata?: Maybe<{
    readonly producer: number;
    readonly completeness: number;
    readonly captureMode: number;
  }>;
  readonly value:
    | { readonly case: "table"; readonly value: TableMessage }
    | { readonly case: "scalar"; readonly value: Scalar }
    | { readonly case: "file"; readonly value: FileMessage<Scalar> }
    | { readonly case: undefined };
}

export function statsRecordFrom<Scalar>(
  message: RecordMessage<Scalar>,
  scalar: (message: Scalar) => ColumnStats,
): StatsRecord {
  const { metadata } = message;
  return {
    tableId: resourceIdFrom(message.tableId),
    snapshotId: message.snapshotId,
    target: targetFrom(message),
    metadata: metadata && {
      producer: metadata.producer,
      completeness: metadata.completeness,
      captureMode: metadata.captureMode,
    },
    value: valueFrom(message, scalar),
  };
}

function targetFrom(message: RecordMessage<unknown>): StatsTarget {
  const target = message.target?.target;
  switch (target?.case) {
    case "table":
      return { kind: "table" };
    case "column":
      return { kind: "column", columnId: target.value.columnId };
    case "file":
      return { kind: "file", filePath: target.value.filePath };
    default:
      throw new ForeignRecordError(`statistics target ${caseName(target)} can't be read`);
  }
}

function valueFrom<Scalar>(
  message: RecordMessage<Scalar>,
  scalar: (message: Scalar) => ColumnStats,
): StatsValue {
  const { value } = message;
  switch (value.case) {
    case "table": {
      const { rowCount, dataFileCount, totalSizeBytes } = value.value;
      return { kind: "table", table: { rowCount, dataFileCount, totalSizeBytes } };
    }
    case "scalar":
      return { kind: "scalar", scalar: scalar(value.value) };
    case "file":
      return { kind: "file", file: fileFrom(value.value, scalar) };
    default:
      throw new ForeignRecordError("statistics record without a value");
  }
}

function fileFrom<Scalar>(file: FileMessage<Scalar>, scalar: (message: Scalar) => ColumnStats): FileStats {
  return {
    filePath: file.filePath,
    fileFormat: file.fileFormat,
    rowCount: file.rowCount,
    sizeBytes: file.sizeBytes,
    columns: file.columns.map((column) => {
      if (column.scalar === undefined) {
        throw new ForeignRecordError(`${file.filePath}: column ${column.columnId} has no statistics message`);
      }
      return { columnId: column.columnId, scalar: scalar(column.scalar) };
    }),
    fileContent: fileContentFrom(file),
    partitionDataJson: file.partitionDataJson,
    partitionSpecId: file.partitionSpecId,
    equalityFieldIds: [...file.equalityFieldIds],
    sequenceNumber: file.sequenceNumber,
  };
}

function fileContentFrom(file: FileMessage<unknown>): FileContent {
  const known = Object.values(FILE_CONTENT).find((content) => content === file.fileContent);
  if (known === undefined) {
    throw new ForeignRecordError(`${file.filePath}: unknown file content ${file.fileContent}`);
  }
  return known;
}

export function columnStatsFrom<Sketch>(
  message: ScalarMessage<Sketch>,
  avgWidthBytes: bigint | undefined,
  sketch: (message: Sketch) => NdvSketch,
): ColumnStats {
  return {
    displayName: message.displayName,
    logicalType: message.logicalType,
    rowCount: message.rowCount,
    nullCount: message.nullCount,
    nanCount: message.nanCount,
    ndv: message.ndv && ndvFrom(message.ndv, sketch),
    min: message.min,
    max: message.max,
    avgWidthBytes,
    properties: { ...message.properties },
  };
}

function ndvFrom<Sketch>(
  ndv: NonNullable<ScalarMessage<Sketch>["ndv"]>,
  sketch: (message: Sketch) => NdvSketch,
): Ndv {
  return {
    approx: ndv.mode.case === "approx" ? approxFrom(ndv.mode.value) : undefined,
    ...(ndv.mode.case === "exact" && { exact: ndv.mode.value }),
    sketches: ndv.sketches.map(sketch),
  };
}

/** `rows_seen` and `rows_total` have implicit presence: 0 is "not set". */
function approxFrom(approx: ApproxMessage): NdvApprox {
  return {
    estimate: approx.estimate,
    rowsSeen: approx.rowsSeen === 0n ? undefined : approx.rowsSeen,
    rowsTotal: approx.rowsTotal === 0n ? undefined : approx.rowsTotal,
    method: approx.method,
    properties: { ...approx.properties },
  };
}

function caseName(oneof: Oneof | undefined): string {
  return oneof?.case ?? "(unset)";
}
