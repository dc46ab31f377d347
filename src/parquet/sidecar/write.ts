import type { PageIndexRow } from "../../model/index.ts";
import { createByteBuffer, putBytes, putUint32, writtenBytes } from "./byte-buffer.ts";
import { valueCountOf } from "./column-builders.ts";
import { sidecarColumnValues } from "./columns.ts";
import { footerOf, type PlacedChunk } from "./footer.ts";
import { encodeChunk } from "./pages.ts";
import { sortPageRows } from "./sort.ts";
import { putThrift } from "./thrift-writer.ts";

const MAGIC = new TextEncoder().encode("PAR1");

/**
 * Writes a page-index sidecar, 06 §4: the rows in sidecar order (§4.3) under the schema of §4.1, uncompressed, in one row
 * group, or in none if there are no rows (§4.5, decision 9). The rows may come in any order; equal input gives equal bytes.
 */
export function writeSidecar(rows: readonly PageIndexRow[], dataFilePath: string): Uint8Array {
  const file = createByteBuffer(16 * 1024);
  putBytes(file, MAGIC);
  const placed: PlacedChunk[] = [];
  if (rows.length > 0) {
    for (const values of sidecarColumnValues(sortPageRows(rows))) {
      const chunk = encodeChunk(values, rows.length);
      placed.push({ chunk, offset: file.length, nullCount: rows.length - valueCountOf(values) });
      putBytes(file, chunk.bytes);
    }
  }
  const footerStart = file.length;
  putThrift(file, footerOf(rows.length, placed, dataFilePath));
  putUint32(file, file.length - footerStart);
  putBytes(file, MAGIC);
  return writtenBytes(file).slice();
}
