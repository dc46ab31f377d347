import { rootOfMetadata, SNAPSHOT_METADATA_PROPERTY } from "../executor/storage-location.ts";
import type { CatalogTable } from "../store/index.ts";

const LOCATIONS = ["storage_location", "location", "delta.table-root", "external.location"];

/**
 * The location to which a lease's credentials are bound (08 §3.3): as the payload's, but only what looks like a storage URI
 * counts. Undefined: the table has none.
 */
export function tableLocation({ properties, upstreamUri }: CatalogTable): string | undefined {
  const stated = LOCATIONS.map((name) => properties[name] ?? "");
  const metadata = ["source_metadata_location", SNAPSHOT_METADATA_PROPERTY].map((name) =>
    rootOfMetadata(properties[name]?.trim() ?? ""),
  );
  // Bare Parquet names several places, one a line: the first stands for them, as it does for a worker.
  const upstream = upstreamUri.trim().split("\n", 1)[0] ?? "";
  const location = [...stated, ...metadata, upstream]
    .map(withoutSlashes)
    .find((text) => /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text));
  return location;
}

/** Below, for a part of the table; above, for a warehouse that it lies in (08 S22, S23). */
export function isAboveOrBelow(asked: string, table: string): boolean {
  const location = withoutSlashes(asked);
  return location === table || location.startsWith(`${table}/`) || table.startsWith(`${location}/`);
}

function withoutSlashes(location: string): string {
  return location.trim().replace(/\/+$/, "");
}
