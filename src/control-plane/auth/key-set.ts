import type { KeyObject } from "node:crypto";
import { z } from "zod";
import type { HttpClient } from "../../http/index.ts";
import type { Clock } from "../../model/index.ts";
import { importKey } from "./jwt.ts";

/**
 * The signing keys of an issuer, found by discovery and kept. A token with a key that isn't known yet makes it look again, so that
 * rotated keys are found, but not more often than every few seconds, whatever callers send.
 */
export interface KeySet {
  /** Keys that may have signed a token with this key id; rejects if the issuer can't be asked. */
  candidates(kid: string | undefined): Promise<readonly KeyObject[]>;
}

interface NamedKey {
  readonly kid: string | undefined;
  readonly key: KeyObject;
}

const RELOAD_INTERVAL_MS = 5000;
const FETCH_TIMEOUT_MS = 5000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional(), use: z.string().optional() })),
});

export function discoveredKeys(issuer: string, clock: Clock, http: HttpClient): KeySet {
  let keys: readonly NamedKey[] = [];
  let loadedAtMs = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
    const found = discovery.parse(await fetchJson(http, `${base}/.well-known/openid-configuration`));
    if (found.issuer !== issuer) throw new Error("the provider says it is another issuer");
    const set = keySetSchema.parse(await fetchJson(http, found.jwks_uri));
    keys = set.keys.flatMap((jwk) => {
      const key = jwk.use === "enc" ? undefined : importKey(jwk);
      return key === undefined ? [] : [{ kid: jwk.kid, key }];
    });
  }

  const matching = (kid: string | undefined) =>
    keys.filter((each) => kid === undefined || each.kid === kid).map(({ key }) => key);

  return {
    async candidates(kid) {
      const known = matching(kid);
      if (known.length > 0 || clock.monotonicMs() - loadedAtMs < RELOAD_INTERVAL_MS) return known;
      // Callers that come meanwhile wait for the same answer.
      loading ??= load().finally(() => {
        loading = undefined;
      });
      await loading;
      loadedAtMs = clock.monotonicMs();
      return matching(kid);
    },
  };
}

const NEVER = new AbortController().signal;

async function fetchJson(http: HttpClient, url: string): Promise<unknown> {
  const response = await http.fetch(url, { signal: NEVER, timeoutMs: FETCH_TIMEOUT_MS });
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  return await response.json();
}
