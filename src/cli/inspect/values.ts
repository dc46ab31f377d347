import type { PageIndexRow } from "../../model/index.ts";
import { keepStart } from "../terminal/format.ts";

const MAX_TEXT = 28;
const MICROS_PER_DAY = 86_400_000_000n;

/** How a reader sees the values of a page's bounds: by the column's annotation, where it is known. */
export type BoundView =
  | { readonly kind: "plain" }
  | { readonly kind: "date" }
  /** Units in a second. */
  | { readonly kind: "timestamp"; readonly perSecond: bigint; readonly utc: boolean };

/** Minimum and maximum as text for a table; `–` when the page has none. */
export function boundTexts(
  row: PageIndexRow,
  view: BoundView = { kind: "plain" },
): readonly [string, string] {
  const { bounds } = row;
  if (bounds === undefined) return ["–", "–"];
  switch (bounds.kind) {
    case "utf8":
      return [quoted(bounds.min), quoted(bounds.max)];
    case "decimal128":
    case "decimal256":
      return [decimalText(bounds.min, row), decimalText(bounds.max, row)];
    case "f32":
    case "f64":
      return [floatText(bounds.min), floatText(bounds.max)];
    case "bool":
      return [String(bounds.min), String(bounds.max)];
    case "i32":
    case "i64":
      return [integerText(BigInt(bounds.min), view), integerText(BigInt(bounds.max), view)];
  }
}

/** The same for `--json`: numbers that JSON can't hold exactly are strings. */
export function boundJson(row: PageIndexRow): { readonly min: unknown; readonly max: unknown } | null {
  const { bounds } = row;
  if (bounds === undefined) return null;
  switch (bounds.kind) {
    case "i64":
      return { min: String(bounds.min), max: String(bounds.max) };
    case "f32":
    case "f64":
      return { min: floatJson(bounds.min), max: floatJson(bounds.max) };
    case "decimal128":
    case "decimal256":
      return { min: decimalText(bounds.min, row), max: decimalText(bounds.max, row) };
    default:
      return { min: bounds.min, max: bounds.max };
  }
}

function quoted(text: string): string {
  return keepStart(JSON.stringify(text), MAX_TEXT);
}

function floatText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function floatJson(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : floatText(value);
}

/** Big-endian two's complement with the column's scale. */
function decimalText(bytes: Uint8Array, row: PageIndexRow): string {
  let unscaled = 0n;
  for (const byte of bytes) unscaled = (unscaled << 8n) | BigInt(byte);
  unscaled = BigInt.asIntN(bytes.length * 8, unscaled);
  const scale = row.decimal?.scale ?? 0;
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function integerText(value: bigint, view: BoundView): string {
  if (view.kind === "date") return isoDate(value) ?? String(value);
  if (view.kind === "timestamp") return isoTimestamp(value, view) ?? String(value);
  return String(value);
}

function isoDate(days: bigint): string | undefined {
  const date = new Date(Number(days) * 86_400_000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/T.*$/, "");
}

function isoTimestamp(value: bigint, view: { perSecond: bigint; utc: boolean }): string | undefined {
  const micros = (value * 1_000_000n) / view.perSecond;
  const dayMicros = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const date = isoDate((micros - dayMicros) / MICROS_PER_DAY);
  if (date === undefined) return undefined;
  const pad = (part: bigint, width = 2) => part.toString().padStart(width, "0");
  const second = dayMicros / 1_000_000n;
  const fraction = dayMicros % 1_000_000n === 0n ? "" : `.${pad(dayMicros % 1_000_000n, 6)}`;
  return `${date}T${pad(second / 3600n)}:${pad((second / 60n) % 60n)}:${pad(second % 60n)}${fraction}${view.utc ? "Z" : ""}`;
}
