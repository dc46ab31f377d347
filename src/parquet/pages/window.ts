import type { ByteSource } from "../../model/index.ts";
import type { BufferPool } from "./buffers.ts";

/**
 * A window that slides forward over a stretch of a file, so that a chunk is read by ranges of bounded size and never held
 * whole. Memory: one window, or the largest single request where that is larger, and the old window while the next is filled.
 */
export interface Window extends Disposable {
  /** End of the stretch that may be read at all, absolute. */
  readonly limit: number;
  /**
   * The bytes from `offset` on: at least `length`, and whatever else is loaded. `length` must stay below the limit. A view,
   * valid until the next call.
   */
  view(offset: number, length: number): Promise<Uint8Array>;
  /** Ends the last view; what is asked for next is read anew. */
  drop(): void;
}

export interface WindowOptions {
  /** Where reading ahead stops, absolute: the announced end of the chunk. */
  readonly softEnd: number;
  /** Where reading stops, absolute. */
  readonly limit: number;
  readonly windowBytes: number;
  /** Where memory comes from if the source can fill it. */
  readonly buffers: BufferPool | undefined;
  readonly signal: AbortSignal;
}

export function openWindow(source: ByteSource, options: WindowOptions): Window {
  const { softEnd, limit, windowBytes, buffers, signal } = options;
  let loaded: Uint8Array = new Uint8Array(0);
  let loadedFrom = 0;
  /** What `loaded` lies in, if it is the pool's. */
  let buffer: Uint8Array | undefined;

  async function view(offset: number, length: number): Promise<Uint8Array> {
    const skip = offset - loadedFrom;
    const kept = skip >= 0 && skip <= loaded.length ? loaded.subarray(skip) : new Uint8Array(0);
    if (kept.length >= length) return kept;
    const end = Math.max(offset + length, Math.min(offset + windowBytes, softEnd));
    const from = offset + kept.length;
    loaded = await load(kept, from, Math.min(end, limit) - from);
    loadedFrom = offset;
    return loaded;
  }

  async function load(kept: Uint8Array, from: number, length: number): Promise<Uint8Array> {
    if (buffers === undefined || source.readInto === undefined) {
      const fresh = await source.read(from, length, { signal });
      return kept.length === 0 ? fresh : concat(kept, fresh);
    }
    const total = kept.length + length;
    const next = buffers.take(total);
    next.set(kept);
    await source.readInto(from, next.subarray(kept.length, total), { signal });
    if (buffer !== undefined) buffers.give(buffer);
    buffer = next;
    return next.subarray(0, total);
  }

  function drop(): void {
    if (buffer !== undefined) buffers?.give(buffer);
    buffer = undefined;
    loaded = new Uint8Array(0);
  }

  return { limit, view, drop, [Symbol.dispose]: drop };
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}
