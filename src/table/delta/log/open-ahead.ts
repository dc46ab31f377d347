import type { ObjectHandle, ObjectStore } from "../../../storage/index.ts";

/** Opened before their turn: enough to hide a store's latency. Of a store across a network small ones come along whole. */
const FILES_AHEAD = 8;

export interface OpenedAhead extends Pick<ObjectStore, "open">, AsyncDisposable {}

/** A store whose files are read in a known order: those that come next are opened while one is read. */
export function openAhead(
  store: Pick<ObjectStore, "open">,
  paths: readonly string[],
  signal: AbortSignal,
): OpenedAhead {
  const opening = new Map<string, Promise<ObjectHandle>>();
  const left = new AbortController();
  const aheadSignal = AbortSignal.any([signal, left.signal]);
  let next = 0;
  return {
    async open(path, options) {
      const at = paths.indexOf(path, Math.max(0, next - FILES_AHEAD - 1));
      next = Math.max(next, at);
      for (; next < paths.length && next <= at + FILES_AHEAD; next++) {
        const upcoming = paths[next];
        if (upcoming === undefined || opening.has(upcoming)) continue;
        const opened = store.open(upcoming, { signal: aheadSignal });
        // Reported where it is awaited, if it ever is.
        opened.catch(() => undefined);
        opening.set(upcoming, opened);
      }
      const opened = opening.get(path);
      opening.delete(path);
      return await (opened ?? store.open(path, options));
    },
    async [Symbol.asyncDispose]() {
      left.abort(new DOMException("the log was read", "AbortError"));
      const unread = await Promise.allSettled(opening.values());
      opening.clear();
      for (const opened of unread) if (opened.status === "fulfilled") await opened.value.close();
    },
  };
}
