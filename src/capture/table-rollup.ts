import { type CaptureOutput, FILE_CONTENT, type Generation, type StatsRecord } from "../model/index.ts";
import { mergePartials, type RollupOptions, rollupInline, rollupToPartials } from "../stats/index.ts";

/** Data files of a file group as a control plane plans them by default: widths are rounded up group by group (07 §9.3). */
export const FILES_PER_GROUP = 8;

/**
 * TABLE and COLUMN records of a whole table, as a control plane arrives at them: chunked merges the partials of file groups
 * (07 §9, §10), inline rolls up all FILE records (07 §9.5). Chunked keeps one group's records at a time.
 */
export interface TableRollup {
  /** FILE records in plan order. */
  add(record: StatsRecord): void;
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

function inlineRollup(options: RollupOptions): TableRollup {
  const records: StatsRecord[] = [];
  return { add: (record) => records.push(record), finish: () => rollupInline(records, options) };
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
