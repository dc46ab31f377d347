import { type ByteSource, UnreadableFileError } from "../../model/index.ts";
import type { FileMetadata, RowGroup, SchemaLeaf } from "../metadata.ts";
import type { WalkOptions } from "../pages/walk.ts";
import { type ColumnCursor, openColumn } from "./column-cursor.ts";
import type { ColumnWindow } from "./column-window.ts";

/**
 * Reads some leaves of one row group in lockstep, a window of rows at a time, nested and repeated ones too. Memory follows
 * the window, the largest page and `windowBytes`, which is shared by the columns; never the row group.
 */
export interface RecordReader extends AsyncDisposable {
  /** The next rows of every leaf, in the order in which the leaves were given. */
  take(rowCount: number): Promise<readonly ColumnWindow[]>;
  skip(rowCount: number): Promise<void>;
}

const DEFAULT_WINDOW_BYTES = 32 * 1024 * 1024;
const MIN_COLUMN_WINDOW_BYTES = 64 * 1024;

export function openRecords(
  source: ByteSource,
  footer: FileMetadata,
  rowGroup: RowGroup,
  leaves: readonly SchemaLeaf[],
  options: WalkOptions,
): RecordReader {
  const share = Math.floor((options.windowBytes ?? DEFAULT_WINDOW_BYTES) / Math.max(1, leaves.length));
  const windowBytes = Math.max(MIN_COLUMN_WINDOW_BYTES, share);
  const cursors: ColumnCursor[] = leaves.map((leaf) => {
    const chunk = rowGroup.chunks.find((candidate) => candidate.leaf.index === leaf.index);
    if (chunk === undefined) {
      throw new UnreadableFileError("the row group has no chunk of this column", {
        file: source.path,
        column: leaf.name,
        rowGroup: rowGroup.ordinal,
      });
    }
    return openColumn(source, footer, rowGroup, chunk, { ...options, windowBytes });
  });
  return {
    take: async (rowCount) => await Promise.all(cursors.map(async (cursor) => await cursor.take(rowCount))),
    async skip(rowCount) {
      await Promise.all(cursors.map(async (cursor) => await cursor.skip(rowCount)));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(cursors.map(async (cursor) => await cursor.close()));
    },
  };
}
