import type { PageBounds } from "../model/index.ts";
import type { SchemaLeaf } from "./metadata.ts";

/**
 * Which columns have page entries, and which typed columns of the sidecar their bounds fill (06 §2.3). A column that isn't
 * eligible has no entries at all.
 */

/** Kind of a column's page bounds. */
export type IndexedType = PageBounds["kind"];

/** Precisions that fit 16 bytes (06 §3.6). */
const MAX_DECIMAL128_PRECISION = 38;

/** How a column is indexed; undefined if it isn't. */
export function indexedType(leaf: SchemaLeaf): IndexedType | undefined {
  if (leaf.maxRepetitionLevel > 0) return undefined;
  if (leaf.annotation?.kind === "STRING") return leaf.physicalType === "BYTE_ARRAY" ? "utf8" : undefined;
  if (leaf.annotation?.kind === "DECIMAL") return decimalType(leaf, leaf.annotation.precision);
  switch (leaf.physicalType) {
    case "BOOLEAN":
      return "bool";
    case "INT32":
      return "i32";
    case "INT64":
      return "i64";
    case "FLOAT":
      return "f32";
    case "DOUBLE":
      return "f64";
    default:
      return undefined;
  }
}

function decimalType(leaf: SchemaLeaf, precision: number): IndexedType | undefined {
  switch (leaf.physicalType) {
    case "INT32":
    case "INT64":
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return precision <= MAX_DECIMAL128_PRECISION ? "decimal128" : "decimal256";
    default:
      return undefined;
  }
}
