/**
 * What the files of one thread may hold of bytes that were fetched ahead, all together. A reader that waits for bytes gets
 * them whether there is room or not; what would only be ahead of one waits until there is.
 */
export interface ReadAheadMemory {
  readonly maxBytes: number;
  /** False: there is no room, nothing was taken. */
  tryTake(bytes: number): boolean;
  /** For bytes that are waited for. */
  take(bytes: number): void;
  give(bytes: number): void;
  /** A buffer of at least so many bytes, with anything in them. */
  buffer(length: number): Uint8Array;
  /** Gives one back that nobody looks at any more: fresh memory has to be cleared by the system page by page. */
  reuse(buffer: Uint8Array): void;
  /** Calls once, when there may be room again; who asked first is called first. */
  whenRoom(call: () => void): void;
}

const GRANULE_BYTES = 1024 * 1024;
/** Kept for the next block. */
const MOST_BUFFERS = 3;

export function createReadAheadMemory(maxBytes: number): ReadAheadMemory {
  let taken = 0;
  let waiting: (() => void)[] = [];
  /** From small to large. */
  const buffers: Uint8Array[] = [];
  return {
    maxBytes,
    tryTake(bytes) {
      // A block that is larger than all there may be goes alone.
      if (taken > 0 && taken + bytes > maxBytes) return false;
      taken += bytes;
      return true;
    },
    take(bytes) {
      taken += bytes;
    },
    give(bytes) {
      taken -= bytes;
      const calls = waiting;
      waiting = [];
      for (const call of calls) call();
    },
    buffer(length) {
      const index = buffers.findIndex((each) => each.length >= length);
      const [kept] = index < 0 ? [] : buffers.splice(index, 1);
      return kept ?? Buffer.allocUnsafeSlow(Math.ceil(length / GRANULE_BYTES) * GRANULE_BYTES);
    },
    reuse(buffer) {
      const index = buffers.findIndex((each) => each.length >= buffer.length);
      buffers.splice(index < 0 ? buffers.length : index, 0, buffer);
      if (buffers.length > MOST_BUFFERS) buffers.shift();
    },
    whenRoom(call) {
      if (!waiting.includes(call)) waiting.push(call);
    },
  };
}
