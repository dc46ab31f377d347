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

/** What is read in one go without the I/O threads: a footer, not a window of pages that is fetched ahead. */
const MAX_BYTES_IN_PLACE = 256 * 1024;

const readInBackground = promisify(read);

/**
 * In the calling thread, which stands still meanwhile. For threads that have nothing else to do: asking the I/O threads for a
 * footer costs several times what the system needs to give it.
 */
export const openInPlace: OpenFileAccess = async (path, flags) => {
  const descriptor = openSync(path, flags);
  return {
    stat: async () => fstatSync(descriptor, { bigint: true }),
    read: async (target, position) => {
      const { length } = target;
      if (length <= MAX_BYTES_IN_PLACE) return readSync(descriptor, target, 0, length, position);
      return (await readInBackground(descriptor, target, 0, length, position)).bytesRead;
    },
    close: async () => closeSync(descriptor),
  };
};
