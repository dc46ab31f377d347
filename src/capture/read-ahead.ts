import type { ObjectEnd, ObjectStore } from "../storage/index.ts";

/**
 * The ends of files that are captured next, where their footers are, read while others are decoded: a group then begins with
 * what it would else wait for, a round trip to the store for each file.
 */
export interface ReadAhead {
  /** Grows while the reads come in. */
  readonly ends: ReadonlyMap<string, ObjectEnd>;
  /** Resolves when nothing more will come; never rejects. A file that can't be read is simply not there. */
  readonly done: Promise<void>;
}

/** As much as a reader of footers asks for first. */
const END_BYTES = 64 * 1024;
/** Of one group: with as many as a planner puts into it, 512 KiB. */
const MOST_FILES = 64;
const READS_AT_ONCE = 8;

export function readAhead(
  paths: readonly string[],
  { store, signal }: { readonly store: ObjectStore; readonly signal: AbortSignal },
): ReadAhead {
  const ends = new Map<string, ObjectEnd>();
  const left = [...new Set(paths)].slice(0, MOST_FILES).reverse();
  const reader = async () => {
    for (let path = left.pop(); path !== undefined && !signal.aborted; path = left.pop()) {
      const end = await readEnd(path, store, signal).catch(() => undefined);
      if (end !== undefined) ends.set(path, end);
    }
  };
  const readers = Array.from({ length: READS_AT_ONCE }, reader);
  return { ends, done: Promise.all(readers).then(() => {}) };
}

async function readEnd(path: string, store: ObjectStore, signal: AbortSignal): Promise<ObjectEnd> {
  await using file = await store.open(path, { signal });
  const { size, etag } = file;
  const length = Math.min(size, END_BYTES);
  return { size, etag, bytes: await file.read(size - length, length, { signal }) };
}
