import { TableError } from "../../../model/index.ts";
import { decimalType, type LogicalType } from "../../../types/index.ts";
import type { DeltaField, DeltaType } from "./delta-type.ts";
import { parseFailure } from "./parse-schema.ts";

/** Precision beyond which the table format itself refuses a decimal (07 §1.4). */
const MAX_DECIMAL_PRECISION = 38;

const SCALARS: ReadonlyMap<string, LogicalType> = new Map<string, LogicalType>([
  ["byte", { kind: "INT" }],
  ["short", { kind: "INT" }],
  ["integer", { kind: "INT" }],
  ["long", { kind: "INT" }],
  ["float", { kind: "FLOAT" }],
  ["double", { kind: "DOUBLE" }],
  ["boolean", { kind: "BOOLEAN" }],
  ["string", { kind: "STRING" }],
  ["binary", { kind: "BINARY" }],
  ["date", { kind: "DATE" }],
  ["timestamp", { kind: "TIMESTAMPTZ", precision: undefined }],
  ["timestamp_ntz", { kind: "TIMESTAMP", precision: undefined }],
]);

/** The logical type of a Delta type (05 §8.4), or why it has none (05 §15 T25). */
export function logicalTypeOf(type: DeltaType): LogicalType {
  switch (type.kind) {
    case "struct":
      return { kind: "STRUCT" };
    case "array":
      return { kind: "ARRAY" };
    case "map":
      return { kind: "MAP" };
    case "variant":
      return { kind: "VARIANT" };
    case "other":
      throw parseFailure(`Unrecognized Delta complex type: '${type.name}'`);
    case "scalar":
      return scalarType(type.name);
  }
}

function scalarType(name: string): LogicalType {
  const known = SCALARS.get(name);
  if (known !== undefined) return known;
  // A collation doesn't make another type (05 §8.4).
  if (/^string collate \S+$/i.test(name)) return { kind: "STRING" };
  const decimal = decimalParameters(name);
  if (decimal === undefined) throw parseFailure(`Unrecognized Delta scalar type: '${name}'`);
  if (decimal.precision > MAX_DECIMAL_PRECISION) {
    throw parseFailure(
      `Unsupported DECIMAL precision ${decimal.precision} for Delta declared type '${name}'; ` +
        `max supported precision is ${MAX_DECIMAL_PRECISION}`,
    );
  }
  return decimalType(decimal.precision, decimal.scale);
}

function decimalParameters(name: string): { precision: number; scale: number } | undefined {
  if (name === "decimal") return { precision: 10, scale: 0 };
  const match = /^decimal\(\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\)$/.exec(name);
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) };
}

const GEOSPATIAL = /^(geometry|geography)\b/;

/**
 * Refuses what the reference can't load at all, at any depth of the schema (05 §4.2), and top-level columns of types that
 * statistics don't know (05 §8.4).
 */
export function checkSupportedTypes(fields: readonly DeltaField[]): void {
  for (const field of fields) checkLoadable(field.type);
  for (const field of fields) {
    if (field.type.kind !== "scalar") continue;
    const geospatial = GEOSPATIAL.exec(field.type.name)?.[1];
    if (geospatial !== undefined) {
      const className = geospatial === "geometry" ? "GeometryType" : "GeographyType";
      throw new TableError(`Unrecognised Delta type: ${className}`, {
        referenceType: "IllegalArgumentException",
      });
    }
  }
}

function checkLoadable(type: DeltaType): void {
  switch (type.kind) {
    case "struct":
      for (const field of type.fields) checkLoadable(field.type);
      return;
    case "array":
      checkLoadable(type.element);
      return;
    case "map":
      checkLoadable(type.key);
      checkLoadable(type.value);
      return;
    case "variant":
      return;
    case "other":
      throw notSupported(type.name);
    case "scalar": {
      if (type.name === "void") {
        throw new TableError("Failed to parse the schema. Encountered unsupported Delta data type: VOID", {
          referenceType: "KernelException",
        });
      }
      if (SCALARS.has(type.name) || GEOSPATIAL.test(type.name) || /^string collate \S+$/i.test(type.name))
        return;
      if (decimalParameters(type.name) === undefined) throw notSupported(type.name);
      logicalTypeOf(type);
    }
  }
}

function notSupported(name: string): TableError {
  return new TableError(`${name} is not a supported delta data type`, {
    referenceType: "IllegalArgumentException",
  });
}
