/**
 * Columns whose bounds are raw integers: numbers, signed or not, dates, times, timestamps. Where the view isn't known, a number
 * is decided only if both signs agree, a text only if the width of the integers leaves one meaning.
 */
import type { PageBounds } from "../model/index.ts";
import { type Decimal, floorDiv, MICROS_PER_DAY } from "../types/index.ts";
import { type BoundsTest, Undecided } from "./bounds-test.ts";
import type { ColumnView } from "./column-view.ts";
import { describeLiteral, type NumberText, numberOf } from "./literal.ts";
import { compareOrdered, noRowPasses, type Span } from "./ordered.ts";
import type { Literal, Operator } from "./predicate.ts";
import { readTime, readTimestamp, type TemporalLiteral } from "./temporal.ts";

type Bits = 32 | 64;

export function integerTest(
  operator: Operator,
  literal: Literal,
  bits: Bits,
  view: ColumnView | undefined,
): BoundsTest | Undecided {
  if (literal.kind === "boolean") {
    return new Undecided(`${describeLiteral(literal)} does not compare with integers, dates or times`);
  }
  if (view === undefined || view.kind === "integer") {
    const number = numberOf(literal);
    if (number !== undefined) return numberTest(operator, literal, number, bits, view?.signed);
    if (view !== undefined)
      return new Undecided(`${describeLiteral(literal)} does not compare with integers`);
  } else if (literal.kind === "number") {
    const example =
      view.kind === "date" ? "'2026-03-01'" : view.kind === "time" ? "'06:30:00'" : "'2026-03-01 06:30:00'";
    return new Undecided(`${literal.text} does not compare with a ${view.kind}: write it like ${example}`);
  }
  const text = literal.kind === "string" ? literal.text : "";
  return temporalTest(operator, text, bits, view);
}

function numberTest(
  operator: Operator,
  literal: Literal,
  number: NumberText,
  bits: Bits,
  signed: boolean | undefined,
): BoundsTest | Undecided {
  const doubled = doubledInteger(number.value);
  // Engines round such a text to a whole number.
  if (literal.kind === "string" && doubled % 2n !== 0n) {
    return new Undecided(`${describeLiteral(literal)} is no whole number`);
  }
  const span = { low: doubled, high: doubled };
  const nothingIn = (min: bigint, max: bigint) =>
    noRowPasses(operator, { min: 2n * min, max: 2n * max }, span, compareOrdered<bigint>);
  return (bounds) => {
    const [min, max] = rawBounds(bounds);
    if (min === undefined || max === undefined) return false;
    // Both readings agree on a page without negative bounds.
    if (signed === true || min >= 0n) return nothingIn(min, max);
    if (signed === undefined && !nothingIn(min, max)) return false;
    return nothingUnsigned(min, max, bits, nothingIn);
  };
}

/** QUIRK (06 §3.6): bounds of unsigned integers were compared as signed. What those with a negative one say of the values: */
function nothingUnsigned(
  min: bigint,
  max: bigint,
  bits: Bits,
  nothingIn: (min: bigint, max: bigint) => boolean,
): boolean {
  const wrap = 1n << BigInt(bits);
  if (max < 0n) return nothingIn(min + wrap, max + wrap);
  return nothingIn(0n, max) && nothingIn(min + wrap, wrap - 1n);
}

/** Beyond every 64-bit integer, whatever its sign. */
const BEYOND = 1n << 70n;

/** Twice the number, with an odd result for everything between two integers: the order against whole numbers stays exact. */
function doubledInteger({ unscaled, scale }: Decimal): bigint {
  if (unscaled === 0n) return 0n;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length;
  if (digits - scale > 21) return unscaled < 0n ? -BEYOND : BEYOND;
  if (scale <= 0) return 2n * unscaled * 10n ** BigInt(-scale);
  if (scale > digits) return unscaled < 0n ? -1n : 1n;
  const divisor = 10n ** BigInt(scale);
  const floor = floorDiv(unscaled, divisor);
  return 2n * floor + (floor * divisor === unscaled ? 0n : 1n);
}

function temporalTest(
  operator: Operator,
  text: string,
  bits: Bits,
  view: ColumnView | undefined,
): BoundsTest | Undecided {
  const reading = temporalReading(text, bits, view);
  if (reading instanceof Undecided) return reading;
  const { literal, microsPerUnit } = reading;
  return (bounds) => {
    const [min, max] = rawBounds(bounds);
    if (min === undefined || max === undefined) return false;
    // In units of 10⁻¹² s, so that nanoseconds stay whole.
    const page = { min: min * microsPerUnit.times, max: max * microsPerUnit.times };
    const span = { low: literal.low * microsPerUnit.scale, high: literal.high * microsPerUnit.scale };
    return noRowPasses(operator, page, span, compareOrdered<bigint>);
  };
}

interface TemporalReading {
  /** In microseconds. */
  readonly literal: Span<bigint>;
  /** A unit of the column is `times / scale` microseconds. */
  readonly microsPerUnit: { readonly times: bigint; readonly scale: bigint };
}

function temporalReading(
  text: string,
  bits: Bits,
  view: ColumnView | undefined,
): TemporalReading | Undecided {
  const shown = `'${text.slice(0, 60)}'`;
  const kind = view?.kind ?? (bits === 32 ? (readTime(text) === undefined ? "date" : "time") : undefined);
  switch (kind) {
    case "date": {
      const literal = readTimestamp(text);
      if (literal === undefined) return new Undecided(`${shown} is no date like '2026-03-01'`);
      return { literal: dayOrTime(literal), microsPerUnit: { times: MICROS_PER_DAY, scale: 1n } };
    }
    case "time": {
      const literal = readTime(text);
      if (literal === undefined) return new Undecided(`${shown} is no time like '06:30:00'`);
      return {
        literal: literal.micros,
        microsPerUnit: perUnit(view?.kind === "time" ? view.perSecond : 1_000n),
      };
    }
    case "timestamp": {
      const literal = readTimestamp(text);
      if (literal === undefined || view?.kind !== "timestamp") {
        return new Undecided(`${shown} is no timestamp like '2026-03-01 06:30:00'`);
      }
      if (literal.zoned && !view.utc) {
        return new Undecided(`${shown} names a time zone, and the column's times have none`);
      }
      return { literal: literal.micros, microsPerUnit: perUnit(view.perSecond) };
    }
    default:
      return new Undecided(
        `${shown} does not compare with integers, and whether these are timestamps, and in which unit, is not known`,
      );
  }
}

/** Engines compare a date with the point in time, or with its day. */
function dayOrTime({ micros }: TemporalLiteral): Span<bigint> {
  return { low: floorDiv(micros.low, MICROS_PER_DAY) * MICROS_PER_DAY, high: micros.high };
}

function perUnit(perSecond: bigint): TemporalReading["microsPerUnit"] {
  return { times: 1_000_000n, scale: perSecond };
}

function rawBounds(bounds: PageBounds): readonly [bigint, bigint] | readonly [undefined, undefined] {
  return bounds.kind === "i32" || bounds.kind === "i64"
    ? [BigInt(bounds.min), BigInt(bounds.max)]
    : [undefined, undefined];
}
