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
  /**
   * Ends what was taken. A buffer that nobody looks at any more is kept for the next one, as far as the limit goes: fresh
   * memory has to be cleared by the system page by page.
   */
  give(bytes: number, unused?: Uint8Array): void;
  /** A buffer of at least so many bytes, with anything in them. */
  buffer(length: number): Uint8Array;
  /** Calls once, when there may be room again; who asked first is called first. */
  whenRoom(call: () => void): void;
}

const GRANULE_BYTES = 1024 * 1024;

export function createReadAheadMemory(maxBytes: number): ReadAheadMemory {
  let taken = 0;
  let waiting: (() => void)[] = [];
  /** From small to large. */
  const buffers: Uint8Array[] = [];

  function keep(buffer: Uint8Array): void {
    const kept = buffers.reduce((sum, each) => sum + each.length, buffer.length);
    if (taken + kept > maxBytes) return;
    const index = buffers.findIndex((each) => each.length >= buffer.length);
    buffers.splice(index < 0 ? buffers.length : index, 0, buffer);
  }

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
    give(bytes, unused) {
      taken -= bytes;
      if (unused !== undefined) keep(unused);
      const calls = waiting;
      waiting = [];
      for (const call of calls) call();
    },
    buffer(length) {
      const index = buffers.findIndex((each) => each.length >= length);
      const [kept] = index < 0 ? [] : buffers.splice(index, 1);
      if (kept !== undefined) return kept;
      // Those that are too small would only lie beside it.
      buffers.length = 0;
      return Buffer.allocUnsafeSlow(Math.ceil(length / GRANULE_BYTES) * GRANULE_BYTES);
    },
    whenRoom(call) {
      if (!waiting.includes(call)) waiting.push(call);
    },
  };
}
