/**
 * Protobuf JSON of a statistics record on one line (01 §13 hazard 15). Sketches are most of its bytes, and the runtime's
 * base64 is slow on them: the message is written with a placeholder for each sketch, which is then replaced in place.
 */
import type { JsonValue } from "@bufbuild/protobuf";
import type { ColumnStats, FileColumnStats, FileStats, NdvSketch, StatsRecord } from "../../model/index.ts";

/** Not empty: an empty `bytes` field would not be written, and its place among the other fields would be lost. */
const PLACEHOLDER = Uint8Array.of(0);

/** How one generation writes JSON. */
export interface JsonForm {
  /** The protobuf JSON of a record. */
  readonly toJson: (record: StatsRecord) => JsonValue;
  /** `avg_width_bytes` exists. */
  readonly hasWidth: boolean;
}

export function statsJson(record: StatsRecord, form: JsonForm): string {
  const { value } = record;
  if (value.kind === "file") return JSON.stringify(fileJson(record, value.file, form));
  const json = form.toJson(mapColumns(record, withPlaceholders));
  if (value.kind === "scalar") restoreSketches(member(json, "scalar"), value.scalar);
  return JSON.stringify(json);
}

/**
 * Columns without sketches and properties are written here: a FILE record has one for every column of the table, and by way of
 * messages they would take most of the time that a statistics-only capture has for a file.
 */
function fileJson(record: StatsRecord, file: FileStats, form: JsonForm): JsonValue {
  const others = file.columns.filter(({ scalar }) => !isPlain(scalar));
  // One at least, so that `columns` has its place among the other fields.
  const inMessage = others.length > 0 ? others : file.columns.slice(0, 1);
  const shortened: StatsRecord = {
    ...record,
    value: { kind: "file", file: { ...file, columns: inMessage } },
  };
  const json = form.toJson(mapColumns(shortened, withPlaceholders));
  const fileValue = member(json, "file");
  if (!isObject(fileValue) || file.columns.length === 0) return json;
  const fromMessage = items(fileValue.columns);
  others.forEach(({ scalar }, index) => {
    restoreSketches(member(fromMessage[index], "scalar"), scalar);
  });
  let next = 0;
  fileValue.columns = file.columns.map((column) =>
    isPlain(column.scalar) ? plainColumn(column, form) : (fromMessage[next++] ?? null),
  );
  return json;
}

function isPlain({ ndv, sketches, properties }: ColumnStats): boolean {
  if (ndv !== undefined || sketches !== undefined) return false;
  for (const _ in properties) return false;
  return true;
}

/** `FileColumnStats` and `ScalarStats` in the order of their fields (01 §5.2); without a presence of its own, a zero is left out. */
function plainColumn({ columnId, scalar }: FileColumnStats, { hasWidth }: JsonForm): JsonValue {
  const json: { [name: string]: JsonValue } = {};
  if (scalar.displayName !== "") json.displayName = scalar.displayName;
  if (scalar.logicalType !== "") json.logicalType = scalar.logicalType;
  if (scalar.rowCount !== 0n) json.rowCount = scalar.rowCount.toString();
  if (scalar.nullCount !== undefined) json.nullCount = scalar.nullCount.toString();
  if (scalar.nanCount !== undefined) json.nanCount = scalar.nanCount.toString();
  if (scalar.min !== undefined) json.min = scalar.min;
  if (scalar.max !== undefined) json.max = scalar.max;
  if (hasWidth && scalar.avgWidthBytes !== undefined) json.avgWidthBytes = scalar.avgWidthBytes.toString();
  return columnId === 0n ? { scalar: json } : { columnId: columnId.toString(), scalar: json };
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
