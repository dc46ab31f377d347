import { floorDiv, MICROS_PER_DAY } from "./value.ts";

/** Dates and times as text, proleptic Gregorian, with the year rule of 07 §3.2 and the fraction rules of 07 §3.1. */

const DAYS_PER_ERA = 146_097;
/** From 0000-03-01, the start of an era of 400 years, to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468;

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function civilFromEpochDay(epochDay: number): CivilDate {
  // Years are counted from March, so that the leap day is the last day of one.
  const days = epochDay + DAYS_TO_EPOCH;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

export function epochDayFromCivil({ year, month, day }: CivilDate): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_EPOCH;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function dateText(epochDay: number): string {
  const { year, month, day } = civilFromEpochDay(epochDay);
  return `${yearText(year)}-${pad2(month)}-${pad2(day)}`;
}

/** Four digits up to 9999, a sign outside of that (07 §3.2). */
function yearText(year: number): string {
  if (year > 9999) return `+${year}`;
  return year < 0 ? `-${(-year).toString().padStart(4, "0")}` : year.toString().padStart(4, "0");
}

/**
 * How many fraction digits are printed: `trimmed` as many as there are, `grouped` 0, 3 or 6 (TIMESTAMPTZ), or exactly the
 * precision of the type.
 */
export type FractionStyle = "trimmed" | "grouped" | number;

/** `HH:mm:ss` and fraction; seconds are always printed. */
export function timeText(microsOfDay: bigint, style: FractionStyle): string {
  const micros = Number(microsOfDay);
  const seconds = Math.floor(micros / 1_000_000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(pad2).join(":");
  return clock + fractionText(micros % 1_000_000, style);
}

function fractionText(micros: number, style: FractionStyle): string {
  const digits = micros.toString().padStart(6, "0");
  const kept =
    style === "trimmed"
      ? digits.replace(/0+$/, "")
      : style === "grouped"
        ? digits.replace(/^000000$/, "").replace(/000$/, "")
        : digits.slice(0, style);
  return kept === "" ? "" : `.${kept}`;
}

/** Date, `T` and time of microseconds since 1970-01-01T00:00:00, no zone. */
export function dateTimeText(epochMicros: bigint, style: FractionStyle): string {
  const day = floorDiv(epochMicros, MICROS_PER_DAY);
  return `${dateText(Number(day))}T${timeText(epochMicros - day * MICROS_PER_DAY, style)}`;
}

function pad2(value: number): string {
  return value.toString().padStart(2, "0");
}
