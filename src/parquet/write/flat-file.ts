import { createByteBuffer, putBytes, putUint32, writtenBytes } from "./byte-buffer.ts";
import { type ColumnValues, valueCountOf } from "./column-builders.ts";
import { footerOf, type PlacedChunk, type WrittenFile, type WrittenRowGroup } from "./footer.ts";
import { encodeChunk } from "./pages.ts";
import { putThrift } from "./thrift-writer.ts";

const MAGIC = new TextEncoder().encode("PAR1");

/**
 * A Parquet file of flat columns, uncompressed, as parts to be written one after the other: `begin`, any number of row groups,
 * `end`. Equal input gives equal bytes.
 */
export interface FlatFileEncoder {
  begin(): Uint8Array;
  /** `columns` in schema order, each with `rowCount` rows. */
  rowGroup(columns: readonly ColumnValues[], rowCount: number): Uint8Array;
  end(): Uint8Array;
}

export function encodeFlatFile(file: WrittenFile): FlatFileEncoder {
  const rowGroups: WrittenRowGroup[] = [];
  let length = 0;
  const placed = (bytes: Uint8Array) => {
    length += bytes.length;
    return bytes;
  };
  return {
    begin: () => placed(MAGIC),
    rowGroup(columns, rowCount) {
      const buffer = createByteBuffer(16 * 1024);
      const chunks = columns.map((values): PlacedChunk => {
        const chunk = encodeChunk(values, rowCount);
        const offset = length + buffer.length;
        putBytes(buffer, chunk.bytes);
        return { chunk, offset, nullCount: rowCount - valueCountOf(values) };
      });
      rowGroups.push({ rowCount, chunks });
      return placed(writtenBytes(buffer));
    },
    end() {
      const buffer = createByteBuffer(16 * 1024);
      putThrift(buffer, footerOf(file, rowGroups));
      putUint32(buffer, buffer.length);
      putBytes(buffer, MAGIC);
      return placed(writtenBytes(buffer));
    },
  };
}
