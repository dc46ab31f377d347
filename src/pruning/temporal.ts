import { coerceValue, type LogicalType, LogicalValueError, MICROS_PER_DAY } from "../types/index.ts";
import type { Span } from "./ordered.ts";

/** A text as a point in time, in microseconds; a second end where it has digits beyond the microsecond. */
export interface TemporalLiteral {
  readonly micros: Span<bigint>;
  /** It names a zone or `Z`. */
  readonly zoned: boolean;
}

const DATE_ONLY = /^[+-]?\d{4,10}-\d\d-\d\d$/;
const ZONE = /(?:Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)$/i;
const BEYOND_MICROS = /\.\d{6}\d*[1-9]/;

/** A date, or a date and time with `T` or a space between; undefined for any other text. */
export function readTimestamp(text: string): TemporalLiteral | undefined {
  const trimmed = text.trim();
  if (DATE_ONLY.test(trimmed)) {
    const day = readDate(trimmed);
    if (day === undefined) return undefined;
    const start = BigInt(day) * MICROS_PER_DAY;
    return { micros: { low: start, high: start }, zoned: false };
  }
  const [date = "", time = "", ...rest] = trimmed.split(/[T ]/i);
  if (rest.length > 0 || !time.includes(":")) return undefined;
  const zoned = ZONE.test(time);
  return span(`${date}T${time}`, { kind: zoned ? "TIMESTAMPTZ" : "TIMESTAMP", precision: undefined }, zoned);
}

export function readTime(text: string): TemporalLiteral | undefined {
  return span(text.trim(), { kind: "TIME", precision: undefined }, false);
}

/** Days since 1970-01-01. */
export function readDate(text: string): number | undefined {
  const value = coerced({ kind: "DATE" }, text.trim());
  return value?.kind === "DATE" ? value.value : undefined;
}

function span(text: string, type: LogicalType, zoned: boolean): TemporalLiteral | undefined {
  const value = coerced(type, text);
  if (value === undefined || !("value" in value) || typeof value.value !== "bigint") return undefined;
  const beyond = BEYOND_MICROS.test(text) ? 1n : 0n;
  return { micros: { low: value.value, high: value.value + beyond }, zoned };
}

function coerced(type: LogicalType, text: string) {
  try {
    return coerceValue(type, { kind: "STRING", value: text });
  } catch (error) {
    if (error instanceof LogicalValueError) return undefined;
    throw error;
  }
}
