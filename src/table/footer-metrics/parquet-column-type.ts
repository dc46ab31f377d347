import type { Annotation, ParquetSchema, SchemaLeaf, SchemaNode } from "../../parquet/index.ts";
import { formatLogicalType, type LogicalType } from "../../types/index.ts";

/** The type of a top-level Parquet column where no table format gives one (decision 37). */
export interface ParquetColumnType {
  /** Of a column with figures, or of a container; undefined for types that records can't name. */
  readonly logicalType: LogicalType | undefined;
  /** The same text means the same type: that of the logical type, or what the file says of the column. */
  readonly text: string;
}

const MAX_DECIMAL_PRECISION = 38;

export function parquetColumnType(node: SchemaNode, schema: ParquetSchema): ParquetColumnType {
  const leaf = node.leafIndex === undefined ? undefined : schema.leaves[node.leafIndex];
  const logicalType =
    node.repetition === "REPEATED"
      ? plain("ARRAY")
      : leaf === undefined
        ? containerType(node)
        : leafType(leaf);
  const text = logicalType === undefined ? fileTypeText(node, leaf) : formatLogicalType(logicalType);
  return { logicalType, text };
}

function containerType(node: SchemaNode): LogicalType {
  switch (node.annotation?.kind) {
    case "LIST":
      return plain("ARRAY");
    case "MAP":
      return plain("MAP");
    case "VARIANT":
      return plain("VARIANT");
    default:
      return plain("STRUCT");
  }
}

function leafType(leaf: SchemaLeaf): LogicalType | undefined {
  const { annotation } = leaf;
  switch (leaf.physicalType) {
    case "BOOLEAN":
      return annotation === undefined ? plain("BOOLEAN") : undefined;
    case "FLOAT":
      return annotation === undefined ? plain("FLOAT") : undefined;
    case "DOUBLE":
      return annotation === undefined ? plain("DOUBLE") : undefined;
    case "INT32":
    case "INT64":
      return integerType(leaf, annotation);
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return bytesType(leaf, annotation);
    case "INT96":
      return undefined;
  }
}

function integerType(leaf: SchemaLeaf, annotation: Annotation | undefined): LogicalType | undefined {
  switch (annotation?.kind) {
    case undefined:
      return plain("INT");
    case "INTEGER":
      return annotation.signed || leaf.physicalType === "INT32" ? plain("INT") : undefined;
    case "DECIMAL":
      return decimal(annotation);
    case "DATE":
      return leaf.physicalType === "INT32" ? plain("DATE") : undefined;
    case "TIME":
      return annotation.unit === "NANOS" ? undefined : { kind: "TIME", precision: undefined };
    case "TIMESTAMP": {
      if (annotation.unit === "NANOS" || leaf.physicalType !== "INT64") return undefined;
      return { kind: annotation.adjustedToUtc ? "TIMESTAMPTZ" : "TIMESTAMP", precision: undefined };
    }
    default:
      return undefined;
  }
}

function bytesType(leaf: SchemaLeaf, annotation: Annotation | undefined): LogicalType | undefined {
  switch (annotation?.kind) {
    case "STRING":
    case "ENUM":
    case "JSON":
      return leaf.physicalType === "BYTE_ARRAY" ? plain("STRING") : undefined;
    case "DECIMAL":
      return decimal(annotation);
    case "UUID":
      return leaf.typeLength === 16 ? plain("UUID") : undefined;
    default:
      return undefined;
  }
}

function decimal({ precision, scale }: { precision: number; scale: number }): LogicalType | undefined {
  const valid = precision >= 1 && precision <= MAX_DECIMAL_PRECISION && scale >= 0 && scale <= precision;
  return valid ? { kind: "DECIMAL", precision, scale } : undefined;
}

function plain(
  kind:
    | "BOOLEAN"
    | "INT"
    | "FLOAT"
    | "DOUBLE"
    | "DATE"
    | "STRING"
    | "UUID"
    | "ARRAY"
    | "MAP"
    | "STRUCT"
    | "VARIANT",
): LogicalType {
  return { kind };
}

/** What the file says of a leaf that has no logical type. */
function fileTypeText(node: SchemaNode, leaf: SchemaLeaf | undefined): string {
  const physical = leaf?.physicalType ?? "group";
  const length = leaf?.physicalType === "FIXED_LEN_BYTE_ARRAY" ? `(${leaf.typeLength})` : "";
  const { annotation } = node;
  if (annotation === undefined) return `${physical}${length}`;
  const { kind, ...parameters } = annotation;
  const values = Object.values(parameters);
  return `${physical}${length} ${kind}${values.length === 0 ? "" : `(${values.join(",")})`}`;
}
