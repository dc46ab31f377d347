import { createSharedCache, type SharedCache } from "../../shared-cache.ts";
import type { Manifest } from "./manifest.ts";

/**
 * Manifests shared by the groups of a snapshot (04 §5, "a cache keyed by manifest path is a safe improvement": they are
 * immutable).
 */
export type ManifestCache = SharedCache<Manifest>;

export const DEFAULT_MANIFEST_CACHE_BYTES = 128 * 2 ** 20;

export function createManifestCache(maxBytes: number = DEFAULT_MANIFEST_CACHE_BYTES): ManifestCache {
  return createSharedCache(maxBytes, (manifest) => manifest.heldBytes);
}
