import { clone, create, toBinary, toJson } from "@bufbuild/protobuf";
import {
  type FileColumnStats,
  type ScalarStats,
  ScalarStatsSchema,
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";

/** A FILE record as the chunked server stores it (07 §8.8, 02 §5.3): one form for equal content. */
export function canonicalFileRecord(record: TargetStatsRecord): TargetStatsRecord {
  if (record.value.case !== "file") throw new TypeError("not a FILE record");
  const file = record.value.value;
  return create(TargetStatsRecordSchema, {
    ...(record.tableId === undefined ? {} : { tableId: record.tableId }),
    snapshotId: record.snapshotId,
    target: { target: { case: "file", value: { filePath: file.filePath.trim() } } },
    ...(record.metadata === undefined ? {} : { metadata: record.metadata }),
    value: {
      case: "file",
      value: {
        ...file,
        ...(record.tableId === undefined ? {} : { tableId: record.tableId }),
        snapshotId: record.snapshotId,
        equalityFieldIds: [...file.equalityFieldIds].sort((a, b) => a - b),
        columns: [...file.columns].sort(byColumn),
      },
    },
  });
}

function byColumn(a: FileColumnStats, b: FileColumnStats): number {
  if (a.columnId !== b.columnId) return a.columnId < b.columnId ? -1 : 1;
  const left = scalarText(a);
  const right = scalarText(b);
  return left === right ? 0 : left < right ? -1 : 1;
}

function scalarText(column: FileColumnStats): string {
  if (column.scalar === undefined) return "";
  return Buffer.from(toBinary(ScalarStatsSchema, column.scalar)).toString("base64");
}

/** Equal for records with equal content (07 §8.8): wall-clock fields, display names and the order of maps don't count. */
export function contentImage(record: TargetStatsRecord): string {
  const image = clone(TargetStatsRecordSchema, record);
  delete image.metadata?.capturedAt;
  delete image.metadata?.refreshedAt;
  const { value } = image;
  if (value.case === "table") delete value.value.upstream?.fetchedAt;
  if (value.case === "scalar") dropTimes(value.value);
  if (value.case === "file") {
    for (const { scalar } of value.value.columns) if (scalar !== undefined) dropTimes(scalar);
  }
  return JSON.stringify(sortKeys(toJson(TargetStatsRecordSchema, image)));
}

function dropTimes(scalar: ScalarStats): void {
  scalar.displayName = "";
  delete scalar.upstream?.fetchedAt;
  for (const sketch of [...scalar.sketches, ...(scalar.ndv?.sketches ?? [])]) sketch.capturedAtMs = 0n;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.map(([name, item]) => [name, sortKeys(item)]);
}
