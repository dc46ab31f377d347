/**
 * Memory that windows are filled into, used again and again: fresh memory has to be cleared by the system page by page, which
 * costs about as much as reading a cached file does. One pool serves one thread.
 */
export interface BufferPool {
  /** At least `length` bytes, with anything in them. */
  take(length: number): Uint8Array;
  /** Gives a buffer back that nobody looks at any more. */
  give(buffer: Uint8Array): void;
}

const GRANULE_BYTES = 256 * 1024;
const MAX_KEPT = 4;
/** Larger buffers serve one page and are dropped. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

export function createBufferPool(): BufferPool {
  /** From small to large. */
  const kept: Uint8Array[] = [];
  return {
    take(length) {
      const index = kept.findIndex((buffer) => buffer.length >= length);
      if (index >= 0) return kept.splice(index, 1)[0]!;
      return new Uint8Array(Math.ceil(length / GRANULE_BYTES) * GRANULE_BYTES);
    },
    give(buffer) {
      if (buffer.length === 0 || buffer.length > MAX_KEPT_BYTES) return;
      const index = kept.findIndex((other) => other.length >= buffer.length);
      kept.splice(index < 0 ? kept.length : index, 0, buffer);
      if (kept.length > MAX_KEPT) kept.shift();
    },
  };
}
