import { TableError } from "../../model/index.ts";
import type { Protocol } from "./log/index.ts";

/** Reader features that need nothing of us, or that we obey (05 §4.2). Any other one must not be ignored. */
const KNOWN_READER_FEATURES: ReadonlySet<string> = new Set(
  [
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "typeWidening-preview",
    "v2Checkpoint",
    "vacuumProtocolCheck",
    "variantType",
    "variantType-preview",
    "variantShredding",
    "variantShredding-preview",
    // UNKNOWN in the contract for a table opened by its path. Safe here: a version is loaded only if its commit is in the log
    // and every commit before it is too, so nothing that only the catalog knows can be missing from it.
    "catalogManaged",
    "geospatial",
  ].map((feature) => feature.toLowerCase()),
);

const MAX_READER_VERSION = 3;

/** Refuses a table that needs a reader we are not (05 §4.2). */
export function checkReadable(root: string, protocol: Protocol): void {
  if (protocol.minReaderVersion > MAX_READER_VERSION) {
    throw new TableError(
      `Unsupported Delta protocol reader version: table \`${root}\` requires reader version ` +
        `${protocol.minReaderVersion} which is unsupported by this version of Delta Kernel.`,
      { referenceType: "UnsupportedProtocolVersionException" },
    );
  }
  const unknown = protocol.readerFeatures.find(
    (feature) => !KNOWN_READER_FEATURES.has(feature.toLowerCase()),
  );
  if (unknown !== undefined) {
    throw new TableError(
      `Unsupported Delta table feature: table requires feature "${unknown}" which is unsupported by this version of ` +
        "Delta Kernel.",
      { referenceType: "UnsupportedTableFeatureException" },
    );
  }
}
