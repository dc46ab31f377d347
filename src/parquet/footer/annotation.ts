import type { Annotation, TimeUnit } from "../metadata.ts";
import {
  expectType,
  isBoolean,
  readBoolean,
  readI8,
  readI32,
  readStruct,
  THRIFT,
  type ThriftCursor,
} from "../thrift/compact.ts";

/**
 * What a schema element says of its values (06 §2.3): the logical type, else the converted type; where both are there and
 * disagree, the converted type wins.
 */
export function resolveAnnotation(
  logical: Annotation | undefined,
  convertedType: number | undefined,
  decimal: { readonly precision: number | undefined; readonly scale: number | undefined },
): Annotation | undefined {
  if (convertedType === undefined) return logical;
  const converted = convertedAnnotation(convertedType, decimal);
  if (converted === undefined) return logical;
  if (logical === undefined) return converted;
  return agree(logical, converted) ? logical : converted;
}

/** Converted types speak of instants in UTC: they have no word for local time (parquet-format, LogicalTypes). */
function convertedAnnotation(
  converted: number,
  decimal: { readonly precision: number | undefined; readonly scale: number | undefined },
): Annotation | undefined {
  switch (converted) {
    case 0:
      return { kind: "STRING" };
    case 1:
    case 2:
      return { kind: "MAP" };
    case 3:
      return { kind: "LIST" };
    case 4:
      return { kind: "ENUM" };
    case 5:
      return { kind: "DECIMAL", precision: decimal.precision ?? 0, scale: decimal.scale ?? 0 };
    case 6:
      return { kind: "DATE" };
    case 7:
      return { kind: "TIME", unit: "MILLIS", adjustedToUtc: true };
    case 8:
      return { kind: "TIME", unit: "MICROS", adjustedToUtc: true };
    case 9:
      return { kind: "TIMESTAMP", unit: "MILLIS", adjustedToUtc: true };
    case 10:
      return { kind: "TIMESTAMP", unit: "MICROS", adjustedToUtc: true };
    case 11:
    case 12:
    case 13:
    case 14:
      return { kind: "INTEGER", bitWidth: 8 << (converted - 11), signed: false };
    case 15:
    case 16:
    case 17:
    case 18:
      return { kind: "INTEGER", bitWidth: 8 << (converted - 15), signed: true };
    case 19:
      return { kind: "JSON" };
    case 20:
      return { kind: "BSON" };
    case 21:
      return { kind: "INTERVAL" };
    default:
      return undefined;
  }
}

/** Whether a logical type is what the converted type says, as far as a converted type can say it. */
function agree(logical: Annotation, converted: Annotation): boolean {
  switch (logical.kind) {
    case "TIME":
    case "TIMESTAMP":
      return logical.kind === converted.kind && logical.unit === converted.unit;
    case "INTEGER":
      return (
        converted.kind === "INTEGER" &&
        logical.bitWidth === converted.bitWidth &&
        logical.signed === converted.signed
      );
    case "DECIMAL":
      return (
        converted.kind === "DECIMAL" &&
        // Some writers leave the old fields out beside the logical type; that isn't a contradiction.
        (converted.precision === 0 ||
          (logical.precision === converted.precision && logical.scale === converted.scale))
      );
    default:
      return logical.kind === converted.kind;
  }
}

/** Reads the `LogicalType` union; one that this reader doesn't know is `OTHER`. */
export function readLogicalType(cursor: ThriftCursor): Annotation | undefined {
  let annotation: Annotation | undefined;
  readStruct(cursor, (id, type) => {
    if (type !== THRIFT.struct) return false;
    annotation = readLogicalTypeMember(cursor, id);
    return true;
  });
  return annotation;
}

function readLogicalTypeMember(cursor: ThriftCursor, id: number): Annotation {
  switch (id) {
    case 5:
      return readDecimal(cursor);
    case 7:
      return { kind: "TIME", ...readTime(cursor) };
    case 8:
      return { kind: "TIMESTAMP", ...readTime(cursor) };
    case 10:
      return readInteger(cursor);
    default:
      readStruct(cursor, () => false);
      return plainLogicalType(id);
  }
}

function plainLogicalType(id: number): Annotation {
  switch (id) {
    case 1:
      return { kind: "STRING" };
    case 2:
      return { kind: "MAP" };
    case 3:
      return { kind: "LIST" };
    case 4:
      return { kind: "ENUM" };
    case 6:
      return { kind: "DATE" };
    case 11:
      return { kind: "UNKNOWN" };
    case 12:
      return { kind: "JSON" };
    case 13:
      return { kind: "BSON" };
    case 14:
      return { kind: "UUID" };
    case 15:
      return { kind: "FLOAT16" };
    case 16:
      return { kind: "VARIANT" };
    case 17:
      return { kind: "GEOMETRY" };
    case 18:
      return { kind: "GEOGRAPHY" };
    default:
      return { kind: "OTHER", name: `logical type ${id}` };
  }
}

function readDecimal(cursor: ThriftCursor): Annotation {
  let scale = 0;
  let precision = 0;
  readStruct(cursor, (id, type) => {
    if (id !== 1 && id !== 2) return false;
    expectType(cursor, type, THRIFT.i32, "DecimalType");
    const value = readI32(cursor);
    if (id === 1) scale = value;
    else precision = value;
    return true;
  });
  return { kind: "DECIMAL", precision, scale };
}

function readTime(cursor: ThriftCursor): { unit: TimeUnit; adjustedToUtc: boolean } {
  let unit: TimeUnit = "MILLIS";
  let adjustedToUtc = false;
  readStruct(cursor, (id, type) => {
    if (id === 1 && isBoolean(type)) {
      adjustedToUtc = readBoolean(type);
      return true;
    }
    if (id === 2 && type === THRIFT.struct) {
      readStruct(cursor, (unitId) => {
        unit = unitId === 3 ? "NANOS" : unitId === 2 ? "MICROS" : "MILLIS";
        return false;
      });
      return true;
    }
    return false;
  });
  return { unit, adjustedToUtc };
}

function readInteger(cursor: ThriftCursor): Annotation {
  let bitWidth = 0;
  let signed = false;
  readStruct(cursor, (id, type) => {
    if (id === 1 && type === THRIFT.byte) {
      bitWidth = readI8(cursor);
      return true;
    }
    if (id === 2 && isBoolean(type)) {
      signed = readBoolean(type);
      return true;
    }
    return false;
  });
  return { kind: "INTEGER", bitWidth, signed };
}
