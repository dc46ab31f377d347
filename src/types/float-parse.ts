import { compareDecimals, parseDecimalText } from "./decimal.ts";
import { LogicalValueError } from "./errors.ts";
import { javaTrim } from "./java-text.ts";
import type { Decimal } from "./value.ts";

/** Text to the nearest double or float (07 §2, §3.4); `NaN` and the infinities in any case. */

export function parseDoubleText(text: string): number {
  return special(text) ?? Number(decimalPart(text));
}

/** The nearest float: reading a double first and narrowing it would round twice. */
export function parseFloatText(text: string): number {
  const named = special(text);
  if (named !== undefined) return named;
  const digits = decimalPart(text);
  const double = Number(digits);
  const float = Math.fround(double);
  if (float === double || !Number.isFinite(double)) return float;
  // Narrowing went wrong only if the double sits exactly between two floats and the text does not.
  const chosen = Number.isFinite(float) ? float : Math.sign(float) * FLOAT_OVERFLOW;
  const other = neighbour(chosen, double > chosen);
  if (double - chosen !== other - double) return float;
  const side = compareDecimals(parseDecimalText(digits), exactDecimal(double));
  return side !== 0 && side > 0 === other > double ? Math.fround(other) : float;
}

function special(text: string): number | undefined {
  switch (javaTrim(text).toLowerCase()) {
    case "nan":
      return Number.NaN;
    case "infinity":
    case "+infinity":
      return Number.POSITIVE_INFINITY;
    case "-infinity":
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

function decimalPart(text: string): string {
  const digits = javaTrim(text).replace(/[fFdD]$/, "");
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(digits)) {
    throw new LogicalValueError(`Invalid floating-point value: ${text.slice(0, 100)}`);
  }
  return digits;
}

/** 2^128 stands for infinity: halfway from the largest float to it is where rounding to infinity starts. */
const FLOAT_OVERFLOW = 2 ** 128;
const MAX_FLOAT = 3.4028234663852886e38;
const MIN_FLOAT = 1.401298464324817e-45;

const floatView = new Float32Array(1);
const intView = new Int32Array(floatView.buffer);

/** The next float above or below. */
function neighbour(float: number, above: boolean): number {
  if (Math.abs(float) === FLOAT_OVERFLOW) return Math.sign(float) * MAX_FLOAT;
  if (float === 0) return above ? MIN_FLOAT : -MIN_FLOAT;
  floatView[0] = float;
  intView[0] = (intView[0] ?? 0) + (above === float > 0 ? 1 : -1);
  const next = floatView[0] ?? 0;
  return Number.isFinite(next) ? next : Math.sign(next) * FLOAT_OVERFLOW;
}

/** The exact decimal that a finite double is. */
function exactDecimal(value: number): Decimal {
  let scale = 0;
  let scaled = value;
  // Doubling is exact; a double has at most 1074 binary places.
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    scale++;
  }
  return { unscaled: BigInt(scaled) * 5n ** BigInt(scale), scale };
}
