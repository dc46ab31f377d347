import { FILE_CONTENT, type Generation, TableError } from "../../model/index.ts";
import type { TableFile } from "../snapshot.ts";
import type { AddFile } from "./log/index.ts";

/**
 * The records of on-disk deletion vectors (05 §10): one FILE record beside each data file that has one, named by the raw text
 * of the vector. Decision 17: none in inline, where finalisation would fail on them, and none on a full rescan, where the
 * server refuses them; otherwise once a text, the first wins.
 */
export function deletionVectorFiles(
  adds: readonly AddFile[],
  options: { readonly generation: Generation; readonly fullRescan: boolean },
): TableFile[] {
  if (options.generation === "inline" || options.fullRescan) return [];
  const byText = new Map<string, TableFile>();
  for (const { deletionVector: vector } of adds) {
    if (vector === undefined || byText.has(vector.pathOrInlineDv)) continue;
    byText.set(vector.pathOrInlineDv, {
      path: vector.pathOrInlineDv,
      content: FILE_CONTENT.positionDeletes,
      format: "",
      sizeBytes: vector.sizeInBytes,
      partitionDataJson: "",
      partitionSpecId: 0,
      equalityFieldIds: [],
      sequenceNumber: undefined,
      metrics: { source: "metadata", metrics: { rowCount: vector.cardinality, columns: new Map() } },
      readable: false,
    });
  }
  return [...byText.values()];
}

/** Refuses a file whose deletion vector lies in the log itself (05 §10). */
export function refuseInlineVectors(adds: readonly AddFile[], version: bigint): void {
  if (adds.some((add) => add.deletionVector?.storageType === "i")) {
    throw new TableError(`Delta table uses inline deletion vectors; not supported for snapshot ${version}`, {
      referenceType: "UnsupportedOperationException",
    });
  }
}
