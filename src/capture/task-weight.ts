import { type FileTask, needsFooterOnly } from "./task.ts";

/**
 * How much of a thread a task takes, in parts of `WHOLE_THREAD`. Pages of a local file have a thread to themselves: bytes are
 * there as fast as they are decoded. A footer is a small read, and a file across the network is mostly waited for: several go
 * side by side in one thread, which fetches the next ones while it decodes one, as far as its memory goes.
 */
export const WHOLE_THREAD = 96;

/** Footers that one thread reads side by side, so that it parses one while it waits for others. */
export const FOOTERS_AT_ONCE = 16;
/** The same across a network: as many as hide a latency of tens of milliseconds. */
const REMOTE_FOOTERS_AT_ONCE = 32;
const REMOTE_FILES_AT_ONCE = 24;
/** Of files whose pages are decoded, what one thread has under way. */
const REMOTE_BYTES_AT_ONCE = 64 * 1024 * 1024;

export function taskWeight(task: FileTask): number {
  const { remoteBytes } = task;
  if (needsFooterOnly(task)) {
    return WHOLE_THREAD / (remoteBytes === undefined ? FOOTERS_AT_ONCE : REMOTE_FOOTERS_AT_ONCE);
  }
  // A file that all threads share is decoded by each of them at the same time.
  if (remoteBytes === undefined || task.turn !== undefined || task.gathered !== undefined)
    return WHOLE_THREAD;
  const byMemory = Math.ceil((WHOLE_THREAD * remoteBytes) / REMOTE_BYTES_AT_ONCE);
  return Math.min(WHOLE_THREAD, Math.max(WHOLE_THREAD / REMOTE_FILES_AT_ONCE, byMemory));
}

/** Files in flight beyond what the threads hold, so that a thread that ends one file finds the next one waiting. */
const READ_AHEAD_FILES = 2;
const READ_AHEAD_FOOTERS = 2 * FOOTERS_AT_ONCE;

/** Files that are begun before the first of them has ended. */
export function filesInFlight(
  threads: number,
  { pages, remote }: { readonly pages: boolean; readonly remote: boolean },
): number {
  if (pages) return threads * (remote ? REMOTE_FILES_AT_ONCE : 1) + READ_AHEAD_FILES;
  return threads * (remote ? REMOTE_FOOTERS_AT_ONCE : FOOTERS_AT_ONCE) + READ_AHEAD_FOOTERS;
}
