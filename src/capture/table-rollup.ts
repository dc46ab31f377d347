import {
  type CaptureOutput,
  FILE_CONTENT,
  type Generation,
  type Ndv,
  type StatsRecord,
} from "../model/index.ts";
import {
  columnNdvInline,
  createInlineRollup,
  createMerge,
  createPartialsRollup,
  mergePartials,
  type RollupOptions,
} from "../stats/index.ts";

/** Data files of a file group as a control plane plans them by default: widths are rounded up group by group (07 §9.3). */
export const FILES_PER_GROUP = 8;

/**
 * TABLE and COLUMN records of a whole table, as a control plane arrives at them: chunked merges the partials of file groups
 * (07 §9, §10), inline rolls up all FILE records (07 §9.5). What is kept follows the number of columns, not that of files.
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

/** COLUMN records have the NDV that a connector gives them (05 §7.5), FILE records being without. */
function inlineRollup(options: RollupOptions): TableRollup {
  const rollup = createInlineRollup(options);
  const ndvs = new Map<bigint, ReturnType<typeof columnNdvInline>>();
  let rowsTotal = 0n;
  const withNdv = (record: StatsRecord): StatsRecord => {
    const { target, value } = record;
    if (target.kind !== "column" || value.kind !== "scalar") return record;
    const ndv = ndvs.get(target.columnId)?.result(rowsTotal);
    return ndv === undefined ? record : { ...record, value: { ...value, scalar: { ...value.scalar, ndv } } };
  };
  return {
    add(record, ndvBeside) {
      rollup.add(record);
      if (record.value.kind === "file" && isDataFile(record)) rowsTotal += record.value.file.rowCount;
      for (const [columnId, ndv] of ndvBeside) {
        const known = ndvs.get(columnId) ?? columnNdvInline(columnId, options.capturedAtMs);
        known.add(ndv);
        ndvs.set(columnId, known);
      }
    },
    finish: () => rollup.result().map(withNdv),
  };
}

function chunkedRollup(options: RollupOptions): TableRollup {
  const merged = createMerge(options);
  let group = createPartialsRollup(options);
  let dataFiles = 0;
  const endGroup = () => {
    for (const partial of mergePartials(group.result(), options)) merged.add(partial);
    group = createPartialsRollup(options);
    dataFiles = 0;
  };
  return {
    add(record) {
      if (isDataFile(record) && ++dataFiles > FILES_PER_GROUP) {
        endGroup();
        dataFiles = 1;
      }
      group.add(record);
    },
    finish() {
      endGroup();
      return merged.result();
    },
  };
}

function isDataFile({ value }: StatsRecord): boolean {
  return value.kind === "file" && value.file.fileContent <= FILE_CONTENT.data;
}
