import { DecodeError } from "../decode-error.ts";
import type { SchemaLeaf } from "../metadata.ts";

/** How a column's values lie in memory, which is all that the kernels know of its type. */
export type Layout =
  | { readonly kind: "bits" }
  | { readonly kind: "i32" | "i64" | "f32" | "f64"; readonly width: 4 | 8 }
  /** PLAIN byte arrays: each behind its 4-byte length. */
  | { readonly kind: "bytes" }
  | { readonly kind: "fixed"; readonly width: number };

/** Of values that are bytes: all but booleans. */
export type ValueLayout = Exclude<Layout, { kind: "bits" }>;

export function layoutOf(leaf: SchemaLeaf): Layout {
  switch (leaf.physicalType) {
    case "BOOLEAN":
      return { kind: "bits" };
    case "INT32":
      return { kind: "i32", width: 4 };
    case "INT64":
      return { kind: "i64", width: 8 };
    case "FLOAT":
      return { kind: "f32", width: 4 };
    case "DOUBLE":
      return { kind: "f64", width: 8 };
    case "BYTE_ARRAY":
      return { kind: "bytes" };
    case "FIXED_LEN_BYTE_ARRAY":
      return { kind: "fixed", width: leaf.typeLength };
    case "INT96":
      throw new DecodeError("INT96 values are never read (06 §2.3)");
  }
}
