/**
 * How well a column is clustered: 1 minus the share of the other pages whose range of values overlaps a page's own, averaged over
 * the pages. 1 means that no two pages share a value, so that a look-up of one value needs one page; 0 that every page overlaps
 * every other, so that it needs them all. Only the order of the values counts, so it is the same measure for texts and numbers.
 */
export interface RankedRange {
  /** Places of minimum and maximum in the order of the column's bounds. */
  readonly low: number;
  readonly high: number;
}

/** Undefined for fewer than two ranges, which have nothing to overlap. */
export function clustering(ranges: readonly RankedRange[]): number | undefined {
  const count = ranges.length;
  if (count < 2) return undefined;
  const lows = Float64Array.from(ranges, ({ low }) => low).sort();
  const highs = Float64Array.from(ranges, ({ high }) => high).sort();
  let overlapping = 0;
  for (const { low, high } of ranges) {
    const endBefore = countBelow(highs, low);
    const beginAfter = count - countUpTo(lows, high);
    // Itself is no other page.
    overlapping += count - endBefore - beginAfter - 1;
  }
  return 1 - overlapping / (count * (count - 1));
}

function countBelow(sorted: Float64Array, value: number): number {
  return partition(sorted, (each) => each < value);
}

function countUpTo(sorted: Float64Array, value: number): number {
  return partition(sorted, (each) => each <= value);
}

function partition(sorted: Float64Array, isBefore: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
