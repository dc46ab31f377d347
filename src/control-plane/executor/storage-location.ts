import type { CatalogTable } from "../store/index.ts";

/** Table property of ours: metadata location of the newest registered snapshot. */
export const SNAPSHOT_METADATA_PROPERTY = "floecat_capture.snapshot_metadata_location";

const LOCATION_PROPERTIES = ["storage_location", "location", "delta.table-root", "external.location"];

/** `storage_location` of a chunked payload (02 §4.6): the first that is not blank. */
export function storageLocation(table: CatalogTable): string {
  const { properties } = table;
  for (const name of LOCATION_PROPERTIES) {
    const value = properties[name]?.trim() ?? "";
    if (value !== "") return value;
  }
  for (const name of ["source_metadata_location", SNAPSHOT_METADATA_PROPERTY]) {
    const value = properties[name]?.trim() ?? "";
    if (value !== "") return rootOfMetadata(value);
  }
  return table.upstreamUri.trim();
}

/** The table root above a metadata location (02 §4.6, "Root derivation"). */
export function rootOfMetadata(location: string): string {
  for (const folder of ["/metadata/", "/_delta_log/"]) {
    const at = location.indexOf(folder);
    if (at > 0) return location.slice(0, at);
  }
  for (const suffix of ["/metadata", "/_delta_log"]) {
    if (location.endsWith(suffix)) return location.slice(0, -suffix.length);
  }
  return location;
}
