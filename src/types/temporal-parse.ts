import { daysInMonth, epochDayFromCivil } from "./calendar.ts";
import { LogicalValueError } from "./errors.ts";
import { floorDiv, MICROS_PER_DAY } from "./value.ts";

/** ISO texts to dates and microseconds (07 §3.4). Digits past the microsecond are cut off. */

const DATE = "([+-]?\\d{4,10})-(\\d\\d)-(\\d\\d)";
const TIME = "(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{0,9}))?)?";
const ZONE = "(Z|[+-]\\d\\d(?::?\\d\\d(?::?\\d\\d)?)?)(?:\\[[^\\]]*\\])?";

const DATE_TEXT = new RegExp(`^${DATE}$`);
const TIME_TEXT = new RegExp(`^${TIME}$`);
const LOCAL_TEXT = new RegExp(`^${DATE}T${TIME}$`, "i");
const ZONED_TEXT = new RegExp(`^${DATE}T${TIME}${ZONE}$`, "i");

export function parseDateText(text: string): number {
  const match = DATE_TEXT.exec(text);
  const day = match === null ? undefined : epochDayOf(match, 1);
  return day ?? refuse("DATE", text);
}

/** Microseconds of the day. */
export function parseTimeText(text: string): bigint {
  const match = TIME_TEXT.exec(text);
  const micros = match === null ? undefined : microsOfDayOf(match, 1);
  return micros ?? refuse("TIME", text);
}

/** Microseconds since 1970-01-01T00:00:00 of the wall clock; a zone is refused (07 §2, test 22). */
export function parseLocalDateTimeText(text: string): bigint {
  if (ZONED_TEXT.test(text)) {
    throw new LogicalValueError(`TIMESTAMP value must be timezone-naive, got: ${text.slice(0, 100)}`);
  }
  const match = LOCAL_TEXT.exec(text);
  const micros = match === null ? undefined : localMicrosOf(match);
  return micros ?? refuse("TIMESTAMP", text);
}

/** Microseconds since the epoch of the instant; `Z` or an offset is required. */
export function parseInstantText(text: string): bigint {
  const match = ZONED_TEXT.exec(text);
  const local = match === null ? undefined : localMicrosOf(match);
  const offset = offsetMicrosOf(match?.[8] ?? "");
  if (local === undefined || offset === undefined) return refuse("TIMESTAMPTZ", text);
  return local - offset;
}

function refuse(kind: string, text: string): never {
  throw new LogicalValueError(`Invalid ${kind} value: ${text.slice(0, 100)}`);
}

function localMicrosOf(match: RegExpExecArray): bigint | undefined {
  const day = epochDayOf(match, 1);
  const micros = microsOfDayOf(match, 4);
  return day === undefined || micros === undefined ? undefined : BigInt(day) * MICROS_PER_DAY + micros;
}

function epochDayOf(match: RegExpExecArray, group: number): number | undefined {
  const yearText = match[group] ?? "";
  const year = Number(yearText);
  const month = Number(match[group + 1]);
  const day = Number(match[group + 2]);
  if (!isIsoYear(yearText) || Math.abs(year) > 999_999_999) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return epochDayFromCivil({ year, month, day });
}

/** Four digits bare, more of them with `+`, negative ones with at least four; no `-0000`. */
function isIsoYear(text: string): boolean {
  if (text.startsWith("+")) return text.length > 5;
  if (text.startsWith("-")) return Number(text) !== 0 && (text.length === 5 || text[1] !== "0");
  return text.length === 4;
}

function microsOfDayOf(match: RegExpExecArray, group: number): bigint | undefined {
  const [hours, minutes, seconds] = [0, 1, 2].map((i) => Number(match[group + i] ?? 0));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const fraction = (match[group + 3] ?? "").padEnd(6, "0").slice(0, 6);
  return BigInt((hours * 60 + minutes) * 60 + seconds) * 1_000_000n + BigInt(fraction);
}

function offsetMicrosOf(text: string): bigint | undefined {
  if (text === "Z" || text === "z") return 0n;
  const digits = text.slice(1).replaceAll(":", "").padEnd(6, "0");
  const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  const total = (hours * 60 + minutes) * 60 + seconds;
  if (minutes > 59 || seconds > 59 || total > 18 * 3600) return undefined;
  const micros = BigInt(total) * 1_000_000n;
  return text.startsWith("-") ? -micros : micros;
}

/** Cuts microseconds to `precision` fraction digits, towards the past also before 1970 (07 §2). */
export function truncateMicros(micros: bigint, precision: number): bigint {
  const unit = 10n ** BigInt(6 - precision);
  return unit === 1n ? micros : floorDiv(micros, unit) * unit;
}
