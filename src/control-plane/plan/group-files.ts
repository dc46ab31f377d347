import type { ListedFile } from "../../table/index.ts";

/**
 * How many files go into one group: as many as were asked for, or fewer where the results of so many might not fit into one
 * message of the inline generation (01 §10.3).
 */
export interface GroupSizing {
  readonly filesPerGroup: number;
  /** Undefined where results travel in chunks. */
  readonly maxResultBytes: number | undefined;
  /** Columns with statistics, with a page index, and with distinct-value sketches. */
  readonly statsColumns: number;
  readonly indexColumns: number;
  readonly sketchColumns: number;
}

/** Largest sketch (07 §6.6: 24 bytes and 8 for each of at most 4096 entries, all retained), its estimate beside it. */
const SKETCH_BYTES = 33_000;
const COLUMN_STATS_BYTES = 160;
const FILE_BYTES = 1200;
/** A sidecar's footer and dictionaries, and what a page adds to it once compressed. */
const SIDECAR_BYTES = 6000;
const PAGE_ROW_BYTES = 60;
/** Usual size of a data page; pages are rarely smaller. */
const PAGE_BYTES = 256 * 1024;

export interface FileGrouping {
  /** Files in plan order. */
  add(file: Pick<ListedFile, "path" | "sizeBytes">): void;
  /** Paths of each group so far. */
  readonly groups: readonly (readonly string[])[];
}

export function createFileGrouping(sizing: GroupSizing): FileGrouping {
  const { filesPerGroup, maxResultBytes } = sizing;
  const groups: string[][] = [];
  let groupBytes = 0;
  return {
    groups,
    add(file) {
      const resultBytes = estimatedResultBytes(file.sizeBytes, sizing);
      const current = groups.at(-1);
      const fits = maxResultBytes === undefined || groupBytes + resultBytes <= maxResultBytes;
      if (current !== undefined && current.length < filesPerGroup && fits) {
        current.push(file.path);
        groupBytes += resultBytes;
      } else {
        groups.push([file.path]);
        groupBytes = resultBytes;
      }
    },
  };
}

/** Rough, and rather too much than too little. */
export function estimatedResultBytes(fileBytes: bigint, sizing: GroupSizing): number {
  const { statsColumns, indexColumns, sketchColumns } = sizing;
  const statistics = statsColumns * COLUMN_STATS_BYTES;
  const sketches = sketchColumns * Math.min(SKETCH_BYTES, Number(fileBytes) + 64);
  const pages = indexColumns + Math.ceil(Number(fileBytes) / PAGE_BYTES);
  const sidecar = indexColumns === 0 ? 0 : SIDECAR_BYTES + pages * PAGE_ROW_BYTES;
  return FILE_BYTES + statistics + sketches + sidecar;
}
