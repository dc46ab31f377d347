import { type ColumnStats, type StatsMetadata, TableError } from "../model/index.ts";
import {
  isJavaBlank,
  type LogicalType,
  LogicalTypeError,
  mergeBound,
  parseLogicalType,
} from "../types/index.ts";
import { type NdvRollup, rollUpNdvChunked, rollUpNdvInline } from "./ndv-rollup.ts";
import { createWidthSum, WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";

/**
 * One COLUMN value from the values of files or partials (07 §9.3), and how inline does it (07 §9.5). Contributors are taken one
 * after the other, and nothing of them is kept but what the result needs.
 */
export interface ColumnRollup {
  /** `metadata`: of the contributor's record. Throws TableError for what can't be rolled up: the group fails. */
  add(scalar: ColumnStats, metadata: StatsMetadata | undefined): void;
  result(): { readonly scalar: ColumnStats; readonly metadata: StatsMetadata | undefined };
}

/** How a generation rolls up a column. */
export type RollUpColumn = (columnId: bigint, capturedAtMs: bigint) => ColumnRollup;

/** 07 §9.3. A type that can't be read or sketches that can't be merged fail the group. */
export const rollUpColumnChunked: RollUpColumn = (columnId, capturedAtMs) => {
  const common = rollUpCommon(mergeBoundsChunked(), rollUpNdvChunked(columnId, capturedAtMs));
  const widths = createWidthSum();
  let sketches: ColumnStats["sketches"];
  return {
    add(scalar, metadata) {
      common.add(scalar, metadata);
      widths.add(scalar);
      sketches = common.contributors() === 1 ? scalar.sketches : undefined;
    },
    result() {
      const { scalar, metadata } = common.result();
      const width = widths.result();
      return {
        metadata,
        scalar: {
          ...scalar,
          avgWidthBytes: width?.avgWidthBytes,
          ...(sketches !== undefined && { sketches }),
          properties: width === undefined ? {} : { [WIDTH_WEIGHT_PROPERTY]: width.weightRows.toString() },
        },
      };
    },
  };
};

/** 07 §9.5: no width, no sketches, no properties. */
export const rollUpColumnInline: RollUpColumn = (columnId, capturedAtMs) =>
  rollUpCommon(mergeBoundsInline(), rollUpNdvInline(columnId, capturedAtMs));

/** What both generations do: names and counts in the same way, bounds and distinct values in ways of their own. */
function rollUpCommon(bounds: BoundsRollup, ndv: NdvRollup) {
  let contributors = 0;
  let metadata: StatsMetadata | undefined;
  let displayName = "";
  let logicalType = "";
  let rowCount = 0n;
  let nullCount: bigint | undefined;
  let nanCount: bigint | undefined;
  return {
    contributors: () => contributors,
    add(scalar: ColumnStats, ofRecord: StatsMetadata | undefined): void {
      contributors++;
      metadata ??= ofRecord;
      if (displayName === "" && !isJavaBlank(scalar.displayName)) displayName = scalar.displayName;
      if (logicalType === "" && !isJavaBlank(scalar.logicalType)) logicalType = scalar.logicalType;
      rowCount = plusKnown(rowCount, scalar.rowCount) ?? 0n;
      // Counts that some contributors lack cover fewer rows.
      nullCount = plusKnown(nullCount, scalar.nullCount);
      nanCount = plusKnown(nanCount, scalar.nanCount);
      bounds.add(scalar);
      ndv.add(scalar.ndv);
    },
    result() {
      const counts = { displayName, logicalType, rowCount, nullCount, nanCount };
      const none = { avgWidthBytes: undefined, properties: {} };
      return { metadata, scalar: { ...counts, ...bounds.result(), ndv: ndv.result(), ...none } };
    },
  };
}

/** Negative counts count as 0 (07 §9.1). Undefined while nothing is known. */
function plusKnown(sum: bigint | undefined, count: bigint | undefined): bigint | undefined {
  if (count === undefined) return sum;
  return (sum ?? 0n) + (count > 0n ? count : 0n);
}

type Bounds = Pick<ColumnStats, "min" | "max">;

interface BoundsRollup {
  add(scalar: ColumnStats): void;
  result(): Bounds;
}

/** The type is read when first seen, also if no bounds ever meet (07 §9.3). */
function mergeBoundsChunked(): BoundsRollup {
  let type: LogicalType | undefined;
  let min: string | undefined;
  let max: string | undefined;
  return {
    add(scalar) {
      if (type === undefined && !isJavaBlank(scalar.logicalType)) type = readType(scalar.logicalType);
      min = mergeBound(type, min, scalar.min, "min");
      max = mergeBound(type, max, scalar.max, "max");
    },
    result: () => ({ min, max }),
  };
}

/** The type is read only when two usable bounds meet; a blank one is an error then (07 §9.5). */
function mergeBoundsInline(): BoundsRollup {
  let typeText = "";
  const merge = (current: string | undefined, candidate: string | undefined, side: "min" | "max") => {
    const meet = isUsable(current) && isUsable(candidate);
    return mergeBound(meet ? readType(typeText) : undefined, current, candidate, side);
  };
  let min: string | undefined;
  let max: string | undefined;
  return {
    add(scalar) {
      if (isJavaBlank(typeText)) typeText = scalar.logicalType;
      min = merge(min, scalar.min, "min");
      max = merge(max, scalar.max, "max");
    },
    result: () => ({ min, max }),
  };
}

function isUsable(bound: string | undefined): boolean {
  return bound !== undefined && !isJavaBlank(bound);
}

function readType(text: string): LogicalType {
  try {
    return parseLogicalType(text);
  } catch (error) {
    if (!(error instanceof LogicalTypeError)) throw error;
    throw new TableError(error.message, { cause: error, referenceType: "IllegalArgumentException" });
  }
}
