import { type Clock, systemClock } from "../../model/index.ts";
import type { TokenSource } from "../token.ts";
import { cachedTokens } from "./token-cache.ts";
import { type ClientCredentials, tokenEndpoint } from "./token-endpoint.ts";

export interface OidcTokenSettings extends ClientCredentials {
  /** How long before its end a token is renewed, at most a third of its lifetime. */
  readonly refreshSkewMs: number;
}

/** Tokens by OIDC client credentials (08 §1, decision 19), one for each account that is asked for. */
export function oidcTokens(settings: OidcTokenSettings, clock: Clock = systemClock): TokenSource {
  return cachedTokens({ fetchToken: tokenEndpoint(settings), refreshSkewMs: settings.refreshSkewMs, clock });
}
