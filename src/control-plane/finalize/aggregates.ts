import { type ColumnStats, RESOURCE_KIND_TABLE, type StatsRecord } from "../../model/index.ts";
import type { RecordCodec } from "../../protocol/index.ts";
import { createInlineRollup, createMerge, emptyTableRecord, mergePartials } from "../../stats/index.ts";
import type { SnapshotKey } from "../store/index.ts";
import { fileFrom, partialsFrom } from "./rollup-input.ts";

/** TABLE and COLUMN records of a snapshot from what its groups delivered (02 §7, 07 §10). */
export interface AggregateRequest {
  readonly key: SnapshotKey;
  readonly table: boolean;
  readonly column: boolean;
  readonly nowMs: number;
  readonly codec: RecordCodec;
}

/** Inline: from all FILE records of the snapshot. */
export function aggregatesOfFiles(records: readonly Uint8Array[], request: AggregateRequest): StatsRecord[] {
  const rollup = createInlineRollup(rollupOptions(request));
  for (const record of records) rollup.add(fileFrom(record, request.codec));
  return orEmptyTable(rollup.result(), records.length === 0, request);
}

/** Chunked: each group's partials first, then the results of all groups. */
export function aggregatesOfPartials(
  groups: readonly (readonly Uint8Array[])[],
  request: AggregateRequest,
): StatsRecord[] {
  const options = rollupOptions(request);
  const merged = createMerge(options);
  for (const partials of groups) {
    for (const normalised of mergePartials(partialsFrom(partials, request.codec), options)) {
      merged.add(normalised);
    }
  }
  return orEmptyTable(merged.result(), groups.length === 0, request);
}

function rollupOptions({ table, column, nowMs }: AggregateRequest) {
  return { table, column, capturedAtMs: BigInt(nowMs) };
}

/** 07 §10, "empty plan". */
function orEmptyTable(records: StatsRecord[], emptyPlan: boolean, request: AggregateRequest): StatsRecord[] {
  if (!emptyPlan || !request.table) return records;
  const { accountId, tableId, snapshotId } = request.key;
  return [emptyTableRecord({ tableId: { accountId, id: tableId, kind: RESOURCE_KIND_TABLE }, snapshotId })];
}

/**
 * Chunked full rescan (07 §10, "afterwards"): sketches of the replaced COLUMN record that the new one lacks are carried on, told
 * apart by role and type.
 */
export function carrySketchesForward(record: StatsRecord, replaced: StatsRecord | undefined): StatsRecord {
  if (record.value.kind !== "scalar" || replaced?.value.kind !== "scalar") return record;
  const scalar = carried(record.value.scalar, replaced.value.scalar);
  return { ...record, value: { kind: "scalar", scalar } };
}

function carried(scalar: ColumnStats, old: ColumnStats): ColumnStats {
  const own = scalar.sketches ?? [];
  const missing = (old.sketches ?? []).filter(
    (sketch) => !own.some((each) => each.role === sketch.role && each.sketchType === sketch.sketchType),
  );
  const ownNdv = scalar.ndv?.sketches ?? [];
  const missingNdv = (old.ndv?.sketches ?? []).filter(
    (sketch) => !ownNdv.some((each) => each.sketchType === sketch.sketchType),
  );
  const withSketches = missing.length === 0 ? scalar : { ...scalar, sketches: [...own, ...missing] };
  if (missingNdv.length === 0) return withSketches;
  const ndv = scalar.ndv ?? { approx: undefined, sketches: [] };
  return { ...withSketches, ndv: { ...ndv, sketches: [...ownNdv, ...missingNdv] } };
}
