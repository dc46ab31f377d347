import {
  encodeBound,
  floorDiv,
  type LogicalType,
  type LogicalValue,
  MICROS_PER_DAY,
} from "../../types/index.ts";
import type { IcebergType } from "./metadata/index.ts";

/**
 * Bounds of a manifest entry: Iceberg's single-value bytes → value → text (04 §9, 07 §1.5). An empty payload is no bound
 * (QUIRK, must match). Decision 33: what can't be decoded, and any bound of a container, is no bound either. Decision 29: a
 * value that an older, narrower type wrote is read as that type.
 */
export function boundText(type: IcebergType, logical: LogicalType, payload: Uint8Array): string | undefined {
  const value = payload.length === 0 ? undefined : boundValue(type, payload);
  return value === undefined ? undefined : encodeBound(logical, value);
}

/** Longer than any decimal of 38 digits by far: beyond it the bytes are no number that a writer meant. */
const MAX_DECIMAL_BYTES = 64;

const NANOS_PER_MICRO = 1000n;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value, or undefined if the bytes are too few or malformed; surplus bytes are ignored. */
export function boundValue(type: IcebergType, payload: Uint8Array): LogicalValue | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  switch (type.kind) {
    case "boolean":
      return view.byteLength < 1 ? undefined : { kind: "BOOLEAN", value: view.getInt8(0) !== 0 };
    case "int":
      return view.byteLength < 4 ? undefined : { kind: "INT", value: BigInt(view.getInt32(0, true)) };
    case "date":
      return view.byteLength < 4 ? undefined : { kind: "DATE", value: view.getInt32(0, true) };
    case "long":
      return tagged("INT", widenedLong(view));
    case "float":
      return view.byteLength < 4 ? undefined : { kind: "FLOAT", value: view.getFloat32(0, true) };
    case "double":
      // Shorter: the column was a float when the file was written.
      if (view.byteLength >= 8) return { kind: "DOUBLE", value: view.getFloat64(0, true) };
      return view.byteLength < 4 ? undefined : { kind: "DOUBLE", value: view.getFloat32(0, true) };
    case "time": {
      const micros = widenedLong(view);
      const inDay = micros !== undefined && micros >= 0n && micros < MICROS_PER_DAY;
      return inDay ? { kind: "TIME", value: micros } : undefined;
    }
    case "timestamp":
      return tagged("TIMESTAMP", promotedDate(view) ?? widenedLong(view));
    case "timestamp_ns":
      return tagged("TIMESTAMP", promotedDate(view) ?? nanosToMicros(widenedLong(view)));
    case "timestamptz":
      return tagged("TIMESTAMPTZ", widenedLong(view));
    case "timestamptz_ns":
      return tagged("TIMESTAMPTZ", nanosToMicros(widenedLong(view)));
    case "decimal":
      if (payload.length > MAX_DECIMAL_BYTES) return undefined;
      return { kind: "DECIMAL", value: { unscaled: signedBigEndian(payload), scale: type.scale } };
    case "string":
      return utf8Value(payload);
    case "uuid":
      return payload.length < 16 ? undefined : { kind: "UUID", value: payload.slice(0, 16) };
    case "fixed":
    case "binary":
      return { kind: "BINARY", value: payload.slice() };
    default:
      return undefined;
  }
}

/** 8 bytes; 4 to 7 bytes hold an int32, from before the column was promoted. */
function widenedLong(view: DataView): bigint | undefined {
  if (view.byteLength >= 8) return view.getBigInt64(0, true);
  return view.byteLength >= 4 ? BigInt(view.getInt32(0, true)) : undefined;
}

/**
 * Days, from before a date column was promoted to a timestamp (v3): the only way in which a timestamp's bound comes to have
 * four bytes. The reference takes them for microseconds (04 §9, may improve; decision 29).
 */
function promotedDate(view: DataView): bigint | undefined {
  return view.byteLength === 4 ? BigInt(view.getInt32(0, true)) * MICROS_PER_DAY : undefined;
}

function nanosToMicros(nanos: bigint | undefined): bigint | undefined {
  return nanos === undefined ? undefined : floorDiv(nanos, NANOS_PER_MICRO);
}

function tagged(
  kind: "INT" | "TIMESTAMP" | "TIMESTAMPTZ",
  value: bigint | undefined,
): LogicalValue | undefined {
  return value === undefined ? undefined : { kind, value };
}

function utf8Value(payload: Uint8Array): LogicalValue | undefined {
  try {
    return { kind: "STRING", value: strictUtf8.decode(payload) };
  } catch {
    return undefined;
  }
}

/** Two's complement, most significant byte first. */
export function signedBigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}
