import type { ColumnMetrics, FileMetrics } from "../snapshot.ts";
import { type AvroRange, branchOf, eachIntKeyed, namingFile, readBytes, readLong } from "./avro/index.ts";
import { boundText } from "./bounds.ts";
import type { IcebergColumn } from "./columns.ts";
import type { MetricMaps } from "./manifests/index.ts";

type MutableMetrics = { -readonly [Key in keyof ColumnMetrics]: ColumnMetrics[Key] };

/**
 * A file's metrics from its manifest entry, and from nowhere else: what the writer left out stays out (04 §7, §10.3, fact 1).
 * Every known column with any metric has an entry, asked for or not (QUIRK, must match: readers prune on whatever is there).
 */
export function fileMetrics(
  maps: MetricMaps,
  recordCount: bigint,
  columns: ReadonlyMap<number, IcebergColumn>,
  manifestPath: string,
): FileMetrics {
  const byId = new Map<bigint, MutableMetrics>();
  const entryOf = (columnId: bigint): MutableMetrics => {
    const existing = byId.get(columnId);
    if (existing !== undefined) return existing;
    const created: MutableMetrics = {};
    byId.set(columnId, created);
    return created;
  };
  const eachCount = (map: AvroRange | undefined, take: (metrics: MutableMetrics, count: bigint) => void) => {
    if (map === undefined) return;
    eachIntKeyed(map, (fieldId, cursor, type) => {
      branchOf(cursor, type);
      const count = readLong(cursor);
      const column = columns.get(fieldId);
      if (column !== undefined && column.columnId > 0n) take(entryOf(column.columnId), count);
    });
  };
  const eachBound = (map: AvroRange | undefined, side: "min" | "max") => {
    if (map === undefined) return;
    eachIntKeyed(map, (fieldId, cursor, type) => {
      branchOf(cursor, type);
      const payload = readBytes(cursor);
      const column = columns.get(fieldId);
      if (column === undefined || column.columnId <= 0n) return;
      const text = boundText(column.icebergType, column.logical, payload);
      if (text !== undefined) entryOf(column.columnId)[side] = text;
    });
  };
  return namingFile(manifestPath, () => {
    eachCount(maps.valueCounts, (metrics, count) => {
      metrics.rowCount = count;
    });
    eachCount(maps.nullCounts, (metrics, count) => {
      metrics.nullCount = count;
    });
    eachCount(maps.nanCounts, (metrics, count) => {
      metrics.nanCount = count;
    });
    eachBound(maps.lowerBounds, "min");
    eachBound(maps.upperBounds, "max");
    return { rowCount: recordCount, columns: byId };
  });
}
