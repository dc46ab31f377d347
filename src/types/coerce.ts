import { parseBinaryText, parseUuidText } from "./binary-text.ts";
import { parseDecimalText, plainDecimalText, wholeNumber } from "./decimal.ts";
import { valueText } from "./encode.ts";
import { LogicalValueError } from "./errors.ts";
import { parseDoubleText, parseFloatText } from "./float-parse.ts";
import { javaDoubleText, javaFloatText } from "./float-text.ts";
import { javaTrim } from "./java-text.ts";
import { type LogicalType, MAX_TEMPORAL_PRECISION } from "./logical-type.ts";
import {
  parseDateText,
  parseInstantText,
  parseLocalDateTimeText,
  parseTimeText,
  truncateMicros,
} from "./temporal-parse.ts";
import { type Decimal, type LogicalValue, MAX_INT64, MICROS_PER_DAY, MIN_INT64 } from "./value.ts";

/**
 * Brings a value to the kind of its column before it becomes a bound (07 §2): widened integers, integers in decimal columns,
 * texts. Kinds without an order leave the value as it is. Throws LogicalValueError where the value does not fit.
 */
export function coerceValue(type: LogicalType, raw: LogicalValue): LogicalValue {
  switch (type.kind) {
    case "BOOLEAN":
      return { kind: "BOOLEAN", value: toBoolean(raw) };
    case "INT":
      return { kind: "INT", value: toInt64(raw) };
    case "FLOAT":
      return { kind: "FLOAT", value: toFloat(raw) };
    case "DOUBLE":
      return { kind: "DOUBLE", value: toDouble(raw) };
    case "DECIMAL":
      return { kind: "DECIMAL", value: toDecimal(raw) };
    case "STRING":
      return { kind: "STRING", value: raw.kind === "STRING" ? raw.value : valueText(raw) };
    case "BINARY":
      return { kind: "BINARY", value: toBinary(raw) };
    case "UUID":
      return { kind: "UUID", value: toUuid(raw) };
    case "DATE":
      return { kind: "DATE", value: toEpochDay(raw) };
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ": {
      const micros = toMicros(type.kind, raw);
      return { kind: type.kind, value: truncateMicros(micros, type.precision ?? MAX_TEMPORAL_PRECISION) };
    }
    default:
      return raw;
  }
}

function toBoolean(raw: LogicalValue): boolean {
  if (raw.kind === "BOOLEAN") return raw.value;
  if (raw.kind === "STRING") {
    const text = javaTrim(raw.value).toLowerCase();
    if (text === "true" || text === "t" || text === "1") return true;
    if (text === "false" || text === "f" || text === "0") return false;
  }
  throw new LogicalValueError(`Invalid BOOLEAN value: ${valueText(raw).slice(0, 100)}`);
}

function toInt64(raw: LogicalValue): bigint {
  switch (raw.kind) {
    case "INT":
      return inInt64(raw.value, raw);
    case "DECIMAL": {
      const whole = wholeNumber(raw.value);
      if (whole === undefined || whole < MIN_INT64 || whole > MAX_INT64) {
        throw new LogicalValueError(`INT value must be a whole 64-bit number, got: ${valueText(raw)}`);
      }
      return whole;
    }
    case "FLOAT":
    case "DOUBLE":
      if (!Number.isFinite(raw.value)) {
        throw new LogicalValueError(`INT value must be finite, got: ${valueText(raw)}`);
      }
      if (!Number.isInteger(raw.value)) {
        throw new LogicalValueError(`INT value must be a whole number, got: ${valueText(raw)}`);
      }
      return inInt64(BigInt(raw.value), raw);
    case "STRING":
      return parseInt64Text(raw.value);
    default:
      return mismatch("INT", raw);
  }
}

function inInt64(value: bigint, raw: LogicalValue): bigint {
  if (value >= MIN_INT64 && value <= MAX_INT64) return value;
  throw new LogicalValueError(`INT value out of 64-bit range: ${valueText(raw)}`);
}

/** Strict base 10, `+` allowed (07 §3.4). */
export function parseInt64Text(text: string): bigint {
  // 19 digits hold every int64; leading zeros beyond 100 are nobody's bound.
  if (!/^[+-]?\d{1,100}$/.test(text)) {
    throw new LogicalValueError(`Invalid INT value: ${text.slice(0, 100)}`);
  }
  return inInt64(BigInt(text.startsWith("+") ? text.slice(1) : text), { kind: "STRING", value: text });
}

function toFloat(raw: LogicalValue): number {
  switch (raw.kind) {
    case "FLOAT":
    case "DOUBLE":
      return Math.fround(raw.value);
    case "INT":
      return parseFloatText(raw.value.toString());
    case "DECIMAL":
      return parseFloatText(exponentText(raw.value));
    case "STRING":
      return parseFloatText(raw.value);
    default:
      return mismatch("FLOAT", raw);
  }
}

function toDouble(raw: LogicalValue): number {
  switch (raw.kind) {
    case "FLOAT":
    case "DOUBLE":
      return raw.value;
    case "INT":
      return Number(raw.value);
    case "DECIMAL":
      return parseDoubleText(exponentText(raw.value));
    case "STRING":
      return parseDoubleText(raw.value);
    default:
      return mismatch("DOUBLE", raw);
  }
}

function exponentText(decimal: Decimal): string {
  return `${decimal.unscaled}e${-decimal.scale}`;
}

function toDecimal(raw: LogicalValue): Decimal {
  switch (raw.kind) {
    case "DECIMAL":
      return raw.value;
    case "INT":
      return { unscaled: raw.value, scale: 0 };
    case "FLOAT":
      return parseDecimalText(javaFloatText(raw.value));
    case "DOUBLE":
      return parseDecimalText(javaDoubleText(raw.value));
    case "STRING":
      return parseDecimalText(raw.value);
    default:
      return mismatch("DECIMAL", raw);
  }
}

function toBinary(raw: LogicalValue): Uint8Array {
  if (raw.kind === "BINARY") return raw.value;
  if (raw.kind === "STRING") return parseBinaryText(raw.value);
  return mismatch("BINARY", raw);
}

function toUuid(raw: LogicalValue): Uint8Array {
  if (raw.kind === "UUID" && raw.value.length === 16) return raw.value;
  if (raw.kind === "STRING") return parseUuidText(raw.value);
  return mismatch("UUID", raw);
}

/** Epoch days within which years keep to nine digits, as the peer's dates do. */
const MAX_EPOCH_DAY = 365_241_780_471;
const MIN_EPOCH_DAY = -365_243_219_162;

function toEpochDay(raw: LogicalValue): number {
  switch (raw.kind) {
    case "DATE":
      return raw.value;
    case "STRING":
      return parseDateText(raw.value);
    case "INT":
    case "FLOAT":
    case "DOUBLE":
    case "DECIMAL": {
      const day = Number(toInt64(raw));
      if (day >= MIN_EPOCH_DAY && day <= MAX_EPOCH_DAY) return day;
      throw new LogicalValueError(`DATE value out of range: epoch day ${plainDecimalText(toDecimal(raw))}`);
    }
    default:
      return mismatch("DATE", raw);
  }
}

/** Numbers are refused: their unit is unknown here (07 §2). An instant is not a wall clock: refused too. */
function toMicros(kind: "TIME" | "TIMESTAMP" | "TIMESTAMPTZ", raw: LogicalValue): bigint {
  if (raw.kind === kind) {
    if (kind === "TIME" && (raw.value < 0n || raw.value >= MICROS_PER_DAY)) {
      throw new LogicalValueError(`TIME value outside of the day: ${raw.value} microseconds`);
    }
    return raw.value;
  }
  if (raw.kind !== "STRING") return mismatch(kind, raw);
  if (kind === "TIME") return parseTimeText(raw.value);
  return kind === "TIMESTAMP" ? parseLocalDateTimeText(raw.value) : parseInstantText(raw.value);
}

function mismatch(kind: string, raw: LogicalValue): never {
  throw new LogicalValueError(`Invalid ${kind} value: ${valueText(raw).slice(0, 100)} (${raw.kind})`);
}
