/**
 * Float and double text of Java 19 and later (07 §3.3): the fewest digits, at least two, that read back as the same number,
 * the nearest of those, laid out plainly between 10⁻³ and 10⁷ and with an exponent elsewhere.
 */

/** `Double.toString`, zeros as `0.0` and `-0.0`. */
export function javaDoubleText(value: number): string {
  return signedText(value, doubleDigits);
}

/** `Float.toString` of a value that is exactly a float, zeros as `0.0` and `-0.0`. */
export function javaFloatText(value: number): string {
  return signedText(Math.fround(value), floatDigits);
}

/** digits × 10^(exponent − digits.length + 1): `exponent` is that of the first digit. */
interface ShortestDecimal {
  readonly digits: string;
  readonly exponent: number;
}

function signedText(value: number, digitsOf: (value: number) => ShortestDecimal): string {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}Infinity`;
  if (magnitude === 0) return `${sign}0.0`;
  return sign + layout(digitsOf(magnitude));
}

function layout({ digits, exponent }: ShortestDecimal): string {
  if (exponent < -3 || exponent >= 7) return `${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const integer = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${integer}.${digits.slice(exponent + 1) || "0"}`;
}

/**
 * JavaScript's shortest text has the same digits, except that it may stop at one where two are nearer to the value, which
 * only happens to subnormals.
 */
function doubleDigits(value: number): ShortestDecimal {
  const shortest = splitExponential(value.toExponential());
  return shortest.digits.length > 1 ? shortest : splitExponential(value.toExponential(1));
}

function splitExponential(text: string): ShortestDecimal {
  const [mantissa = "", exponent] = text.split("e");
  const digits = mantissa.replace(".", "").replace(/0+$/, "");
  return { digits, exponent: Number(exponent) };
}

const floatBits = new DataView(new ArrayBuffer(4));

function floatDigits(value: number): ShortestDecimal {
  floatBits.setFloat32(0, value);
  const bits = floatBits.getUint32(0);
  const biased = bits >>> 23;
  const fraction = bits & 0x7fffff;
  const subnormal = biased === 0;
  return shortestDecimal({
    significand: BigInt(subnormal ? fraction : fraction | 0x800000),
    exponent: (subnormal ? 1 : biased) - 150,
    lowerGapIsHalf: fraction === 0 && biased > 1,
  });
}

/** significand × 2^exponent; the gap below is half the gap above at a power of two. */
export interface BinaryFloat {
  readonly significand: bigint;
  readonly exponent: number;
  readonly lowerGapIsHalf: boolean;
}

/** The rule of 07 §3.3 as written, in exact arithmetic. */
export function shortestDecimal(float: BinaryFloat): ShortestDecimal {
  const { significand, exponent, lowerGapIsHalf } = float;
  // Everything in quarters of a unit in the last place, over a common denominator: value, and the ends of the interval that
  // rounds to it. The ends belong to it if the significand is even (ties go to even).
  const scaleUp = exponent > 2 ? 1n << BigInt(exponent - 2) : 1n;
  const denominator = exponent < 2 ? 1n << BigInt(2 - exponent) : 1n;
  const value = 4n * significand * scaleUp;
  const low = value - (lowerGapIsHalf ? 1n : 2n) * scaleUp;
  const high = value + 2n * scaleUp;
  const closed = significand % 2n === 0n;
  const first = decimalExponent(value, denominator);
  for (let digitCount = 2; ; digitCount++) {
    const unit = first - digitCount + 1;
    const up = unit < 0 ? 10n ** BigInt(-unit) : 1n;
    const down = denominator * (unit > 0 ? 10n ** BigInt(unit) : 1n);
    const inside = (n: bigint) => {
      const scaled = n * down;
      return closed ? low * up <= scaled && scaled <= high * up : low * up < scaled && scaled < high * up;
    };
    const below = (value * up) / down;
    const candidates = [below, below + 1n].filter(inside);
    if (candidates.length === 0) continue;
    const best = nearest(candidates, value * up, down);
    const digits = best.toString();
    return { digits: digits.replace(/0+$/, ""), exponent: unit + digits.length - 1 };
  }
}

function nearest(candidates: readonly bigint[], value: bigint, unit: bigint): bigint {
  const [below = 0n, above] = candidates;
  if (above === undefined) return below;
  const toBelow = value - below * unit;
  const toAbove = above * unit - value;
  if (toBelow === toAbove) return below % 2n === 0n ? below : above;
  return toBelow < toAbove ? below : above;
}

/** Exponent of the first decimal digit of numerator / denominator. */
function decimalExponent(numerator: bigint, denominator: bigint): number {
  let exponent = numerator.toString().length - denominator.toString().length;
  const atLeast = (e: number) =>
    e >= 0 ? numerator >= denominator * 10n ** BigInt(e) : numerator * 10n ** BigInt(-e) >= denominator;
  while (!atLeast(exponent)) exponent--;
  return exponent;
}
