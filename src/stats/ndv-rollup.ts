import { type Ndv, type NdvSketch, TableError } from "../model/index.ts";
import {
  parseTheta,
  serialiseTheta,
  THETA_METHOD,
  THETA_SKETCH_TYPE,
  ThetaFormatError,
  type ThetaSketch,
  thetaEstimate,
  unionThetas,
} from "../sketch/index.ts";

/**
 * NDV of a column over several contributors: 07 §9.4 for chunked, §9.5 for inline. QUIRK (must match): as soon as one theta
 * sketch is there, contributors that have only an estimate don't count, so the figure is a lower bound.
 */

const ROLLUP_MAX_METHOD = "rollup-max";

/** What capture says of a theta sketch (07 §6.7). */
export function thetaPayload(sketch: ThetaSketch, capturedAtMs: bigint): NdvSketch {
  return {
    sketchType: THETA_SKETCH_TYPE,
    data: serialiseTheta(sketch),
    encoding: "raw",
    compression: "none",
    version: 1,
    capturedAtMs,
  };
}

/** NDV of a scanned column of one file (07 §6.7): the sketch of an empty column has an estimate of 0. */
export function scannedNdv(
  sketch: ThetaSketch,
  rows: { readonly seen: bigint; readonly total: bigint },
  capturedAtMs: bigint,
): Ndv {
  return {
    approx: {
      estimate: thetaEstimate(sketch),
      rowsSeen: rows.seen,
      rowsTotal: rows.total > 0n ? rows.total : undefined,
      method: THETA_METHOD,
      properties: {},
    },
    sketches: [thetaPayload(sketch, capturedAtMs)],
  };
}

/** NDV over the contributors of a column, one after the other: what is kept does not grow with their number. */
export interface NdvRollup {
  /** Undefined for a contributor that has none. */
  add(ndv: Ndv | undefined): void;
  result(): Ndv | undefined;
}

/** 07 §9.4: what one contributor alone has stays as it came; its sketches aren't even read. */
export function rollUpNdvChunked(columnId: bigint, capturedAtMs: bigint): NdvRollup {
  const sum = createNdvSum(columnId, (type) => type.includes("theta"));
  let first: Ndv | undefined;
  let contributors = 0;
  return {
    add(ndv) {
      if (++contributors === 1) {
        first = ndv;
        return;
      }
      if (contributors === 2) sum.add(first);
      sum.add(ndv);
    },
    result() {
      if (contributors === 1) return first;
      const union = sum.union();
      const rows = sum.rows();
      if (union !== undefined) {
        const approx = { estimate: thetaEstimate(union), ...rows, method: THETA_METHOD, properties: {} };
        return { approx, sketches: [thetaPayload(union, capturedAtMs)] };
      }
      const estimate = sum.largestEstimate();
      if (estimate === undefined) return undefined;
      return { approx: { estimate, ...rows, method: ROLLUP_MAX_METHOD, properties: {} }, sketches: [] };
    },
  };
}

/** 07 §9.5: theta is rebuilt even for one contributor, without row counts; there is no largest estimate. */
export function rollUpNdvInline(columnId: bigint, capturedAtMs: bigint): NdvRollup {
  const sum = createNdvSum(columnId, (type) => type.includes("datasketches") && type.includes("theta"));
  let first: Ndv | undefined;
  let contributors = 0;
  return {
    add(ndv) {
      if (++contributors === 1) first = ndv;
      sum.add(ndv);
    },
    result() {
      const union = sum.union();
      if (union === undefined) return contributors === 1 ? first : undefined;
      const estimate = thetaEstimate(union);
      const unseen = { rowsSeen: undefined, rowsTotal: undefined };
      return {
        approx: { estimate, ...unseen, method: THETA_METHOD, properties: {} },
        sketches: [thetaPayload(union, capturedAtMs)],
      };
    },
  };
}

/**
 * NDV of a column's record that inline capture makes itself, since inline FILE records have no place for it (05 §7.5, 07 §6.7):
 * one sketch, the rows of the scanned files, the rows of all files. Undefined without a sketch.
 */
export function columnNdvInline(columnId: bigint, capturedAtMs: bigint) {
  const sum = createNdvSum(columnId, (type) => type.includes("theta"));
  let properties: Readonly<Record<string, string>> | undefined;
  return {
    add(ndv: Ndv): void {
      properties ??= ndv.approx?.properties ?? {};
      sum.add(ndv);
    },
    result(rowsTotal: bigint): Ndv | undefined {
      const union = sum.union();
      if (union === undefined) return undefined;
      return {
        approx: {
          estimate: thetaEstimate(union),
          rowsSeen: sum.rows().rowsSeen,
          rowsTotal: rowsTotal > 0n ? rowsTotal : undefined,
          method: THETA_METHOD,
          properties: properties ?? {},
        },
        sketches: [thetaPayload(union, capturedAtMs)],
      };
    },
  };
}

/** Sketches that are kept before they become one. */
const MERGED_AT = 16;

/** Theta sketches of some contributors as one (their union does not depend on how it is taken), rows, and the largest estimate. */
function createNdvSum(columnId: bigint, isTheta: (lowerCaseType: string) => boolean) {
  let thetas: ThetaSketch[] = [];
  let largest: number | undefined;
  let rowsSeen = 0n;
  let rowsTotal = 0n;
  return {
    add(ndv: Ndv | undefined): void {
      if (ndv === undefined) return;
      thetas.push(...readThetas(ndv, columnId, isTheta));
      if (thetas.length >= MERGED_AT) thetas = [unionThetas(thetas)];
      const estimate = estimateOf(ndv);
      if (estimate !== undefined) largest = Math.max(largest ?? estimate, estimate);
      // Of every contributor with an estimate, sketch or not; only positive values count.
      const { rowsSeen: seen = 0n, rowsTotal: total = 0n } = ndv.approx ?? {};
      if (seen > 0n) rowsSeen += seen;
      if (total > 0n) rowsTotal += total;
    },
    union: () => (thetas.length === 0 ? undefined : unionThetas(thetas)),
    largestEstimate: () => largest,
    rows: () => ({ rowsSeen: rowsSeen || undefined, rowsTotal: rowsTotal || undefined }),
  };
}

/** All theta sketches; those of other types are dropped, those without bytes ignored. A malformed one fails the group. */
function readThetas(
  { sketches }: Ndv,
  columnId: bigint,
  isTheta: (lowerCaseType: string) => boolean,
): ThetaSketch[] {
  return sketches
    .filter(({ data, sketchType }) => data.length > 0 && isTheta(sketchType.toLowerCase()))
    .map(({ data }) => readTheta(data, columnId));
}

function readTheta(data: Uint8Array, columnId: bigint): ThetaSketch {
  try {
    return parseTheta(data);
  } catch (error) {
    if (!(error instanceof ThetaFormatError)) throw error;
    throw new TableError(`Can't merge the NDV sketches of column ${columnId}: ${error.message}`, {
      cause: error,
      referenceType: "SketchesArgumentException",
    });
  }
}

/** An approximate estimate counts if positive, an exact one also if zero. */
function estimateOf(ndv: Ndv): number | undefined {
  if (ndv.exact !== undefined) return Number(ndv.exact);
  const estimate = ndv.approx?.estimate ?? 0;
  return estimate > 0 ? estimate : undefined;
}
