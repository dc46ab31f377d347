import { randomUUID } from "node:crypto";
import type { S3CredentialSettings, S3Credentials, S3Keys } from "../settings.ts";

/**
 * Credentials that end and are renewed during a capture (08 §3.6) are held by the main thread, which alone speaks with the
 * control plane and the catalogs. Stores name them by an id that is plain data; those of capture threads ask for them through
 * the pool's port.
 */
export interface S3CredentialSource {
  /**
   * Keys to use now, renewed if they are due. `rejected` are the keys that the store has just refused as ended: they are not
   * given again. Rejects if there are none to be had.
   */
  current(options: CredentialRequest): Promise<S3Credentials>;
}

export interface CredentialRequest {
  readonly rejected?: S3Keys | undefined;
  readonly signal: AbortSignal;
}

export interface HeldCredentials {
  readonly id: string;
  /** What stands in `S3Settings.credentials`. */
  readonly settings: S3CredentialSettings;
  /** Ends with the capture: whoever asks afterwards is refused, and a renewal under way is stopped. */
  release(): void;
}

interface Holder {
  readonly source: S3CredentialSource;
  readonly ended: AbortController;
  flight: Flight | undefined;
}

interface Flight {
  readonly rejectedId: string | undefined;
  readonly result: Promise<S3Credentials>;
}

/** By id, in the main thread alone. */
const holders = new Map<string, Holder>();

export function holdCredentials(source: S3CredentialSource): HeldCredentials {
  const id = randomUUID();
  const holder: Holder = { source, ended: new AbortController(), flight: undefined };
  holders.set(id, holder);
  return {
    id,
    settings: { kind: "held", id },
    release() {
      holders.delete(id);
      holder.ended.abort(new Error(RELEASED));
    },
  };
}

const RELEASED = "the storage credentials of this capture have been dropped: it has ended";

/** Keys of a holder. Those who ask at the same time share one question to the source. */
export function heldCredentials(id: string, request: CredentialRequest): Promise<S3Credentials> {
  const holder = holders.get(id);
  if (holder === undefined) return Promise.reject(new Error(RELEASED));
  return untilAborted(flightOf(holder, request.rejected), request.signal);
}

function flightOf(holder: Holder, rejected: S3Keys | undefined): Promise<S3Credentials> {
  const rejectedId = rejected && identityOf(rejected);
  const { flight } = holder;
  if (flight !== undefined && (rejectedId === undefined || rejectedId === flight.rejectedId)) {
    return flight.result;
  }
  const started: Flight = {
    rejectedId,
    result: holder.source.current({ rejected, signal: holder.ended.signal }),
  };
  holder.flight = started;
  const done = () => {
    if (holder.flight === started) holder.flight = undefined;
  };
  started.result.then(done, done);
  return untilAborted(started.result, holder.ended.signal);
}

/** Tells keys apart. Those of one identity can differ in the token alone. */
export function identityOf(keys: S3Keys): string {
  return `${keys.accessKeyId}\n${keys.sessionToken ?? ""}`;
}

/** The result for one who may leave before it is there. */
export function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) {
      // What comes of it is nobody's business any more.
      result.catch(() => undefined);
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    result.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
  });
}
