/**
 * Why a running job must stop: the reason with which its signals abort. The three end differently (03 §6, §16): a lost lease
 * is dropped, a cancel is completed as cancelled, a shutdown hands the job back.
 */
export class Stop extends Error {
  override readonly name = "Stop";
  readonly kind: "lease-lost" | "cancelled" | "shutdown";

  constructor(kind: Stop["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Settles with `promise`, or rejects with the signal's reason as soon as it aborts; `promise` is then left to itself. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}
