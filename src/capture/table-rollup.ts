import {
  type CaptureOutput,
  FILE_CONTENT,
  type Generation,
  type Ndv,
  type StatsRecord,
} from "../model/index.ts";
import {
  columnNdvInline,
  mergePartials,
  type RollupOptions,
  rollupInline,
  rollupToPartials,
} from "../stats/index.ts";

/** Data files of a file group as a control plane plans them by default: widths are rounded up group by group (07 §9.3). */
export const FILES_PER_GROUP = 8;

/**
 * TABLE and COLUMN records of a whole table, as a control plane arrives at them: chunked merges the partials of file groups
 * (07 §9, §10), inline rolls up all FILE records (07 §9.5). Chunked keeps one group's records at a time.
 */
export interface TableRollup {
  /** FILE records in plan order, each with the distinct values that it has no place for (inline). */
  add(record: StatsRecord, ndvBeside: ReadonlyMap<bigint, Ndv>): void;
  finish(): readonly StatsRecord[];
}

export function createTableRollup(
  generation: Generation,
  request: { readonly outputs: ReadonlySet<CaptureOutput>; readonly nowMs: number },
): TableRollup {
  const options: RollupOptions = {
    table: request.outputs.has("table"),
    column: request.outputs.has("column"),
    capturedAtMs: BigInt(request.nowMs),
  };
  if (!options.table && !options.column) return { add() {}, finish: () => [] };
  return generation === "inline" ? inlineRollup(options) : chunkedRollup(options);
}

/** Sketches of a column that are kept before they become one: memory stays the same however many files there are. */
const MERGED_AT = 16;

/** COLUMN records have the NDV that a connector gives them (05 §7.5), FILE records being without. */
function inlineRollup(options: RollupOptions): TableRollup {
  const records: StatsRecord[] = [];
  const ndvs = new Map<bigint, Ndv[]>();
  let rowsTotal = 0n;
  const merged = (columnId: bigint) =>
    columnNdvInline(ndvs.get(columnId) ?? [], { columnId, rowsTotal, capturedAtMs: options.capturedAtMs });
  const withNdv = (record: StatsRecord): StatsRecord => {
    const { target, value } = record;
    if (target.kind !== "column" || value.kind !== "scalar") return record;
    const ndv = merged(target.columnId);
    return ndv === undefined ? record : { ...record, value: { ...value, scalar: { ...value.scalar, ndv } } };
  };
  return {
    add(record, ndvBeside) {
      records.push(record);
      if (record.value.kind === "file" && isDataFile(record)) rowsTotal += record.value.file.rowCount;
      for (const [columnId, ndv] of ndvBeside) {
        const pending = ndvs.get(columnId) ?? [];
        pending.push(ndv);
        ndvs.set(columnId, pending);
        if (pending.length >= MERGED_AT) ndvs.set(columnId, [merged(columnId) ?? ndv]);
      }
    },
    finish: () => rollupInline(records, options).map(withNdv),
  };
}

function chunkedRollup(options: RollupOptions): TableRollup {
  const partials: StatsRecord[] = [];
  let group: StatsRecord[] = [];
  let dataFiles = 0;
  const endGroup = () => {
    partials.push(...mergePartials(rollupToPartials(group, options), options));
    group = [];
    dataFiles = 0;
  };
  return {
    add(record) {
      if (isDataFile(record) && ++dataFiles > FILES_PER_GROUP) {
        endGroup();
        dataFiles = 1;
      }
      group.push(record);
    },
    finish() {
      endGroup();
      return mergePartials(partials, options);
    },
  };
}

function isDataFile({ value }: StatsRecord): boolean {
  return value.kind === "file" && value.file.fileContent <= FILE_CONTENT.data;
}
