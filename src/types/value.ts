/**
 * A value of a logical type, tagged with its kind, as plain data. Only minima and maxima become one of these: scans never
 * make an object per value. Temporal values count in microseconds, dates in days, both from 1970-01-01 (proleptic Gregorian).
 */
export type LogicalValue =
  | { readonly kind: "BOOLEAN"; readonly value: boolean }
  | { readonly kind: "INT"; readonly value: bigint }
  | { readonly kind: "FLOAT" | "DOUBLE"; readonly value: number }
  | { readonly kind: "DECIMAL"; readonly value: Decimal }
  | { readonly kind: "STRING"; readonly value: string }
  | { readonly kind: "BINARY"; readonly value: Uint8Array }
  /** 16 bytes, big-endian: the order in which the text form shows them. */
  | { readonly kind: "UUID"; readonly value: Uint8Array }
  /** Epoch day. */
  | { readonly kind: "DATE"; readonly value: number }
  /** Microseconds of the day (TIME), of the UTC wall clock (TIMESTAMP) or of the instant (TIMESTAMPTZ). */
  | { readonly kind: "TIME" | "TIMESTAMP" | "TIMESTAMPTZ"; readonly value: bigint };

/** unscaled × 10^-scale. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

export const MIN_INT64 = -(2n ** 63n);
export const MAX_INT64 = 2n ** 63n - 1n;

export const MICROS_PER_DAY = 86_400_000_000n;

/** Quotient rounded towards minus infinity: how nanoseconds become microseconds, also before 1970 (07 §1.5). */
export function floorDiv(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor !== dividend && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}
