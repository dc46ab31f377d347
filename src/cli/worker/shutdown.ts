/** SIGTERM or SIGINT once: drain. Twice: hurry. A third time the process ends at once. */
export interface Shutdown {
  readonly drain: AbortSignal;
  readonly hurry: AbortSignal;
  /** Gives the signals back to their default handling. */
  release(): void;
}

export function twoStageShutdown(): Shutdown {
  const drain = new AbortController();
  const hurry = new AbortController();
  const onSignal = () => {
    if (!drain.signal.aborted) drain.abort(new DOMException("the worker is draining", "AbortError"));
    else if (!hurry.signal.aborted) hurry.abort(new DOMException("the worker is to stop now", "AbortError"));
    else process.exit(130);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    drain: drain.signal,
    hurry: hurry.signal,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
