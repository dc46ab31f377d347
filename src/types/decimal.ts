import { LogicalValueError } from "./errors.ts";
import type { Decimal } from "./value.ts";

/** Decimals: reading any Java decimal text, plain notation without trailing zeros, numeric order (07 §3.1, §3.4, §4.1). */

/** A longer text is no bound that a writer makes; refusing it keeps hostile records from costing quadratic time. */
const MAX_DECIMAL_TEXT = 4096;

/** Digits that plain notation may have: a scale of −2³¹ is legal in a text but must not size an allocation. */
const MAX_PLAIN_DIGITS = 4096;

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/;

export function parseDecimalText(text: string): Decimal {
  const match = text.length <= MAX_DECIMAL_TEXT ? DECIMAL_TEXT.exec(text) : null;
  const integer = match?.[2] ?? "";
  const fraction = match?.[3] ?? "";
  if (match === null || integer.length + fraction.length === 0) {
    throw new LogicalValueError(`Invalid DECIMAL value: ${text.slice(0, 100)}`);
  }
  const magnitude = BigInt(integer + fraction);
  const scale = fraction.length - Number(match[4] ?? 0);
  if (Math.abs(scale) > 0x7fffffff) {
    throw new LogicalValueError(`Invalid DECIMAL value, exponent out of range: ${text.slice(0, 100)}`);
  }
  return { unscaled: match[1] === "-" ? -magnitude : magnitude, scale };
}

/** Plain notation, trailing zeros stripped, every zero as `0` (07 §3.1). */
export function plainDecimalText(decimal: Decimal): string {
  const { unscaled, scale } = decimal;
  if (unscaled === 0n) return "0";
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  if (Math.abs(scale) + digits.length > MAX_PLAIN_DIGITS) {
    throw new LogicalValueError(`DECIMAL of ${digits.length} digits and scale ${scale} is too long to print`);
  }
  if (scale <= 0) return `${sign}${digits}${"0".repeat(-scale)}`;
  const padded = digits.padStart(scale + 1, "0");
  const fraction = padded.slice(-scale).replace(/0+$/, "");
  const integer = padded.slice(0, -scale);
  return fraction === "" ? `${sign}${integer}` : `${sign}${integer}.${fraction}`;
}

/** Numeric order, scale ignored. Scales far apart are told apart by magnitude, without writing out the zeros. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signA = signum(a.unscaled);
  const signB = signum(b.unscaled);
  if (signA !== signB || signA === 0) return signA - signB;
  const magnitudeA = digitCount(a.unscaled) - a.scale;
  const magnitudeB = digitCount(b.unscaled) - b.scale;
  if (magnitudeA !== magnitudeB) return magnitudeA < magnitudeB ? -signA : signA;
  // Same magnitude: the scales differ by no more than the digits do.
  const left = a.unscaled * 10n ** BigInt(Math.max(0, b.scale - a.scale));
  const right = b.unscaled * 10n ** BigInt(Math.max(0, a.scale - b.scale));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The whole number that the decimal is, or undefined if it has a fraction or can't be an int64. */
export function wholeNumber(decimal: Decimal): bigint | undefined {
  const { unscaled, scale } = decimal;
  if (unscaled === 0n || scale === 0) return unscaled;
  if (scale < 0) return digitCount(unscaled) - scale > 19 ? undefined : unscaled * 10n ** BigInt(-scale);
  if (scale > digitCount(unscaled)) return undefined;
  const divisor = 10n ** BigInt(scale);
  return unscaled % divisor === 0n ? unscaled / divisor : undefined;
}

function signum(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

function digitCount(value: bigint): number {
  return value < 0n ? value.toString().length - 1 : value.toString().length;
}
