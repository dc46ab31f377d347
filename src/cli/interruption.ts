/** A signal that aborts on the first SIGINT or SIGTERM; the second one ends the process at once, as nothing else would. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to their default handling. */
  release(): void;
}

export function interruptible(): Interruption {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new DOMException("interrupted", "AbortError"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
