import { coerceValue } from "./coerce.ts";
import { compareDecimals } from "./decimal.ts";
import { LogicalValueError } from "./errors.ts";
import { isOrderable, type LogicalType } from "./logical-type.ts";
import { compareUtf16 } from "./utf8.ts";
import type { LogicalValue } from "./value.ts";

/**
 * Order of the values of one type (07 §4.1): negative, zero or positive. "No value" sorts below every value; a value of
 * another kind is first brought to the column's.
 */
export function compareValues(
  type: LogicalType | undefined,
  a: LogicalValue | undefined,
  b: LogicalValue | undefined,
): number {
  if (type === undefined || !isOrderable(type)) {
    throw new LogicalValueError(`Logical type is not orderable: ${type?.kind ?? "<null>"}`);
  }
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  const left = a.kind === type.kind ? a : coerceValue(type, a);
  const right = b.kind === type.kind ? b : coerceValue(type, b);
  return compareSameKind(left, right);
}

function compareSameKind(a: LogicalValue, b: LogicalValue): number {
  switch (a.kind) {
    case "BOOLEAN":
      if (b.kind === a.kind) return Number(a.value) - Number(b.value);
      break;
    case "FLOAT":
    case "DOUBLE":
      if (b.kind === a.kind) return compareJavaDoubles(a.value, b.value);
      break;
    case "DECIMAL":
      if (b.kind === a.kind) return compareDecimals(a.value, b.value);
      break;
    case "STRING":
      if (b.kind === a.kind) return compareUtf16(a.value, b.value);
      break;
    case "BINARY":
      if (b.kind === a.kind) return compareUnsignedBytes(a.value, b.value);
      break;
    case "UUID":
      if (b.kind === a.kind) return compareUuids(a.value, b.value);
      break;
    case "DATE":
      if (b.kind === a.kind) return a.value - b.value;
      break;
    case "INT":
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      if (b.kind === a.kind) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      break;
  }
  throw new LogicalValueError(`Can't compare ${a.kind} with ${b.kind}`);
}

/** −0.0 below +0.0; NaN equal to itself and above everything (07 §4.1). */
export function compareJavaDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 ? 0 : Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Unsigned byte by byte, then length. */
export function compareUnsignedBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** QUIRK (07 §4.1, must match): both halves of a UUID compare as signed 64-bit numbers. */
function compareUuids(a: Uint8Array, b: Uint8Array): number {
  for (const at of [0, 8]) {
    const left = signedHalf(a, at);
    const right = signedHalf(b, at);
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function signedHalf(uuid: Uint8Array, at: number): bigint {
  return new DataView(uuid.buffer, uuid.byteOffset, uuid.byteLength).getBigInt64(at);
}
