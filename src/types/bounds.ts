import { parseBase64 } from "./binary-text.ts";
import { coerceValue } from "./coerce.ts";
import { compareValues } from "./compare.ts";
import { valueText } from "./encode.ts";
import { LogicalTypeError, LogicalValueError } from "./errors.ts";
import { isJavaBlank } from "./java-text.ts";
import { isComplex, isOrderable, type LogicalType } from "./logical-type.ts";
import type { LogicalValue } from "./value.ts";

/**
 * Minimum and maximum as the texts that records carry: written (07 §3), read back and merged (07 §3.4, §4.2). Bounds inside
 * one file are merged as values (07 §4.3).
 */
export type BoundSide = "min" | "max";

/** Text of a bound; the value is first brought to the column's kind (07 §2). Ask `isOrderable` first: other kinds are refused. */
export function encodeBound(type: LogicalType, value: LogicalValue): string {
  if (!isOrderable(type)) {
    throw new LogicalTypeError(
      isComplex(type)
        ? `min/max encoding is unsupported for complex type ${type.kind}`
        : `min/max encoding is unsupported for non-stats-orderable type ${type.kind}`,
    );
  }
  return valueText(coerceValue(type, value), temporalPrecision(type));
}

function temporalPrecision(type: LogicalType): number | undefined {
  switch (type.kind) {
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return type.precision;
    default:
      return undefined;
  }
}

/** Value of a bound's text; blank text is "no value" (07 §3.4). */
export function decodeBound(type: LogicalType, text: string): LogicalValue | undefined {
  if (isJavaBlank(text)) return undefined;
  // In a record BINARY is base64 only, also where it begins like a hex literal.
  if (type.kind === "BINARY") return { kind: "BINARY", value: parseBase64(text) };
  return coerceValue(withMicroseconds(type), { kind: "STRING", value: text });
}

/** A bound that is read back keeps its microseconds whatever the type's precision is (07 §3.4). */
function withMicroseconds(type: LogicalType): LogicalType {
  switch (type.kind) {
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return { kind: type.kind, precision: undefined };
    default:
      return type;
  }
}

/** Order of two encoded bounds (07 §4.1). */
export function compareBounds(type: LogicalType | undefined, a: string, b: string): number {
  if (type === undefined || !isOrderable(type)) return compareValues(type, undefined, undefined);
  return compareValues(type, decodeBound(type, a), decodeBound(type, b));
}

/**
 * Merges an encoded bound into another (07 §4.2). Equal values keep the first text. QUIRK (must match): a blank bound, which
 * is a legal minimum of STRING and BINARY, counts as none.
 */
export function mergeBound(
  type: LogicalType | undefined,
  current: string | undefined,
  candidate: string | undefined,
  side: BoundSide,
): string | undefined {
  if (candidate === undefined || isJavaBlank(candidate)) return current;
  if (current === undefined || isJavaBlank(current)) return candidate;
  if (type === undefined || !isOrderable(type)) return current;
  try {
    const order = compareBounds(type, candidate, current);
    return (side === "min" ? order < 0 : order > 0) ? candidate : current;
  } catch (error) {
    if (error instanceof LogicalValueError) return current;
    throw error;
  }
}

/** The lower or the higher of two values of one column, the first if they are equal (07 §4.3). */
export function mergeValue(
  type: LogicalType,
  current: LogicalValue | undefined,
  candidate: LogicalValue | undefined,
  side: BoundSide,
): LogicalValue | undefined {
  if (candidate === undefined) return current;
  if (current === undefined) return candidate;
  const order = compareValues(type, candidate, current);
  return (side === "min" ? order < 0 : order > 0) ? candidate : current;
}
