import type { PageIndexRow } from "../model/index.ts";
import { floorDiv, type LogicalValue, valueText } from "../types/index.ts";
import type { ColumnView } from "./column-view.ts";

/** One end of a page's range, for a reader and for an axis. */
export interface Bound {
  readonly text: string;
  /** Undefined for text, and where a double has no room for it. */
  readonly number: number | undefined;
}

/** Undefined where the page has no values, or NaN for bounds, which says nothing (06 §3.6). */
export function pageBounds(
  { bounds, decimal }: PageIndexRow,
  view: ColumnView | undefined,
): { readonly min: Bound; readonly max: Bound } | undefined {
  switch (bounds?.kind) {
    case undefined:
      return undefined;
    case "utf8":
      return { min: { text: bounds.min, number: undefined }, max: { text: bounds.max, number: undefined } };
    case "bool":
      return { min: boolean(bounds.min), max: boolean(bounds.max) };
    case "f32":
    case "f64":
      if (Number.isNaN(bounds.min) || Number.isNaN(bounds.max)) return undefined;
      return { min: float(bounds.min), max: float(bounds.max) };
    case "i32":
      return rawRange(BigInt(bounds.min), BigInt(bounds.max), 32, view);
    case "i64":
      return rawRange(bounds.min, bounds.max, 64, view);
    case "decimal128":
    case "decimal256": {
      const scale = decimal?.scale ?? 0;
      return { min: decimalBound(bounds.min, scale), max: decimalBound(bounds.max, scale) };
    }
  }
}

function boolean(value: boolean): Bound {
  return { text: String(value), number: Number(value) };
}

function float(value: number): Bound {
  return { text: String(value), number: Number.isFinite(value) ? value : undefined };
}

/** QUIRK (06 §3.6): unsigned values were compared as signed; a range that holds both signs is then no range. */
function rawRange(
  min: bigint,
  max: bigint,
  bits: 32 | 64,
  view: ColumnView | undefined,
): { readonly min: Bound; readonly max: Bound } {
  if (view?.kind === "integer" && !view.signed && min < 0n) {
    const wrap = 1n << BigInt(bits);
    return max < 0n ? integers(min + wrap, max + wrap) : integers(0n, wrap - 1n);
  }
  const bound = (raw: bigint): Bound => ({ text: rawText(raw, view), number: Number(raw) });
  return { min: bound(min), max: bound(max) };
}

function integers(min: bigint, max: bigint) {
  return { min: { text: String(min), number: Number(min) }, max: { text: String(max), number: Number(max) } };
}

function rawText(raw: bigint, view: ColumnView | undefined): string {
  switch (view?.kind) {
    case "date":
      return valueText({ kind: "DATE", value: Number(raw) });
    case "time":
      return valueText({ kind: "TIME", value: micros(raw, view.perSecond) });
    case "timestamp": {
      const value: LogicalValue = {
        kind: view.utc ? "TIMESTAMPTZ" : "TIMESTAMP",
        value: micros(raw, view.perSecond),
      };
      return valueText(value).replace("T", " ");
    }
    default:
      return String(raw);
  }
}

function micros(raw: bigint, perSecond: bigint): bigint {
  return floorDiv(raw * 1_000_000n, perSecond);
}

function decimalBound(bytes: Uint8Array, scale: number): Bound {
  let unscaled = 0n;
  for (const byte of bytes) unscaled = (unscaled << 8n) | BigInt(byte);
  unscaled = BigInt.asIntN(bytes.length * 8, unscaled);
  const text = valueText({ kind: "DECIMAL", value: { unscaled, scale } });
  return { text, number: Number(text) };
}
