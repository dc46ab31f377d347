import type { PageIndexRow } from "../../model/index.ts";
import { encodeFlatFile } from "../write/index.ts";
import { sidecarColumnValues } from "./columns.ts";
import { DATA_FILE_PATH_KEY, SIDECAR_COLUMNS, SIDECAR_ROOT_NAME } from "./schema.ts";
import { sortPageRows } from "./sort.ts";

/**
 * Writes a page-index sidecar, 06 §4: the rows in sidecar order (§4.3) under the schema of §4.1, uncompressed, in one row
 * group, or in none if there are no rows (§4.5, decision 9). The rows may come in any order; equal input gives equal bytes.
 */
export function writeSidecar(rows: readonly PageIndexRow[], dataFilePath: string): Uint8Array {
  const encoder = encodeFlatFile({
    rootName: SIDECAR_ROOT_NAME,
    columns: SIDECAR_COLUMNS,
    keyValues: [[DATA_FILE_PATH_KEY, dataFilePath]],
  });
  const parts = [encoder.begin()];
  if (rows.length > 0) {
    parts.push(encoder.rowGroup(sidecarColumnValues(sortPageRows(rows)), rows.length));
  }
  parts.push(encoder.end());
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
