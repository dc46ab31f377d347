import type { Manifest } from "./manifest.ts";

/**
 * Manifests shared by the groups of a snapshot (04 §5, "a cache keyed by manifest path is a safe improvement": they are
 * immutable). Bounded in bytes, least recently used out first. A manifest asked for by several at once is read once; the
 * read goes on until the last of them gives up.
 */
export interface ManifestCache {
  /** The manifest kept under `key`, or what `load` reads. */
  get(key: string, load: (signal: AbortSignal) => Promise<Manifest>, signal: AbortSignal): Promise<Manifest>;
}

export const DEFAULT_MANIFEST_CACHE_BYTES = 128 * 2 ** 20;

export function createManifestCache(maxBytes: number = DEFAULT_MANIFEST_CACHE_BYTES): ManifestCache {
  // A map's order is that of insertion: the first key is the least recently used.
  const kept = new Map<string, Manifest>();
  const loading = new Map<string, SharedLoad>();
  let keptBytes = 0;

  const keep = (key: string, manifest: Manifest): void => {
    if (manifest.heldBytes > maxBytes) return;
    kept.set(key, manifest);
    keptBytes += manifest.heldBytes;
    for (const [oldKey, old] of kept) {
      if (keptBytes <= maxBytes) break;
      kept.delete(oldKey);
      keptBytes -= old.heldBytes;
    }
  };

  return {
    async get(key, load, signal) {
      signal.throwIfAborted();
      const hit = kept.get(key);
      if (hit !== undefined) {
        kept.delete(key);
        kept.set(key, hit);
        return hit;
      }
      let shared = loading.get(key);
      if (shared === undefined) {
        shared = startLoad(load);
        loading.set(key, shared);
        const started = shared;
        const done = () => {
          if (loading.get(key) === started) loading.delete(key);
        };
        started.result.then((manifest) => {
          done();
          keep(key, manifest);
        }, done);
      }
      return await waitFor(shared, signal, () => loading.delete(key));
    },
  };
}

interface SharedLoad {
  readonly result: Promise<Manifest>;
  readonly controller: AbortController;
  waiting: number;
}

function startLoad(load: (signal: AbortSignal) => Promise<Manifest>): SharedLoad {
  const controller = new AbortController();
  return { result: load(controller.signal), controller, waiting: 0 };
}

/** The load's result for one who may leave early. The last to leave stops the load, and no one may join it any more. */
function waitFor(shared: SharedLoad, signal: AbortSignal, abandon: () => void): Promise<Manifest> {
  shared.waiting += 1;
  return new Promise((resolve, reject) => {
    const leave = () => {
      signal.removeEventListener("abort", onAbort);
      shared.waiting -= 1;
    };
    const onAbort = () => {
      leave();
      if (shared.waiting === 0) {
        abandon();
        shared.controller.abort(signal.reason);
      }
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    shared.result.then(
      (manifest) => {
        leave();
        resolve(manifest);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
  });
}
