/** Rows of one row group as ascending, disjoint, non-adjacent ranges `[first, end)`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

export type RowRanges = readonly RowRange[];

export function allRows(rowCount: number): RowRanges {
  return rowCount > 0 ? [{ first: 0, end: rowCount }] : [];
}

export function countRows(ranges: RowRanges): number {
  return ranges.reduce((sum, range) => sum + range.end - range.first, 0);
}

/** Of ranges in any order, which may touch and overlap. */
export function union(...parts: readonly RowRanges[]): RowRanges {
  const sorted = parts
    .flat()
    .filter((range) => range.end > range.first)
    .sort((a, b) => a.first - b.first);
  const merged: { first: number; end: number }[] = [];
  for (const { first, end } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && first <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ first, end });
  }
  return merged;
}

export function intersect(a: RowRanges, b: RowRanges): RowRanges {
  const common: RowRange[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return common;
    const first = Math.max(left.first, right.first);
    const end = Math.min(left.end, right.end);
    if (first < end) common.push({ first, end });
    if (left.end < right.end) i++;
    else j++;
  }
}

/** The rows of `[0, rowCount)` that lie in none of the ranges. */
export function without(rowCount: number, ranges: RowRanges): RowRanges {
  const left: RowRange[] = [];
  let first = 0;
  for (const range of union(ranges)) {
    if (range.first > first) left.push({ first, end: Math.min(range.first, rowCount) });
    first = Math.max(first, range.end);
  }
  if (first < rowCount) left.push({ first, end: rowCount });
  return left;
}

/** Whether any row of `[first, end)` is among the ranges. */
export function overlaps(ranges: RowRanges, first: number, end: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.end ?? 0) <= first) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.first < end;
}
