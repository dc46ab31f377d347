/**
 * Protobuf JSON of a statistics record on one line (01 §13 hazard 15). Sketches are most of its bytes, and the runtime's
 * base64 is slow on them: the message is written with a placeholder for each sketch, which is then replaced in place.
 */
import type { JsonValue } from "@bufbuild/protobuf";
import type { ColumnStats, NdvSketch, StatsRecord } from "../../model/index.ts";

/** Not empty: an empty `bytes` field would not be written, and its place among the other fields would be lost. */
const PLACEHOLDER = Uint8Array.of(0);

/** `toJson` makes the protobuf JSON of a record in the generation's form. */
export function statsJson(record: StatsRecord, toJson: (record: StatsRecord) => JsonValue): string {
  const json = toJson(mapColumns(record, withPlaceholders));
  const { value } = record;
  if (value.kind === "scalar") {
    restoreSketches(member(json, "scalar"), value.scalar);
  } else if (value.kind === "file") {
    const columns = items(member(member(json, "file"), "columns"));
    value.file.columns.forEach((column, index) => {
      restoreSketches(member(columns[index], "scalar"), column.scalar);
    });
  }
  return JSON.stringify(json);
}

function mapColumns(record: StatsRecord, map: (stats: ColumnStats) => ColumnStats): StatsRecord {
  const { value } = record;
  switch (value.kind) {
    case "table":
      return record;
    case "scalar":
      return { ...record, value: { kind: "scalar", scalar: map(value.scalar) } };
    case "file": {
      const columns = value.file.columns.map(({ columnId, scalar }) => ({ columnId, scalar: map(scalar) }));
      return { ...record, value: { kind: "file", file: { ...value.file, columns } } };
    }
  }
}

function withPlaceholders(stats: ColumnStats): ColumnStats {
  const { ndv } = stats;
  if (ndv === undefined || ndv.sketches.length === 0) return stats;
  const placeholder = (sketch: NdvSketch): NdvSketch =>
    sketch.data.length === 0 ? sketch : { ...sketch, data: PLACEHOLDER };
  return { ...stats, ndv: { ...ndv, sketches: ndv.sketches.map(placeholder) } };
}

function restoreSketches(scalar: JsonValue | undefined, stats: ColumnStats): void {
  const sketches = items(member(member(scalar, "ndv"), "sketches"));
  stats.ndv?.sketches.forEach((sketch, index) => {
    const json = sketches[index];
    if (isObject(json) && sketch.data.length > 0) json.data = Buffer.from(sketch.data).toString("base64");
  });
}

function isObject(json: JsonValue | undefined): json is { [name: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function member(json: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(json) ? json[name] : undefined;
}

function items(json: JsonValue | undefined): JsonValue[] {
  return Array.isArray(json) ? json : [];
}
