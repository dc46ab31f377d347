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
  /** Calls once, when there may be room again; who asked first is called first. */
  whenRoom(call: () => void): void;
}

export function createReadAheadMemory(maxBytes: number): ReadAheadMemory {
  let taken = 0;
  let waiting: (() => void)[] = [];
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
    whenRoom(call) {
      if (!waiting.includes(call)) waiting.push(call);
    },
  };
}
