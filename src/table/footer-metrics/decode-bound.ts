import type { SchemaLeaf } from "../../parquet/index.ts";
import { decodeUtf8Java, type LogicalType, type LogicalValue, MICROS_PER_DAY } from "../../types/index.ts";
import { decimal, epochDay, floatingPoint, integer } from "./physical-values.ts";
import { timeOfDay, timestampMicros } from "./temporal-values.ts";

/**
 * A footer's raw bound as a value of the column's logical type (05 §7.3). Widened types are decoded as the file wrote them
 * and brought to the column's type where that is exact (decision 29); `undefined` where no exact value can be had.
 */
export function decodeFooterBound(
  type: LogicalType,
  leaf: SchemaLeaf,
  bytes: Uint8Array,
): LogicalValue | undefined {
  switch (type.kind) {
    case "BOOLEAN":
      return leaf.physicalType === "BOOLEAN" && bytes.length === 1
        ? { kind: "BOOLEAN", value: bytes[0] !== 0 }
        : undefined;
    case "INT": {
      const value = integer(leaf, bytes);
      return value === undefined ? undefined : { kind: "INT", value };
    }
    case "FLOAT": {
      const value = leaf.physicalType === "FLOAT" ? floatingPoint(leaf, bytes) : undefined;
      return value === undefined ? undefined : { kind: "FLOAT", value };
    }
    case "DOUBLE":
      return doubleValue(leaf, bytes);
    case "DECIMAL": {
      const value = decimal(leaf, bytes);
      return value === undefined ? undefined : { kind: "DECIMAL", value };
    }
    case "STRING":
      return isByteArray(leaf, TEXT_ANNOTATIONS)
        ? { kind: "STRING", value: decodeUtf8Java(bytes) }
        : undefined;
    case "BINARY":
      return isByteArray(leaf, BINARY_ANNOTATIONS) ? { kind: "BINARY", value: bytes } : undefined;
    case "UUID":
      return leaf.annotation?.kind === "UUID" && bytes.length === 16
        ? { kind: "UUID", value: bytes }
        : undefined;
    case "DATE": {
      const value = epochDay(leaf, bytes);
      return value === undefined ? undefined : { kind: "DATE", value };
    }
    case "TIME": {
      const value = timeOfDay(leaf, bytes);
      return value === undefined ? undefined : { kind: "TIME", value };
    }
    case "TIMESTAMP":
      return timestampValue(leaf, bytes);
    case "TIMESTAMPTZ": {
      const value = timestampMicros(leaf, bytes, { adjustedToUtc: true });
      return value === undefined ? undefined : { kind: "TIMESTAMPTZ", value };
    }
    default:
      return undefined;
  }
}

/** Floats and 32-bit integers widen to a double without loss. */
function doubleValue(leaf: SchemaLeaf, bytes: Uint8Array): LogicalValue | undefined {
  const whole = leaf.physicalType === "INT32" ? integer(leaf, bytes) : undefined;
  const value = whole === undefined ? floatingPoint(leaf, bytes) : Number(whole);
  return value === undefined ? undefined : { kind: "DOUBLE", value };
}

/** A DATE column widened to a local timestamp means midnight; the reference reads the days as microseconds. */
function timestampValue(leaf: SchemaLeaf, bytes: Uint8Array): LogicalValue | undefined {
  if (leaf.annotation?.kind === "DATE") {
    const day = epochDay(leaf, bytes);
    return day === undefined ? undefined : { kind: "TIMESTAMP", value: BigInt(day) * MICROS_PER_DAY };
  }
  const value = timestampMicros(leaf, bytes, { adjustedToUtc: false });
  return value === undefined ? undefined : { kind: "TIMESTAMP", value };
}

/** Annotations under which the bytes are UTF-8 text; bytes without one are text if the column is (05 §7.3). */
const TEXT_ANNOTATIONS: ReadonlySet<string> = new Set(["STRING", "ENUM", "JSON"]);
/** Annotations that leave the unsigned order of bytes as it is. */
const BINARY_ANNOTATIONS: ReadonlySet<string> = new Set(["STRING", "ENUM", "JSON", "BSON", "UUID"]);

function isByteArray(leaf: SchemaLeaf, annotations: ReadonlySet<string>): boolean {
  const { physicalType, annotation } = leaf;
  if (physicalType !== "BYTE_ARRAY" && physicalType !== "FIXED_LEN_BYTE_ARRAY") return false;
  return annotation === undefined || annotations.has(annotation.kind);
}
