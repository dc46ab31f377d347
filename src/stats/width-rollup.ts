import type { ColumnStats } from "../model/index.ts";
import { isJavaBlank } from "../types/index.ts";

/** Weighted mean of average widths, rounded up at every level (07 §9.3; the rounding is not to be "fixed" by fractions). */

/** Property that carries the rows behind a rolled-up width to the next level. */
export const WIDTH_WEIGHT_PROPERTY = "floecat.rollup.avg_width_weight_rows";

export interface WidthRollup {
  readonly avgWidthBytes: bigint;
  readonly weightRows: bigint;
}

export interface WidthSum {
  add(contributor: ColumnStats): void;
  /** Undefined if no contributor has a width and rows to weigh it by. */
  result(): WidthRollup | undefined;
}

export function createWidthSum(): WidthSum {
  let bytes = 0n;
  let weightRows = 0n;
  return {
    add({ avgWidthBytes = 0n, rowCount, properties }) {
      if (avgWidthBytes <= 0n || rowCount <= 0n) return;
      const weight = weightOf(properties[WIDTH_WEIGHT_PROPERTY], rowCount);
      if (weight === undefined) return;
      bytes += avgWidthBytes * weight;
      weightRows += weight;
    },
    result() {
      if (weightRows === 0n) return undefined;
      const mean = (bytes + weightRows - 1n) / weightRows;
      return { avgWidthBytes: mean > 1n ? mean : 1n, weightRows };
    },
  };
}

/** The weight a partial names, else the row count; undefined for a weight that can't be read or is negative. */
function weightOf(property: string | undefined, rowCount: bigint): bigint | undefined {
  if (property === undefined || isJavaBlank(property)) return rowCount;
  if (!/^\+?\d{1,19}$/.test(property)) return undefined;
  const weight = BigInt(property.replace("+", ""));
  return weight < 2n ** 63n ? weight : undefined;
}
