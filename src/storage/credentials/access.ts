import type { Clock } from "../../model/index.ts";
import type { RenewableCredentials, S3CredentialSettings, S3Credentials, S3Keys } from "../settings.ts";
import { type CredentialRequest, heldCredentials, identityOf, untilAborted } from "./held.ts";

/** Where credentials that aren't in the settings come from: in the main thread from their source, elsewhere by asking there. */
export type AskCredentials = (
  settings: RenewableCredentials,
  request: CredentialRequest,
) => Promise<S3Credentials>;

/** Asks in this thread, which must be the main one; the SDK is loaded when it is first needed. */
export const mainThreadCredentials: AskCredentials = async (settings, request) =>
  settings.kind === "held"
    ? await heldCredentials(settings.id, request)
    : await (await import("./chain.ts")).machineCredentials(settings, request);

/** The keys that a store signs with. */
export interface KeyRing {
  /** Undefined: requests are not signed. `rejected`: the keys that S3 has just refused as ended. */
  keys(options: {
    readonly rejected?: S3Keys | undefined;
    readonly signal: AbortSignal;
  }): Promise<S3Keys | undefined>;
  /** Others can be had when those at hand are refused. */
  readonly renewable: boolean;
}

export function createKeyRing(settings: S3CredentialSettings, ask: AskCredentials, clock: Clock): KeyRing {
  switch (settings.kind) {
    case "anonymous":
      return { renewable: false, keys: async () => undefined };
    case "static":
      return { renewable: false, keys: async () => settings };
    default:
      return renewedKeys(settings, ask, clock);
  }
}

/** A copy of the keys, asked for again when it is due or refused; requests that need it meanwhile share the question. */
function renewedKeys(settings: RenewableCredentials, ask: AskCredentials, clock: Clock): KeyRing {
  let copy: S3Credentials | undefined;
  let asking: Promise<S3Credentials> | undefined;
  // What is asked for is asked for all: no request of its own may stop it.
  const ownSignal = new AbortController().signal;

  const isGood = (rejected: S3Keys | undefined): boolean =>
    copy !== undefined &&
    (copy.renewAtMs === undefined || clock.nowMs() < copy.renewAtMs) &&
    (rejected === undefined || identityOf(copy) !== identityOf(rejected));

  return {
    renewable: true,
    async keys({ rejected, signal }) {
      signal.throwIfAborted();
      if (copy !== undefined && isGood(rejected)) return copy;
      if (asking === undefined) {
        const started = ask(settings, { rejected, signal: ownSignal }).then((fresh) => {
          copy = fresh;
          return fresh;
        });
        const done = () => {
          if (asking === started) asking = undefined;
        };
        started.then(done, done);
        asking = started;
      }
      return await untilAborted(asking, signal);
    },
  };
}
