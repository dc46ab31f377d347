/** Files that are handed on at a time. */
const BATCH_FILES = 1024;

/** A list in pieces of at most `BATCH_FILES`. */
export function* batchesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += BATCH_FILES) yield items.slice(at, at + BATCH_FILES);
}
