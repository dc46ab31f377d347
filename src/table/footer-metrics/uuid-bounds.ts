import type { LogicalValue } from "../../types/index.ts";

type Uuid = Extract<LogicalValue, { kind: "UUID" }>;

/**
 * Parquet orders UUIDs as unsigned bytes, records as two signed halves (07 §4.1). A footer's bound is given only where it is
 * one in that order too: the high halves have one sign, and no value that shares the bound's high half can lie beyond it.
 */
export function orderedUuidBounds(min: Uuid, max: Uuid): { min?: Uuid; max?: Uuid } {
  if (isNegative(min, 0) !== isNegative(max, 0)) return {};
  const sameHighHalf = Buffer.compare(min.value.subarray(0, 8), max.value.subarray(0, 8)) === 0;
  if (sameHighHalf) return isNegative(min, 8) === isNegative(max, 8) ? { min, max } : {};
  return { ...(isNegative(min, 8) && { min }), ...(!isNegative(max, 8) && { max }) };
}

function isNegative(uuid: Uuid, half: 0 | 8): boolean {
  return (uuid.value[half] ?? 0) >= 0x80;
}
