import { type BigIntStats, closeSync, fstatSync, openSync, read, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";

/** One open file, however its calls are made. Failures are Node's own. */
export interface FileAccess {
  stat(): Promise<BigIntStats>;
  /** As many bytes into `target` as the system gives in one go, from `position` of the file; 0 at its end. */
  read(target: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

export type OpenFileAccess = (path: string, flags: number) => Promise<FileAccess>;

/** By Node's I/O threads: nothing waits but the caller. */
export const openInBackground: OpenFileAccess = async (path, flags) => {
  const file: FileHandle = await open(path, flags);
  return {
    stat: () => file.stat({ bigint: true }),
    read: async (target, position) => (await file.read(target, 0, target.length, position)).bytesRead,
    close: () => file.close(),
  };
};

const readInBackground = promisify(read);

/** A footer, not a window of pages: read in the calling thread whatever the disk does. */
const SMALL_BYTES = 256 * 1024;
/** Half a gigabyte a second: cached files are read at several, what has to be waited for more slowly. */
const CACHED_BYTES_PER_MS = 500_000;
/** Every so many slow reads one is made in the calling thread again, to see whether that has become quick. */
const SLOW_READS_BEFORE_TRYING = 16;

/**
 * In the calling thread, which stands still meanwhile. For threads that have nothing else to do: asking the I/O threads costs
 * several times what the system needs to give a footer, and where all cores decode, a thread that waits for an I/O thread to
 * be scheduled decodes nothing. Large reads are made so as long as they come from the system's cache; a disk is waited for by
 * the I/O threads, so that other bytes are decoded meanwhile.
 */
export const openInPlace: OpenFileAccess = async (path, flags) => {
  const descriptor = openSync(path, flags);
  let slowReads = 0;

  async function readPart(target: Uint8Array, position: number): Promise<number> {
    const { length } = target;
    if (length <= SMALL_BYTES) return readSync(descriptor, target, 0, length, position);
    if (slowReads % SLOW_READS_BEFORE_TRYING > 0) {
      slowReads++;
      return (await readInBackground(descriptor, target, 0, length, position)).bytesRead;
    }
    const startedMs = performance.now();
    const bytesRead = readSync(descriptor, target, 0, length, position);
    slowReads = bytesRead >= CACHED_BYTES_PER_MS * (performance.now() - startedMs) ? 0 : 1;
    return bytesRead;
  }

  return {
    stat: async () => fstatSync(descriptor, { bigint: true }),
    read: readPart,
    close: async () => closeSync(descriptor),
  };
};
