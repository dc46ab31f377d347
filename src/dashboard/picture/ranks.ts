import type { PageIndexRow } from "../../model/index.ts";
import { type Bound, type ColumnView, pageBounds } from "../../pruning/index.ts";
import type { RankedRange } from "./clustering.ts";

/** A page's range as text, as numbers where it has any, and as places in the order of the column's bounds. */
export interface RangeOfPage extends RankedRange {
  readonly min: Bound;
  readonly max: Bound;
}

/** Parallel to the rows, all of one column; undefined for a page without bounds. */
export function rankedRanges(
  rows: readonly PageIndexRow[],
  view: ColumnView | undefined,
): { readonly ranges: readonly (RangeOfPage | undefined)[]; readonly rankCount: number } {
  const bounds = rows.map((row) => pageBounds(row, view));
  const numeric = bounds.every(
    (each) => each === undefined || (each.min.number ?? each.max.number) !== undefined,
  );
  const order = numeric ? byNumber : byText;
  const distinct = new Map<string, Bound>();
  for (const each of bounds) {
    if (each === undefined) continue;
    distinct.set(each.min.text, each.min);
    distinct.set(each.max.text, each.max);
  }
  const ranks = new Map([...distinct.values()].sort(order).map((bound, rank) => [bound.text, rank]));
  return {
    rankCount: ranks.size,
    ranges: bounds.map(
      (each) => each && { ...each, low: ranks.get(each.min.text) ?? 0, high: ranks.get(each.max.text) ?? 0 },
    ),
  };
}

function byNumber(a: Bound, b: Bound): number {
  const [left, right] = [place(a), place(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function place({ number, text }: Bound): number {
  return number ?? (text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

/** UTF-16 order, that of the bounds (06 §3.6). */
function byText(a: Bound, b: Bound): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}
