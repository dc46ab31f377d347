import type { Clock } from "../../model/index.ts";
import { untilAborted } from "../credentials/held.ts";

/** A bearer token that may end. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since the epoch; undefined: not known. */
  readonly endMs: number | undefined;
}

/** The token that a store sends. */
export interface TokenRing {
  /** Undefined: requests carry none. `rejected`: the token that has just been refused. */
  token(options: {
    readonly rejected?: string | undefined;
    readonly signal: AbortSignal;
  }): Promise<string | undefined>;
  /** Another can be had when that at hand is refused. */
  readonly renewable: boolean;
}

/** Always the same token, or none. */
export function fixedToken(value: string | undefined): TokenRing {
  return { renewable: false, token: async () => value };
}

/** Ahead of the end; the clouds' own metadata servers give a new token out only in the last minutes of the old one. */
const RENEW_BEFORE_MS = 180_000;

/**
 * A token that is asked for again when it is due or refused; requests that need it meanwhile share the question. What fails ahead
 * of time leaves the old one in use until its end.
 */
export function renewedToken(source: (signal: AbortSignal) => Promise<AccessToken>, clock: Clock): TokenRing {
  let copy: (AccessToken & { readonly renewAtMs: number }) | undefined;
  let asking: Promise<string> | undefined;
  // What is asked for is asked for all: no request of its own may stop it.
  const ownSignal = new AbortController().signal;

  async function ask(rejected: string | undefined): Promise<string> {
    const askedMs = clock.nowMs();
    try {
      const fresh = await source(ownSignal);
      const endMs = fresh.endMs ?? Number.POSITIVE_INFINITY;
      const lifeMs = Math.max(0, endMs - askedMs);
      copy = { ...fresh, renewAtMs: endMs - Math.min(RENEW_BEFORE_MS, lifeMs / 2) };
      return fresh.value;
    } catch (error) {
      const mayKeep = copy !== undefined && copy.value !== rejected && clock.nowMs() < (copy.endMs ?? 0);
      if (copy === undefined || !mayKeep) throw error;
      return copy.value;
    }
  }

  return {
    renewable: true,
    async token({ rejected, signal }) {
      signal.throwIfAborted();
      if (copy !== undefined && clock.nowMs() < copy.renewAtMs && copy.value !== rejected) return copy.value;
      if (asking === undefined) {
        const started = ask(rejected);
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
