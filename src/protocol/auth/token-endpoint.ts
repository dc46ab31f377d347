/**
 * Asks an identity provider for a token by client credentials (08 §1.3). Its token endpoint is discovered (decision 19);
 * where there is nothing to discover, it is where the reference looks: `<issuer>/protocol/openid-connect/token`.
 */
import type { Configuration, CustomFetchOptions, ServerMetadata } from "openid-client";
import { type HttpClient, HttpError } from "../../http/index.ts";
import type { IssuedToken } from "./token-cache.ts";
import { TokenError } from "./token-error.ts";

export interface ClientCredentials {
  readonly http: HttpClient;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For an answer of the provider; a token takes one, the first one two. */
  readonly timeoutMs: number;
  /** Further parameters of the token request, such as `scope`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Requests tokens; loads the library and looks for the endpoint at the first request, and anew after a failed one. */
export function tokenEndpoint(client: ClientCredentials): (accountId: string) => Promise<IssuedToken> {
  let endpoint: Promise<Configuration> | undefined;
  return async (accountId) => {
    try {
      const openid = await import("openid-client");
      endpoint ??= configuration(openid, client);
      const parameters = { ...client.parameters, ...(accountId !== "" && { account_id: accountId }) };
      const answer = await openid.clientCredentialsGrant(await endpoint, parameters);
      return {
        token: answer.access_token,
        lifetimeMs: answer.expires_in === undefined ? undefined : Math.floor(answer.expires_in) * 1000,
      };
    } catch (error) {
      endpoint = undefined;
      throw tokenError(client.issuer, error);
    }
  };
}

type OpenId = typeof import("openid-client");

async function configuration(openid: OpenId, client: ClientCredentials): Promise<Configuration> {
  const insecure = client.issuer.startsWith("http:") ? [openid.allowInsecureRequests] : [];
  const timeout = client.timeoutMs / 1000;
  const metadata = (await discovered()) ?? {
    issuer: client.issuer,
    token_endpoint: `${client.issuer}${client.issuer.endsWith("/") ? "" : "/"}protocol/openid-connect/token`,
  };
  const made = new openid.Configuration(metadata, client.clientId, undefined, authentication());
  made.timeout = timeout;
  made[openid.customFetch] = async (url, options) => completed(await boundedFetch(client, url, options));
  for (const extend of insecure) extend(made);
  return made;

  /** Undefined: the provider has no metadata that is of use. */
  async function discovered(): Promise<ServerMetadata | undefined> {
    let status: number | undefined;
    try {
      const found = await openid.discovery(new URL(client.issuer), client.clientId, undefined, undefined, {
        execute: insecure,
        timeout,
        [openid.customFetch]: async (url: string, options: CustomFetchOptions) => {
          const response = await boundedFetch(client, url, options);
          status = response.status;
          return response;
        },
      });
      const server = found.serverMetadata();
      return server.token_endpoint === undefined ? undefined : server;
    } catch (error) {
      if (status !== undefined && saysNothingIsThere(status)) return undefined;
      throw error;
    }
  }

  /** In the form, as the reference does, unless the provider takes the `Authorization` header only. */
  function authentication() {
    const methods = metadata.token_endpoint_auth_methods_supported;
    const headerOnly = methods?.includes("client_secret_basic") && !methods.includes("client_secret_post");
    return headerOnly
      ? openid.ClientSecretBasic(client.clientSecret)
      : openid.ClientSecretPost(client.clientSecret);
  }
}

/**
 * A refusal or a redirect, or an answer that isn't this issuer's metadata: behind a proxy, a provider may call itself by
 * another name. The secret then goes to the address that was configured and nowhere else. Overload and server errors are
 * failures.
 */
function saysNothingIsThere(status: number): boolean {
  return status < 500 && status !== 408 && status !== 429;
}

/** More than any metadata or token answer has. */
const MAX_ANSWER_BYTES = 1 << 20;

async function boundedFetch(
  { http, timeoutMs }: ClientCredentials,
  url: string,
  { method, headers, body, signal = NEVER }: CustomFetchOptions,
): Promise<Response> {
  const request = { method, headers, signal, timeoutMs, maxAnswerBytes: MAX_ANSWER_BYTES };
  try {
    return await http.fetch(
      url,
      body instanceof URLSearchParams ? { ...request, body: body.toString() } : request,
    );
  } catch (error) {
    const tooLarge = error instanceof HttpError && error.reason === "too-large";
    throw tooLarge ? new TokenError("the identity provider's answer is larger than 1 MiB") : error;
  }
}

const NEVER = new AbortController().signal;

/**
 * The standard asks for status 200, a JSON content type and `token_type`; the reference for a 2xx status and an access
 * token (08 §1.3). What is a token to it is one to us.
 */
async function completed(response: Response): Promise<Response> {
  if (!response.ok) return response;
  const token = tokenAnswer(await response.clone().text());
  return token === undefined ? response : Response.json(token);
}

function tokenAnswer(text: string): object | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const isToken = typeof answer === "object" && answer !== null && "access_token" in answer;
    return isToken ? { token_type: "Bearer", ...answer } : undefined;
  } catch {
    return undefined;
  }
}

/** The error codes that the standard defines (RFC 6749 §5.2, RFC 8707 §2); others are the provider's own words. */
const OAUTH_ERRORS: ReadonlySet<string> = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
]);

/** Without the cause: the library's errors hold the answer's body. */
function tokenError(issuer: string, error: unknown): TokenError {
  const ours = error instanceof Error && error.cause instanceof TokenError ? error.cause : error;
  if (ours instanceof TokenError) return ours;
  const reasons = new Set(reasonsOf(error, 1));
  const why = reasons.size === 0 ? "the request failed" : [...reasons].join(", ");
  return new TokenError(`no token from identity provider ${issuer}: ${why}`);
}

/** HTTP status, standard error and codes such as `ECONNREFUSED` of an error and its causes. */
function reasonsOf(error: unknown, depth: number): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const reasons: string[] = [];
  if ("status" in error && typeof error.status === "number") reasons.push(`HTTP status ${error.status}`);
  if ("error" in error && typeof error.error === "string" && OAUTH_ERRORS.has(error.error)) {
    reasons.push(error.error);
  }
  if ("code" in error && typeof error.code === "string" && /^[A-Z0-9_]{2,60}$/.test(error.code)) {
    reasons.push(error.code);
  }
  return "cause" in error ? [...reasons, ...reasonsOf(error.cause, depth + 1)] : reasons;
}
