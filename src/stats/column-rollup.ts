import { type ColumnStats, type StatsMetadata, TableError } from "../model/index.ts";
import {
  isJavaBlank,
  type LogicalType,
  LogicalTypeError,
  mergeBound,
  parseLogicalType,
} from "../types/index.ts";
import { rollUpNdvChunked, rollUpNdvInline } from "./ndv-rollup.ts";
import { rollUpWidth, WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";

/** One COLUMN value from the values of files or partials (07 §9.3), and how inline does it (07 §9.5). */

/** A column's value in one record, with the metadata of that record. */
export interface Contributor {
  readonly scalar: ColumnStats;
  readonly metadata: StatsMetadata | undefined;
}

export interface ColumnRollup {
  readonly columnId: bigint;
  readonly contributors: readonly Contributor[];
  readonly capturedAtMs: bigint;
}

/** 07 §9.3. Throws TableError for a type that can't be read or a sketch that can't be merged: the group fails. */
export function rollUpColumnChunked({ columnId, contributors, capturedAtMs }: ColumnRollup): ColumnStats {
  const scalars = contributors.map(({ scalar }) => scalar);
  const width = rollUpWidth(scalars);
  const ndvs = scalars.map(({ ndv }) => ndv);
  const sketches = scalars.length === 1 ? scalars[0]?.sketches : undefined;
  return {
    ...rollUpCounts(scalars),
    ...mergeBoundsChunked(scalars),
    ndv: rollUpNdvChunked(ndvs, columnId, capturedAtMs),
    avgWidthBytes: width?.avgWidthBytes,
    ...(sketches !== undefined && { sketches }),
    properties: width === undefined ? {} : { [WIDTH_WEIGHT_PROPERTY]: width.weightRows.toString() },
  };
}

/** 07 §9.5: no width, no sketches, no properties. */
export function rollUpColumnInline({ columnId, contributors, capturedAtMs }: ColumnRollup): ColumnStats {
  const scalars = contributors.map(({ scalar }) => scalar);
  const ndvs = scalars.map(({ ndv }) => ndv);
  return {
    ...rollUpCounts(scalars),
    ...mergeBoundsInline(scalars),
    ndv: rollUpNdvInline(ndvs, columnId, capturedAtMs),
    avgWidthBytes: undefined,
    properties: {},
  };
}

/** Name, type text and counts: the same in both generations. Counts that some contributors lack cover fewer rows. */
function rollUpCounts(
  scalars: readonly ColumnStats[],
): Pick<ColumnStats, "displayName" | "logicalType" | "rowCount" | "nullCount" | "nanCount"> {
  return {
    displayName: firstNonBlank(scalars.map(({ displayName }) => displayName)),
    logicalType: firstNonBlank(scalars.map(({ logicalType }) => logicalType)),
    rowCount: sumKnown(scalars.map(({ rowCount }) => rowCount)) ?? 0n,
    nullCount: sumKnown(scalars.map(({ nullCount }) => nullCount)),
    nanCount: sumKnown(scalars.map(({ nanCount }) => nanCount)),
  };
}

function firstNonBlank(texts: readonly string[]): string {
  return texts.find((text) => !isJavaBlank(text)) ?? "";
}

/** Sum of what is known; negative counts count as 0 (07 §9.1). Undefined if nothing is known. */
function sumKnown(counts: readonly (bigint | undefined)[]): bigint | undefined {
  let sum: bigint | undefined;
  for (const count of counts) {
    if (count !== undefined) sum = (sum ?? 0n) + (count > 0n ? count : 0n);
  }
  return sum;
}

type Bounds = Pick<ColumnStats, "min" | "max">;

/** The type is read when first seen, also if no bounds ever meet (07 §9.3). */
function mergeBoundsChunked(scalars: readonly ColumnStats[]): Bounds {
  let type: LogicalType | undefined;
  let min: string | undefined;
  let max: string | undefined;
  for (const scalar of scalars) {
    if (type === undefined && !isJavaBlank(scalar.logicalType)) type = readType(scalar.logicalType);
    min = mergeBound(type, min, scalar.min, "min");
    max = mergeBound(type, max, scalar.max, "max");
  }
  return { min, max };
}

/** The type is read only when two usable bounds meet; a blank one is an error then (07 §9.5). */
function mergeBoundsInline(scalars: readonly ColumnStats[]): Bounds {
  let typeText = "";
  const merge = (current: string | undefined, candidate: string | undefined, side: "min" | "max") => {
    const meet = isUsable(current) && isUsable(candidate);
    return mergeBound(meet ? readType(typeText) : undefined, current, candidate, side);
  };
  let min: string | undefined;
  let max: string | undefined;
  for (const scalar of scalars) {
    if (isJavaBlank(typeText)) typeText = scalar.logicalType;
    min = merge(min, scalar.min, "min");
    max = merge(max, scalar.max, "max");
  }
  return { min, max };
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
