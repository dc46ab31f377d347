/**
 * Memory that windows are filled into, used again and again: fresh memory has to be cleared by the system page by page, which
 * costs about as much as reading a cached file does. One pool serves one thread.
 */
export interface BufferPool {
  /** At least `length` bytes, with anything in them. */
  take(length: number): Uint8Array;
  /** Gives a buffer back that nobody looks at any more: it is kept, or its memory goes back to the system at once. */
  give(buffer: Uint8Array): void;
}

const GRANULE_BYTES = 256 * 1024;
const MAX_KEPT = 4;
/** Larger buffers serve one page and are freed. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/**
 * glibc maps blocks of more than 32 MiB one by one and unmaps them when they are freed; smaller ones it may keep for itself. What
 * isn't touched of a block takes no memory.
 */
const UNMAPPED_WHEN_FREED_BYTES = 33 * 1024 * 1024;

export function createBufferPool(): BufferPool {
  /** From small to large. */
  const kept: Uint8Array[] = [];
  return {
    take(length) {
      const index = kept.findIndex((buffer) => buffer.length >= length);
      if (index >= 0) return kept.splice(index, 1)[0]!;
      if (length > MAX_KEPT_BYTES) return new Uint8Array(Math.max(length, UNMAPPED_WHEN_FREED_BYTES));
      return new Uint8Array(Math.ceil(length / GRANULE_BYTES) * GRANULE_BYTES);
    },
    give(buffer) {
      if (buffer.length > MAX_KEPT_BYTES) {
        free(buffer);
        return;
      }
      if (buffer.length === 0) return;
      const index = kept.findIndex((other) => other.length >= buffer.length);
      kept.splice(index < 0 ? kept.length : index, 0, buffer);
      const dropped = kept.length > MAX_KEPT ? kept.shift() : undefined;
      if (dropped !== undefined) free(dropped);
    },
  };
}

/** Without waiting for a garbage collection, which knows nothing of what a buffer holds. Every view of it becomes empty. */
export function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
