import type { Ndv } from "../../model/index.ts";
import { THETA_METHOD, THETA_SKETCH_TYPE } from "../../sketch/index.ts";
import type { MetadataNdv } from "../snapshot.ts";

/**
 * The NDV of a FILE record's column from the table's Puffin statistics (04 §12.4, "Puffin-only"): no rows were seen, the
 * file's own row count is the total, 0 of them left out.
 */
export function metadataFileNdv(ndv: MetadataNdv, fileRowCount: bigint, capturedAtMs: bigint): Ndv {
  return {
    approx: {
      estimate: ndv.estimate,
      rowsSeen: undefined,
      rowsTotal: fileRowCount > 0n ? fileRowCount : undefined,
      method: THETA_METHOD,
      properties: ndv.properties,
    },
    sketches: [
      {
        sketchType: THETA_SKETCH_TYPE,
        data: ndv.sketch,
        encoding: "raw",
        compression: "none",
        version: 1,
        capturedAtMs,
      },
    ],
  };
}
