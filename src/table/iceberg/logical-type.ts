import { TableError } from "../../model/index.ts";
import { decimalType, type LogicalType } from "../../types/index.ts";
import type { IcebergType } from "./metadata/index.ts";

/** Precision limit of the table formats (07 §1.4); the logical type itself has none. */
const MAX_DECIMAL_PRECISION = 38;

/** Iceberg type → logical type (04 §8.1, 07 §1.4). Temporal types carry no precision. */
export function logicalTypeOf(type: IcebergType): LogicalType {
  switch (type.kind) {
    case "boolean":
      return { kind: "BOOLEAN" };
    case "int":
    case "long":
      return { kind: "INT" };
    case "float":
      return { kind: "FLOAT" };
    case "double":
      return { kind: "DOUBLE" };
    case "decimal": {
      const { precision, scale } = type;
      if (precision > MAX_DECIMAL_PRECISION) {
        throw new TableError(
          `Unsupported DECIMAL precision ${precision} for Iceberg declared type 'decimal(${precision}, ${scale})'; ` +
            `max supported precision is ${MAX_DECIMAL_PRECISION}`,
          { referenceType: "IllegalArgumentException" },
        );
      }
      return decimalType(precision, scale);
    }
    case "date":
      return { kind: "DATE" };
    case "time":
      return { kind: "TIME", precision: undefined };
    case "timestamp":
    case "timestamp_ns":
      return { kind: "TIMESTAMP", precision: undefined };
    case "timestamptz":
    case "timestamptz_ns":
      return { kind: "TIMESTAMPTZ", precision: undefined };
    case "string":
      return { kind: "STRING" };
    case "uuid":
      return { kind: "UUID" };
    case "fixed":
    case "binary":
      return { kind: "BINARY" };
    case "list":
      return { kind: "ARRAY" };
    case "map":
      return { kind: "MAP" };
    case "struct":
      return { kind: "STRUCT" };
    case "variant":
      return { kind: "VARIANT" };
    case "geometry":
    case "geography":
    case "unknown":
      throw new TableError(`Unrecognized Iceberg type: ${type.kind.toUpperCase()}`, {
        referenceType: "IllegalArgumentException",
      });
  }
}
