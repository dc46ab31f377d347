import type { DeltaCache } from "./delta/index.ts";
import type { ManifestCache } from "./iceberg/index.ts";
import { type SharedCache, scopedCache } from "./shared-cache.ts";

/** What groups of a process share of their tables' metadata. */
export interface TableCaches {
  readonly manifests: ManifestCache;
  readonly deltaLogs: DeltaCache;
}

/**
 * The caches as those of one scope see them. What one connector may read another may not (08 §4.4): a group that names the
 * path of a foreign manifest must meet the store's refusal, not what the manifest's owner has left in the cache.
 */
export function scopedCaches({ manifests, deltaLogs }: TableCaches, scope: string): TableCaches {
  const scoped = <Value>(cache: SharedCache<Value>) => scopedCache(cache, scope);
  return {
    manifests: scoped(manifests),
    deltaLogs: { ...deltaLogs, logs: scoped(deltaLogs.logs), files: scoped(deltaLogs.files) },
  };
}
