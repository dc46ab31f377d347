/**
 * Theta sketches as values (07 §6.5): theta, and the distinct entries below it in ascending order. Union and trimming depend
 * neither on order nor on grouping. An entry is a hash shifted right by one, so it is positive and fits 63 bits.
 */
export interface ThetaSketch {
  readonly theta: bigint;
  /** Two words an entry, low word first, entries ascending and distinct, all below theta and above zero. */
  readonly entries: Uint32Array;
  /** True if no item was ever added; then there is no entry and theta is the maximum. */
  readonly empty: boolean;
}

/** theta of a sketch that holds every hash it saw: 2^63 − 1. */
export const MAX_THETA = 2n ** 63n - 1n;

/** Nominal size of every sketch that capture makes, unless `stats.ndv.theta_k` says otherwise (07 §6.1). */
export const DEFAULT_NOMINAL_ENTRIES = 4096;

export const EMPTY_THETA: ThetaSketch = { theta: MAX_THETA, entries: new Uint32Array(0), empty: true };

export function entryCount(sketch: ThetaSketch): number {
  return sketch.entries.length >>> 1;
}

/** Number of distinct items; exact while theta is at its maximum. The division comes first (07 §6.5). */
export function thetaEstimate(sketch: ThetaSketch): number {
  return entryCount(sketch) * (2 ** 63 / Number(sketch.theta));
}

/** Union with nominal size `k`; empty inputs don't count, nor does their theta (07 §6.5). */
export function unionThetas(
  sketches: Iterable<ThetaSketch>,
  k: number = DEFAULT_NOMINAL_ENTRIES,
): ThetaSketch {
  let result: ThetaSketch | undefined;
  for (const sketch of sketches) {
    if (sketch.empty) continue;
    result = mergeSorted(result ?? EMPTY_THETA, sketch, k);
  }
  return result ?? EMPTY_THETA;
}

function mergeSorted(a: ThetaSketch, b: ThetaSketch, k: number): ThetaSketch {
  const { theta } = a.theta < b.theta ? a : b;
  const thetaLow = Number(theta & 0xffffffffn);
  const thetaHigh = Number(theta >> 32n);
  const left = a.entries;
  const right = b.entries;
  const merged = new Uint32Array(Math.min(left.length + right.length, 2 * k));
  let i = 0;
  let j = 0;
  let length = 0;
  while (i < left.length || j < right.length) {
    const order = compareEntries(left, i, right, j);
    const low = (order <= 0 ? left[i] : right[j]) ?? 0;
    const high = (order <= 0 ? left[i + 1] : right[j + 1]) ?? 0;
    if (high > thetaHigh || (high === thetaHigh && low >= thetaLow)) break;
    // One more than k: the smallest entry left out becomes theta.
    if (length === 2 * k) return { theta: pairToBigint(low, high), entries: merged, empty: false };
    merged[length] = low;
    merged[length + 1] = high;
    length += 2;
    if (order <= 0) i += 2;
    if (order >= 0) j += 2;
  }
  return { theta, entries: merged.slice(0, length), empty: false };
}

/** Compares the entries at two places; an exhausted side is above everything. */
function compareEntries(left: Uint32Array, i: number, right: Uint32Array, j: number): number {
  if (i >= left.length) return 1;
  if (j >= right.length) return -1;
  const high = (left[i + 1] ?? 0) - (right[j + 1] ?? 0);
  return high !== 0 ? high : (left[i] ?? 0) - (right[j] ?? 0);
}

export function pairToBigint(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
