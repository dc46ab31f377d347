import type { SchemaLeaf, TimeUnit } from "../../parquet/index.ts";
import { floorDiv, MICROS_PER_DAY } from "../../types/index.ts";
import { storedInteger, viewOf } from "./physical-values.ts";

/** File and table contradict each other about a column: the file fails with this text (05 §7.3). */
export class StatisticsMismatchError extends Error {
  override readonly name = "StatisticsMismatchError";
}

const JULIAN_EPOCH_DAY = 2_440_588n;

/** Microseconds since the epoch of an instant, or of a local date-time (05 §7.3). */
export function timestampMicros(
  leaf: SchemaLeaf,
  bytes: Uint8Array,
  expected: { readonly adjustedToUtc: boolean },
): bigint | undefined {
  if (leaf.physicalType === "INT96") return int96Micros(bytes);
  if (leaf.physicalType !== "INT64") return undefined;
  const { annotation } = leaf;
  const stored = storedInteger(leaf, bytes);
  if (annotation?.kind === "TIMESTAMP") {
    if (annotation.adjustedToUtc !== expected.adjustedToUtc) {
      throw new StatisticsMismatchError(
        `TIMESTAMP stats annotation mismatch: adjustedToUTC=${annotation.adjustedToUtc} ` +
          `expected=${expected.adjustedToUtc}`,
      );
    }
    return stored === undefined ? undefined : toMicros(stored, annotation.unit);
  }
  // Without an annotation, or with a plain integer's, the reference reads microseconds.
  const plain = annotation === undefined || (annotation.kind === "INTEGER" && annotation.signed);
  return plain ? stored : undefined;
}

/** Microseconds of the day; out of the day is no bound (05 T16). */
export function timeOfDay(leaf: SchemaLeaf, bytes: Uint8Array): bigint | undefined {
  const { annotation } = leaf;
  if (annotation?.kind !== "TIME") {
    throw new StatisticsMismatchError("TIME stats require Parquet TIME logical annotation");
  }
  const stored = storedInteger(leaf, bytes);
  if (stored === undefined) return undefined;
  const micros = toMicros(stored, annotation.unit);
  return micros >= 0n && micros < MICROS_PER_DAY ? micros : undefined;
}

function toMicros(value: bigint, unit: TimeUnit): bigint {
  switch (unit) {
    case "MILLIS":
      return value * 1000n;
    case "MICROS":
      return value;
    case "NANOS":
      return floorDiv(value, 1000n);
  }
}

/** Nanoseconds of the day and Julian day, both little-endian. */
function int96Micros(bytes: Uint8Array): bigint {
  if (bytes.length !== 12) {
    throw new StatisticsMismatchError(`TIMESTAMP INT96 stats must be 12 bytes, got ${bytes.length}`);
  }
  const view = viewOf(bytes);
  const nanosOfDay = view.getBigInt64(0, true);
  const julianDay = BigInt(view.getInt32(8, true));
  return (julianDay - JULIAN_EPOCH_DAY) * MICROS_PER_DAY + floorDiv(nanosOfDay, 1000n);
}
