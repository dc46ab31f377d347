import {
  DEFAULT_NOMINAL_ENTRIES,
  parseTheta,
  serialiseTheta,
  THETA_SKETCH_TYPE,
  type ThetaSketch,
  thetaEstimate,
  unionThetas,
} from "../../sketch/index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import { isJavaBlank, javaTrim } from "../../types/index.ts";
import type { MetadataNdv } from "../snapshot.ts";
import { isJsonObject, type JsonObject, longOf, stringMap } from "./metadata/index.ts";
import { fieldIds, type PuffinBlob, readPuffinBlob, readPuffinFooter } from "./puffin-file.ts";
import { readObject } from "./read-object.ts";

/**
 * Distinct values of a snapshot from the table's Puffin statistics (04 §12.1, §12.2). They serve a group only if every
 * included column has some, and then for every file alike, although they are the table's (QUIRK, must match: unions of equal
 * sketches change nothing). Decision 34: what can't be read is left out with a warning.
 */
export interface PuffinRequest {
  readonly store: ObjectStore;
  readonly snapshotId: bigint;
  /** `statistics` of the table's metadata. */
  readonly statistics: readonly unknown[];
  /** Included columns that the planner's schema has. */
  readonly columns: readonly PuffinColumn[];
  /** Nominal entries of the final union (07 §6.1). */
  readonly thetaK: number;
  readonly warn: (message: string) => void;
}

export interface PuffinColumn {
  readonly fieldId: number;
  readonly columnId: bigint;
  /** Leaf name: figures are gathered by it, as in the reference. */
  readonly name: string;
}

/** What statistics say of one name. */
interface NameNdv {
  readonly sketches: ThetaSketch[];
  readonly properties: Map<string, string>;
  /** An estimate without a sketch: it counts as known, but is never shown (04 §12.1). */
  estimated: boolean;
}

/** By column id; undefined unless every column is covered: files are then scanned. */
export async function puffinNdv(
  request: PuffinRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<bigint, MetadataNdv> | undefined> {
  const { columns } = request;
  const nameOf = new Map(columns.map((column) => [column.fieldId, column.name]));
  const byName = new Map<string, NameNdv>();
  const known = (fieldId: number): NameNdv | undefined => {
    const name = nameOf.get(fieldId);
    if (name === undefined) return undefined;
    const ndv = byName.get(name) ?? { sketches: [], properties: new Map(), estimated: false };
    byName.set(name, ndv);
    return ndv;
  };
  for (const entry of statisticsOf(request)) {
    const path = entry["statistics-path"];
    if (typeof path === "string" && !isJavaBlank(path)) await readPuffin(path, request, known, signal);
    else readBlobMetadata(entry["blob-metadata"], known);
  }
  const covered = (name: string) => {
    const ndv = byName.get(name);
    return ndv !== undefined && (ndv.estimated || ndv.sketches.length > 0);
  };
  if (byName.size === 0 || !columns.every(({ name }) => covered(name))) return undefined;
  return columnFigures(columns, byName, request.thetaK);
}

/** Entries of the snapshot; one that can't be read is none. */
function statisticsOf(request: PuffinRequest): JsonObject[] {
  return request.statistics.filter(isJsonObject).filter((entry) => {
    try {
      return longOf(entry["snapshot-id"], "snapshot-id") === request.snapshotId;
    } catch {
      return false;
    }
  });
}

async function readPuffin(
  path: string,
  request: PuffinRequest,
  known: (fieldId: number) => NameNdv | undefined,
  signal: AbortSignal,
): Promise<void> {
  let bytes: Uint8Array;
  let blobs: PuffinBlob[];
  try {
    bytes = await readObject(request.store, path, signal);
    blobs = readPuffinFooter(bytes);
  } catch (error) {
    if (signal.aborted) throw error;
    request.warn(`Statistics file ${path} is not used: ${reasonOf(error)}`);
    return;
  }
  for (const blob of blobs) {
    if (
      javaTrim(blob.type).toLowerCase() !== THETA_SKETCH_TYPE ||
      !blob.fields.some((id) => known(id) !== undefined)
    )
      continue;
    try {
      addBlob(parseTheta(readPuffinBlob(bytes, blob)), blob, known);
    } catch (error) {
      request.warn(
        `Sketch at offset ${blob.offset} of statistics file ${path} is not used: ${reasonOf(error)}`,
      );
    }
  }
}

function addBlob(
  sketch: ThetaSketch,
  blob: PuffinBlob,
  known: (fieldId: number) => NameNdv | undefined,
): void {
  for (const fieldId of blob.fields) {
    const ndv = known(fieldId);
    if (ndv === undefined) continue;
    ndv.sketches.push(sketch);
    // The first value of a key wins.
    for (const [key, value] of blob.properties) if (!ndv.properties.has(key)) ndv.properties.set(key, value);
  }
}

/** Statistics without a file: `ndv` as a number, or text with `_` between digits. An estimate only. */
function readBlobMetadata(json: unknown, known: (fieldId: number) => NameNdv | undefined): void {
  for (const blob of Array.isArray(json) ? json.filter(isJsonObject) : []) {
    const { properties } = blob;
    const value = isJsonObject(properties) ? properties.ndv : undefined;
    const text =
      typeof value === "string" ? (stringMap(properties).get("ndv") ?? "").replaceAll("_", "") : value;
    if (!/^[+-]?\d+$/.test(String(text ?? ""))) continue;
    for (const fieldId of fieldIds(blob.fields)) {
      const ndv = known(fieldId);
      if (ndv !== undefined) ndv.estimated = true;
    }
  }
}

function columnFigures(
  columns: readonly PuffinColumn[],
  byName: ReadonlyMap<string, NameNdv>,
  thetaK: number,
): Map<bigint, MetadataNdv> {
  const holders = new Map<string, number>();
  for (const { name } of columns) holders.set(name, (holders.get(name) ?? 0) + 1);
  const figures = new Map<bigint, MetadataNdv>();
  for (const { columnId, name } of columns) {
    const ndv = byName.get(name);
    // A name that several included columns share has no NDV (04 §12.1), nor has an estimate without a sketch.
    if (ndv === undefined || ndv.sketches.length === 0 || (holders.get(name) ?? 0) > 1) continue;
    const union = unionThetas([unionThetas(ndv.sketches, DEFAULT_NOMINAL_ENTRIES)], thetaK);
    figures.set(columnId, {
      estimate: thetaEstimate(union),
      sketch: serialiseTheta(union),
      properties: Object.fromEntries(ndv.properties),
    });
  }
  return figures;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
