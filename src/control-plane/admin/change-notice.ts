/** Wakes those who wait for jobs to change. */
export interface ChangeNotice {
  notify(): void;
  /** Resolves at the next change after this call. */
  next(): Promise<void>;
}

export function createChangeNotice(): ChangeNotice {
  let waiting = Promise.withResolvers<void>();
  return {
    notify() {
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
    },
    next: () => waiting.promise,
  };
}

/** Waits for an event; rejects as soon as the signal aborts. */
export async function eventOrAbort(event: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([event, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
