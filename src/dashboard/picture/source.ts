import type { PageIndexRow } from "../../model/index.ts";
import type { ColumnViews } from "../../pruning/index.ts";

/** Captured tables whose page index can be looked at: a control plane's, or a capture's folder. */
export interface IndexSource {
  tables(signal: AbortSignal): Promise<readonly IndexedTable[]>;
  /** Data files of a table in plan order; undefined if there is no such table. */
  files(tableKey: string, signal: AbortSignal): Promise<readonly IndexedFile[] | undefined>;
}

export interface IndexedTable {
  /** Stable while the source lives; what requests name the table by. */
  readonly key: string;
  readonly name: string;
  readonly snapshotId: string;
  readonly fileCount: number;
}

export interface IndexedFile {
  readonly path: string;
  /** Another one once the file was captured anew. */
  readonly version: string;
  /** The page rows of the file's sidecar, in its order. */
  load(signal: AbortSignal): Promise<FileIndex>;
}

export interface FileIndex {
  readonly rows: readonly PageIndexRow[];
  readonly views: ColumnViews;
  /** Logical types by column, where they are known. */
  readonly types: ReadonlyMap<string, string>;
}
