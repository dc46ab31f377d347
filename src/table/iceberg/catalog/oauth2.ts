/**
 * Bearer tokens of a REST catalog (04 §3.3): one that is given, or those of the client-credentials grant, asked for with the
 * property `credential` and again before they end or when the catalog refuses one.
 */
import {
  AccessDeniedError,
  ServiceAnswerError,
  TableError,
  TransientReadError,
} from "../../../model/index.ts";
import { type CatalogContext, networkError } from "../../catalog/index.ts";
import type { ConnectorOptions } from "../options.ts";
import { filled } from "./properties.ts";

export interface BearerTokens {
  current(signal: AbortSignal): Promise<string>;
  /** The catalog refused this one. True: another may be had. */
  rejected(token: string): boolean;
}

/** A token that nobody renews: the next Get of the group brings another (08 §2.3). */
export function givenToken(token: string): BearerTokens {
  return { current: async () => token, rejected: () => false };
}

export interface ClientGrant {
  readonly endpoint: string;
  /** `id:secret`, or the secret alone. */
  readonly credential: string;
  readonly scope: string;
  /** Further parameters of the request: `audience`, `resource`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Headers of the catalog's own, where the endpoint is its own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lifetimeMs: number;
}

const DEFAULT_SCOPE = "catalog";
const DEFAULT_LIFETIME_MS = 3_600_000;
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 1 << 20;
/** Ahead of its end, or a third of its life if that is less. */
const SKEW_MS = 30_000;

/** The grant that properties ask for; undefined: they hold no `credential`. */
export function clientGrant(
  properties: ConnectorOptions,
  base: string,
  headers: Readonly<Record<string, string>>,
): ClientGrant | undefined {
  const credential = filled(properties.credential);
  if (credential === undefined) return undefined;
  const server = filled(properties["oauth2-server-uri"]) ?? "v1/oauth/tokens";
  const endpoint = /^https?:\/\//i.test(server) ? server : `${base}/${server.replace(/^\/+/, "")}`;
  const isOwn = URL.canParse(endpoint) && new URL(endpoint).origin === new URL(base).origin;
  const parameters = Object.fromEntries(
    ["audience", "resource"].flatMap((name) => {
      const value = filled(properties[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const lifetime = filled(properties["token-expires-in-ms"]);
  return {
    endpoint,
    credential,
    scope: filled(properties.scope) ?? DEFAULT_SCOPE,
    parameters,
    headers: isOwn ? headers : {},
    lifetimeMs:
      lifetime !== undefined && /^\d{1,15}$/.test(lifetime) ? Number(lifetime) : DEFAULT_LIFETIME_MS,
  };
}

interface HeldToken {
  readonly token: string;
  readonly renewAtMs: number;
}

export function grantedTokens(
  grant: ClientGrant,
  { fetch, clock }: Pick<CatalogContext, "fetch" | "clock">,
): BearerTokens {
  let held: HeldToken | undefined;
  return {
    async current(signal) {
      if (held === undefined || clock.monotonicMs() >= held.renewAtMs) {
        const askedMs = clock.monotonicMs();
        const { token, lifetimeMs } = await requestToken(grant, fetch, signal);
        held = { token, renewAtMs: askedMs + lifetimeMs - Math.min(SKEW_MS, lifetimeMs / 3) };
      }
      return held.token;
    },
    rejected(token) {
      if (held?.token === token) held = undefined;
      return true;
    },
  };
}

async function requestToken(
  grant: ClientGrant,
  fetch: CatalogContext["fetch"],
  signal: AbortSignal,
): Promise<{ readonly token: string; readonly lifetimeMs: number }> {
  const colon = grant.credential.indexOf(":");
  const id = colon < 0 ? undefined : grant.credential.slice(0, colon);
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...(id !== undefined && { client_id: id }),
    client_secret: grant.credential.slice(colon + 1),
    scope: grant.scope,
    ...grant.parameters,
  });
  const where = endpointName(grant.endpoint);
  let answer: Response;
  try {
    answer = await fetch(grant.endpoint, {
      method: "POST",
      headers: {
        ...grant.headers,
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: form.toString(),
      signal,
      timeoutMs: TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
  } catch (error) {
    throw networkError(`No token from ${where}`, error);
  }
  const body = jsonObject(await answer.text());
  if (!answer.ok) throw refusal(where, answer.status, body);
  const token = body.access_token;
  // Anything else can't stand in a header, or would end it.
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw new TableError(`The answer of ${where} has no access_token`);
  }
  const seconds = body.expires_in;
  const lifetimeMs = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : grant.lifetimeMs;
  return { token, lifetimeMs };
}

/** Codes of RFC 6749 §5.2; other text of the answer stays out of the error (decision 19). */
const CODES: ReadonlySet<string> = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
]);

function refusal(where: string, status: number, body: Readonly<Record<string, unknown>>): Error {
  const code = typeof body.error === "string" && CODES.has(body.error) ? body.error : undefined;
  const cause = new ServiceAnswerError(`${where}: HTTP ${status}${code === undefined ? "" : ` ${code}`}`, {
    httpStatus: status,
    code,
  });
  if (code === "invalid_client" || status === 401 || status === 403) {
    return new AccessDeniedError(`Not authorized: ${code ?? `HTTP ${status}`}`, { cause });
  }
  if (status >= 500 || status === 429 || status === 408) {
    return new TransientReadError(`Service unavailable: ${where}`, { cause });
  }
  return new TableError(`Malformed request: ${code ?? `HTTP ${status}`}`, {
    cause,
    referenceType: "BadRequestException",
  });
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Without user names, queries and the like. */
function endpointName(endpoint: string): string {
  if (!URL.canParse(endpoint)) throw new TableError("oauth2-server-uri is no URL");
  const { origin, pathname } = new URL(endpoint);
  return `the token endpoint ${origin}${pathname}`;
}
