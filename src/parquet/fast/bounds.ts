import type { PageBounds } from "../../model/index.ts";
import { encodeDecimal, encodeIntegerDecimal, minimalForm } from "../bounds/decimal.ts";
import { DecodeError } from "../decode-error.ts";
import type { IndexedType } from "../eligibility.ts";
import type { ValueLayout } from "./layout.ts";
import { check } from "./outcome.ts";
import type { PlainValues } from "./region.ts";
import type { Session } from "./session.ts";

/** Bounds of at least one PLAIN value (06 §3.6). Text must be valid by now. */
export function boundsOf(
  session: Session,
  type: IndexedType,
  layout: ValueLayout,
  { address, length, count }: PlainValues,
): PageBounds {
  const { kernels } = session;
  switch (layout.kind) {
    case "i32":
      kernels.boundsI32(address, count);
      return integerBounds(session, type);
    case "i64":
      kernels.boundsI64(address, count);
      return integerBounds(session, type);
    case "f32":
      kernels.boundsF32(address, count);
      return floatBounds(session, type);
    case "f64":
      kernels.boundsF64(address, count);
      return floatBounds(session, type);
    case "bytes":
      if (type === "utf8") check(kernels.boundsText(address, length, count), "byte arrays");
      else check(kernels.boundsDecimal(address, length, count, 0), "byte arrays");
      return byteBounds(session, type);
    case "fixed":
      if (layout.width === 0) throw new DecodeError("Zero length BigInteger");
      check(kernels.boundsDecimal(address, length, count, layout.width), "fixed-length values");
      return byteBounds(session, type);
  }
}

/** Of booleans it is enough to know how many are true. */
export function booleanBounds(count: number, trueCount: number): PageBounds {
  return { kind: "bool", min: trueCount === count, max: trueCount > 0 };
}

function integerBounds({ arena, resultAt }: Session, type: IndexedType): PageBounds {
  const { view } = arena;
  if (type === "i32") {
    return { kind: "i32", min: view.getInt32(resultAt, true), max: view.getInt32(resultAt + 8, true) };
  }
  return integerBoundsOf(type, view.getBigInt64(resultAt, true), view.getBigInt64(resultAt + 8, true));
}

export function integerBoundsOf(type: IndexedType, min: bigint, max: bigint): PageBounds {
  switch (type) {
    case "i32":
      return { kind: "i32", min: Number(min), max: Number(max) };
    case "i64":
      return { kind: "i64", min, max };
    case "decimal128":
      return { kind: type, min: encodeIntegerDecimal(min, 16), max: encodeIntegerDecimal(max, 16) };
    case "decimal256":
      return { kind: type, min: encodeIntegerDecimal(min, 32), max: encodeIntegerDecimal(max, 32) };
    default:
      throw wrongType(type, "integers");
  }
}

function floatBounds({ arena, resultAt }: Session, type: IndexedType): PageBounds {
  return floatBoundsOf(
    type,
    arena.view.getFloat64(resultAt, true),
    arena.view.getFloat64(resultAt + 8, true),
  );
}

export function floatBoundsOf(type: IndexedType, min: number, max: number): PageBounds {
  if (type !== "f32" && type !== "f64") throw wrongType(type, "floats");
  return { kind: type, min, max };
}

function byteBounds({ arena, resultAt }: Session, type: IndexedType): PageBounds {
  const { view } = arena;
  const bytesAt = (at: number) => {
    const address = view.getUint32(at, true);
    return arena.bytes.subarray(address, address + view.getUint32(at + 4, true));
  };
  return byteBoundsOf(type, bytesAt(resultAt), bytesAt(resultAt + 8));
}

/** The bytes are copied. */
export function byteBoundsOf(type: IndexedType, min: Uint8Array, max: Uint8Array): PageBounds {
  switch (type) {
    case "utf8":
      return { kind: type, min: textOf(min), max: textOf(max) };
    case "decimal128":
      return { kind: type, min: decimalOf(min, 16), max: decimalOf(max, 16) };
    case "decimal256":
      return { kind: type, min: decimalOf(min, 32), max: decimalOf(max, 32) };
    default:
      throw wrongType(type, "bytes");
  }
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("utf8");
}

function decimalOf(bytes: Uint8Array, width: 16 | 32): Uint8Array {
  return encodeDecimal(minimalForm(bytes, 0, bytes.length), width);
}

/** A mistake of this program: `indexedType` and the layouts disagree about a column. */
function wrongType(type: IndexedType, values: string): TypeError {
  return new TypeError(`bounds of ${type} can't be folded from ${values}`);
}
