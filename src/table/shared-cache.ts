/**
 * Immutable things read from a table's metadata, shared by the groups of a process. Bounded by the bytes that they hold, least
 * recently used out first. What several ask for at once is read once; the read goes on until the last of them gives up.
 */
export interface SharedCache<Value> {
  /** What is kept under `key`, or what `load` reads. */
  get(key: string, load: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal): Promise<Value>;
}

export function createSharedCache<Value>(
  maxBytes: number,
  heldBytes: (value: Value) => number,
): SharedCache<Value> {
  // A map's order is that of insertion: the first key is the least recently used.
  const kept = new Map<string, Value>();
  const loading = new Map<string, SharedLoad<Value>>();
  let keptBytes = 0;

  const keep = (key: string, value: Value): void => {
    if (heldBytes(value) > maxBytes) return;
    kept.set(key, value);
    keptBytes += heldBytes(value);
    for (const [oldKey, old] of kept) {
      if (keptBytes <= maxBytes) break;
      kept.delete(oldKey);
      keptBytes -= heldBytes(old);
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
        started.result.then((value) => {
          done();
          keep(key, value);
        }, done);
      }
      return await waitFor(shared, signal, () => loading.delete(key));
    },
  };
}

interface SharedLoad<Value> {
  readonly result: Promise<Value>;
  readonly controller: AbortController;
  waiting: number;
}

function startLoad<Value>(load: (signal: AbortSignal) => Promise<Value>): SharedLoad<Value> {
  const controller = new AbortController();
  return { result: load(controller.signal), controller, waiting: 0 };
}

/** The load's result for one who may leave early. The last to leave stops the load, and no one may join it any more. */
function waitFor<Value>(shared: SharedLoad<Value>, signal: AbortSignal, abandon: () => void): Promise<Value> {
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
      (value) => {
        leave();
        resolve(value);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
  });
}

/** A part of a cache that other scopes don't see; its bound is the whole cache's. */
export function scopedCache<Value>(cache: SharedCache<Value>, scope: string): SharedCache<Value> {
  return { get: (key, load, signal) => cache.get(JSON.stringify([scope, key]), load, signal) };
}
