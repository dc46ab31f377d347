import type { CrcMode, PageIndexRow } from "../model/index.ts";
import type { ChunkRows } from "../parquet/index.ts";
import type { ThetaSketch } from "../sketch/index.ts";
import type { ObjectEnd, StoreSettings } from "../storage/index.ts";
import type { ColumnLocation, FileMetrics, FooterPlan } from "../table/index.ts";
import type { Sidecar } from "./sidecar.ts";

/**
 * One file's work, as it goes to a capture thread, and what comes back: plain data both ways. A thread opens the file itself,
 * so no file byte passes between threads but the finished sidecar.
 */
export interface FileTask {
  readonly path: string;
  readonly store: StoreSettings;
  /** What has been read ahead of it. */
  readonly known?: ObjectEnd | undefined;
  /** Size of a file that lies across a network; undefined: it lies on this machine. */
  readonly remoteBytes?: number | undefined;
  /** Metrics are wanted from the footer (05 §7.3); undefined when the table's metadata gives them. */
  readonly footerPlan: FooterPlan | undefined;
  /** Top-level names whose average width is wanted (07 §7); empty in inline, which has no such field. */
  readonly widthNames: readonly string[];
  /** The page index is wanted. */
  readonly index: { readonly columns: IndexedColumns } | undefined;
  /** Top-level names whose distinct values are to be sketched (07 §6.2); undefined without NDV. */
  readonly distinct: { readonly names: readonly string[]; readonly k: number } | undefined;
  /** Field ids of these names, where the table finds columns by id (decision 29). */
  readonly fieldIds?: ReadonlyMap<string, number> | undefined;
  readonly crc: CrcMode;
  /**
   * The file is shared with other tasks: each takes the next chunk that none has taken, and gives back its rows instead of a
   * sidecar. An Int32Array of two: the next chunk's ordinal, and their number once a task has found it out.
   */
  readonly turn?: SharedArrayBuffer | undefined;
  /** What the tasks of a shared file have found: only the sidecar is to be made of it. */
  readonly gathered?: readonly PageIndexRow[] | undefined;
}

/** The footer alone answers: one small read and no page, so that several such tasks go side by side in one thread. */
export function needsFooterOnly(task: FileTask): boolean {
  return task.index === undefined && task.distinct === undefined;
}

/** The columns of a page index: all eligible ones, those whose physical path is listed (06 §2.2), or those at a place. */
export type IndexedColumns =
  | { readonly by: "all" }
  | { readonly by: "path"; readonly paths: readonly string[] }
  | { readonly by: "location"; readonly locations: readonly ColumnLocation[] };

export interface FileTaskResult {
  /** Sum of the footer's row counts; undefined if the footer was not needed and not read. */
  readonly footerRowCount: bigint | undefined;
  readonly metrics: FileMetrics | undefined;
  readonly widths: ReadonlyMap<string, bigint>;
  readonly distinct: ReadonlyMap<string, SketchResult> | undefined;
  readonly sidecar: Sidecar | undefined;
  /** Of a shared file: the chunks that this task took. */
  readonly chunks?: readonly ChunkRows[] | undefined;
  readonly bytesRead: number;
  readonly requests: number;
  readonly warnings: readonly string[];
}

export interface SketchResult {
  readonly sketch: ThetaSketch;
  /** Rows of all row groups of the file (07 §6.7). */
  readonly rowsSeen: bigint;
}

/** What a capture thread has read so far for its task. */
export interface TaskProgress {
  readonly bytesRead: number;
}
