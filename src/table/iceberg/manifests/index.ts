export { type Manifest, type ManifestEntry, type MetricMaps, readEntry } from "./manifest.ts";
export { createManifestCache, DEFAULT_MANIFEST_CACHE_BYTES, type ManifestCache } from "./manifest-cache.ts";
export type { ManifestRef } from "./manifest-list.ts";
export { liveEntries, type ManifestEntries, type ManifestSource } from "./read-manifests.ts";
