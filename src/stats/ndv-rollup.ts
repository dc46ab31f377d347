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

/** 07 §9.4. `ndvs` has an element for every contributor, undefined where it has none. */
export function rollUpNdvChunked(
  ndvs: readonly (Ndv | undefined)[],
  columnId: bigint,
  capturedAtMs: bigint,
): Ndv | undefined {
  if (ndvs.length === 1) return ndvs[0];
  const thetas = readThetas(ndvs, columnId, (type) => type.includes("theta"));
  if (thetas.length > 0) {
    const union = unionThetas(thetas);
    return {
      approx: {
        estimate: thetaEstimate(union),
        ...sumRows(ndvs),
        method: THETA_METHOD,
        properties: {},
      },
      sketches: [thetaPayload(union, capturedAtMs)],
    };
  }
  const estimates = ndvs.map(estimateOf).filter((estimate) => estimate !== undefined);
  if (estimates.length === 0) return undefined;
  return {
    approx: {
      estimate: estimates.reduce((largest, estimate) => Math.max(largest, estimate)),
      ...sumRows(ndvs),
      method: ROLLUP_MAX_METHOD,
      properties: {},
    },
    sketches: [],
  };
}

/** 07 §9.5: theta is rebuilt even for one contributor, without row counts; there is no largest estimate. */
export function rollUpNdvInline(
  ndvs: readonly (Ndv | undefined)[],
  columnId: bigint,
  capturedAtMs: bigint,
): Ndv | undefined {
  const isTheta = (type: string) => type.includes("datasketches") && type.includes("theta");
  const thetas = readThetas(ndvs, columnId, isTheta);
  if (thetas.length > 0) {
    const union = unionThetas(thetas);
    return {
      approx: {
        estimate: thetaEstimate(union),
        rowsSeen: undefined,
        rowsTotal: undefined,
        method: THETA_METHOD,
        properties: {},
      },
      sketches: [thetaPayload(union, capturedAtMs)],
    };
  }
  return ndvs.length === 1 ? ndvs[0] : undefined;
}

/**
 * NDV of a column's record that inline capture makes itself, since inline FILE records have no place for it (05 §7.5, 07 §6.7):
 * one sketch, the rows of the scanned files, the rows of all files. Undefined without a sketch.
 */
export function columnNdvInline(
  ndvs: readonly Ndv[],
  of: { readonly columnId: bigint; readonly rowsTotal: bigint; readonly capturedAtMs: bigint },
): Ndv | undefined {
  const thetas = readThetas(ndvs, of.columnId, (type) => type.includes("theta"));
  if (thetas.length === 0) return undefined;
  const union = unionThetas(thetas);
  return {
    approx: {
      estimate: thetaEstimate(union),
      rowsSeen: sumRows(ndvs).rowsSeen,
      rowsTotal: of.rowsTotal > 0n ? of.rowsTotal : undefined,
      method: THETA_METHOD,
      properties: ndvs[0]?.approx?.properties ?? {},
    },
    sketches: [thetaPayload(union, of.capturedAtMs)],
  };
}

/** All theta sketches; those of other types are dropped, those without bytes ignored. A malformed one fails the group. */
function readThetas(
  ndvs: readonly (Ndv | undefined)[],
  columnId: bigint,
  isTheta: (lowerCaseType: string) => boolean,
): ThetaSketch[] {
  const thetas: ThetaSketch[] = [];
  for (const ndv of ndvs) {
    for (const sketch of ndv?.sketches ?? []) {
      if (sketch.data.length === 0 || !isTheta(sketch.sketchType.toLowerCase())) continue;
      thetas.push(readTheta(sketch.data, columnId));
    }
  }
  return thetas;
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
function estimateOf(ndv: Ndv | undefined): number | undefined {
  if (ndv?.exact !== undefined) return Number(ndv.exact);
  const estimate = ndv?.approx?.estimate ?? 0;
  return estimate > 0 ? estimate : undefined;
}

/** Over all contributors with an estimate, sketch or not; only positive values count. */
function sumRows(ndvs: readonly (Ndv | undefined)[]): {
  readonly rowsSeen: bigint | undefined;
  readonly rowsTotal: bigint | undefined;
} {
  let rowsSeen = 0n;
  let rowsTotal = 0n;
  for (const { approx } of ndvs.filter((ndv) => ndv !== undefined)) {
    if ((approx?.rowsSeen ?? 0n) > 0n) rowsSeen += approx?.rowsSeen ?? 0n;
    if ((approx?.rowsTotal ?? 0n) > 0n) rowsTotal += approx?.rowsTotal ?? 0n;
  }
  return { rowsSeen: rowsSeen || undefined, rowsTotal: rowsTotal || undefined };
}
