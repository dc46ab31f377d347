/**
 * How the raw integers of a column are to be read. A sidecar keeps them as they are in the data file, without annotation, and
 * compares unsigned ones as signed (06 §2.3, §3.6): what they mean comes from the data file's footer, or, where only the capture
 * is at hand, is concluded from the file's own statistics, and left open where these don't settle it.
 */
import type { PageIndexRow } from "../model/index.ts";
import { floorDiv, type LogicalType, type LogicalValue } from "../types/index.ts";

export type ColumnView =
  | { readonly kind: "integer"; readonly signed: boolean }
  | { readonly kind: "date" }
  | { readonly kind: "time"; readonly perSecond: bigint }
  /** `utc`: an instant; otherwise the time of a wall clock. */
  | { readonly kind: "timestamp"; readonly perSecond: bigint; readonly utc: boolean };

/** Of one data file, by the column's name in the sidecar. */
export type ColumnViews = ReadonlyMap<string, ColumnView>;

const UNITS_PER_SECOND = [1_000n, 1_000_000n, 1_000_000_000n];

/** Smallest and largest raw integer over the pages of one column of one file. */
export interface RawRange {
  readonly min: bigint;
  readonly max: bigint;
  readonly bits: 32 | 64;
}

/** By column; columns that don't hold integers, or no values, are absent. */
export function rawRanges(rows: Iterable<PageIndexRow>): Map<string, RawRange> {
  const ranges = new Map<string, RawRange>();
  for (const { columnName, bounds } of rows) {
    if (bounds?.kind !== "i32" && bounds?.kind !== "i64") continue;
    const min = BigInt(bounds.min);
    const max = BigInt(bounds.max);
    const known = ranges.get(columnName);
    ranges.set(columnName, {
      min: known === undefined || min < known.min ? min : known.min,
      max: known === undefined || max > known.max ? max : known.max,
      bits: bounds.kind === "i32" ? 32 : 64,
    });
  }
  return ranges;
}

/**
 * The one reading of the raw values that agrees with the file's own minimum and maximum of a column, both of which must be
 * exact; undefined if none or more than one does.
 */
export function concludeView(
  type: LogicalType,
  raw: RawRange,
  file: { readonly min: LogicalValue | undefined; readonly max: LogicalValue | undefined },
): ColumnView | undefined {
  if (type.kind === "DATE") return raw.bits === 32 ? { kind: "date" } : undefined;
  const min = integerOf(file.min);
  const max = integerOf(file.max);
  if (min === undefined || max === undefined) return undefined;
  switch (type.kind) {
    case "INT":
      return concludeSign(raw, min, max);
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ": {
      const fitting = UNITS_PER_SECOND.filter(
        (perSecond) => micros(raw.min, perSecond) === min && micros(raw.max, perSecond) === max,
      );
      const [perSecond] = fitting;
      if (perSecond === undefined || fitting.length > 1) return undefined;
      return type.kind === "TIME"
        ? { kind: "time", perSecond }
        : { kind: "timestamp", perSecond, utc: type.kind === "TIMESTAMPTZ" };
    }
    default:
      return undefined;
  }
}

function concludeSign(raw: RawRange, min: bigint, max: bigint): ColumnView | undefined {
  if (raw.min >= 0n || (raw.min === min && raw.max === max)) return { kind: "integer", signed: true };
  return min >= 0n ? { kind: "integer", signed: false } : undefined;
}

function micros(raw: bigint, perSecond: bigint): bigint {
  return floorDiv(raw * 1_000_000n, perSecond);
}

function integerOf(value: LogicalValue | undefined): bigint | undefined {
  switch (value?.kind) {
    case "INT":
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return value.value;
    default:
      return undefined;
  }
}
