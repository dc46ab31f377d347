import type { ByteSource } from "../../model/index.ts";

/**
 * A window that slides forward over a stretch of a file, so that a chunk is read by ranges of bounded size and never held
 * whole. Memory: one window, or the largest single request where that is larger, and the old window while the next is filled.
 */
export interface Window {
  /** End of the stretch that may be read at all, absolute. */
  readonly limit: number;
  /**
   * The bytes from `offset` on: at least `length`, and whatever else is loaded. `length` must stay below the limit. A view,
   * valid until the next call.
   */
  view(offset: number, length: number): Promise<Uint8Array>;
}

export interface WindowOptions {
  /** Where reading ahead stops, absolute: the announced end of the chunk. */
  readonly softEnd: number;
  /** Where reading stops, absolute. */
  readonly limit: number;
  readonly windowBytes: number;
  readonly signal: AbortSignal;
}

export function openWindow(source: ByteSource, options: WindowOptions): Window {
  const { softEnd, limit, windowBytes, signal } = options;
  let loaded: Uint8Array = new Uint8Array(0);
  let loadedFrom = 0;

  async function view(offset: number, length: number): Promise<Uint8Array> {
    const skip = offset - loadedFrom;
    const kept = skip >= 0 && skip <= loaded.length ? loaded.subarray(skip) : new Uint8Array(0);
    if (kept.length >= length) return kept;
    const end = Math.max(offset + length, Math.min(offset + windowBytes, softEnd));
    const from = offset + kept.length;
    const fresh = await source.read(from, Math.min(end, limit) - from, { signal });
    loaded = kept.length === 0 ? fresh : concat(kept, fresh);
    loadedFrom = offset;
    return loaded;
  }

  return { limit, view };
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}
