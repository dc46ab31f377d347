/**
 * How calls of a REST catalog are authorised, by its properties (04 §3.2, §3.3): not at all, by password, by bearer token, or
 * by AWS signature, which may stand over a token.
 */
import { TableError } from "../../../model/index.ts";
import type { S3Keys } from "../../../storage/index.ts";
import { type CatalogContext, signedHeaders, type UnsignedRequest } from "../../catalog/index.ts";
import type { ConnectorOptions } from "../options.ts";
import { type BearerTokens, clientGrant, givenToken, grantedTokens } from "./oauth2.ts";
import { type CatalogProperties, filled } from "./properties.ts";

export interface CatalogAuth {
  /** The request's headers with what authorises it. */
  headers(request: UnsignedRequest, signal: AbortSignal): Promise<Record<string, string>>;
  /** The catalog refused the last one with 401. True: another try may be taken for better. */
  refused(): boolean;
  /** Literal secrets, for errors to leave out. */
  readonly secrets: readonly (string | undefined)[];
}

export interface AuthContext {
  /** The catalog's uri without its last slashes. */
  readonly base: string;
  /** `header.*` of the properties. */
  readonly headers: Readonly<Record<string, string>>;
  readonly profile: CatalogProperties["profile"];
  readonly catalogs: CatalogContext;
  /** Of the properties before the catalog's answer: a credential that stays the same keeps its token. */
  readonly tokens?: TokenSource | undefined;
}

export interface TokenSource {
  readonly key: string;
  readonly tokens: BearerTokens;
}

export interface OpenedAuth {
  readonly auth: CatalogAuth;
  readonly tokens: TokenSource | undefined;
}

const AUTH_TYPES = "none, basic, oauth2 and sigv4";

export function openAuth(properties: ConnectorOptions, context: AuthContext): OpenedAuth {
  const type = authType(properties);
  switch (type) {
    case "none":
      return { auth: plainAuth(async () => undefined, []), tokens: undefined };
    case "basic":
      return { auth: basicAuth(properties), tokens: undefined };
    case "oauth2": {
      const tokens = tokenSource(properties, context);
      return { auth: bearerAuth(tokens, properties), tokens };
    }
    case "sigv4": {
      const delegate = filled(properties["rest.auth.sigv4.delegate-auth-type"])?.toLowerCase();
      const tokens = delegate === "none" ? undefined : tokenSource(properties, context);
      return { auth: signingAuth(bearerAuth(tokens, properties), properties, context), tokens };
    }
    default:
      throw new TableError(`Unsupported rest.auth.type: ${type}; this version knows ${AUTH_TYPES}`);
  }
}

/** A token or credential among the properties means OAuth2, whatever the connector's scheme (04 §3.3). */
function authType(properties: ConnectorOptions): string {
  if (filled(properties["rest.sigv4-enabled"])?.toLowerCase() === "true") return "sigv4";
  const stated = filled(properties["rest.auth.type"])?.toLowerCase();
  if (stated !== undefined) return stated;
  const hasToken = filled(properties.token) ?? filled(properties.credential);
  return hasToken === undefined ? "none" : "oauth2";
}

function tokenSource(properties: ConnectorOptions, context: AuthContext): TokenSource | undefined {
  const grant = clientGrant(properties, context.base, context.headers);
  const token = filled(properties.token);
  const key = JSON.stringify(grant ?? token);
  if (context.tokens?.key === key) return context.tokens;
  if (grant !== undefined) return { key, tokens: grantedTokens(grant, context.catalogs) };
  return token === undefined ? undefined : { key, tokens: givenToken(token) };
}

function plainAuth(
  authorization: (signal: AbortSignal) => Promise<string | undefined>,
  secrets: CatalogAuth["secrets"],
): CatalogAuth {
  return {
    async headers(request, signal) {
      const value = await authorization(signal);
      return { ...request.headers, ...(value !== undefined && { authorization: value }) };
    },
    refused: () => false,
    secrets,
  };
}

function basicAuth(properties: ConnectorOptions): CatalogAuth {
  const user = properties["rest.auth.basic.username"] ?? "";
  const password = properties["rest.auth.basic.password"] ?? "";
  const encoded = Buffer.from(`${user}:${password}`, "utf8").toString("base64");
  return plainAuth(async () => `Basic ${encoded}`, [password, encoded]);
}

function bearerAuth(source: TokenSource | undefined, properties: ConnectorOptions): CatalogAuth {
  let last: string | undefined;
  const credential = filled(properties.credential);
  const authorization = async (signal: AbortSignal) => {
    last = await source?.tokens.current(signal);
    return last === undefined ? undefined : `Bearer ${last}`;
  };
  return {
    headers: plainAuth(authorization, []).headers,
    refused: () => last !== undefined && source?.tokens.rejected(last) === true,
    get secrets() {
      return [last, credential, credential?.slice(credential.indexOf(":") + 1)];
    },
  };
}

const DEFAULT_SERVICE = "execute-api";
const DEFAULT_REGION = "us-east-1";

function signingAuth(
  delegate: CatalogAuth,
  properties: ConnectorOptions,
  { profile, catalogs }: AuthContext,
): CatalogAuth {
  const scope = {
    service: filled(properties["rest.signing-name"]) ?? DEFAULT_SERVICE,
    region:
      filled(properties["rest.signing-region"]) ??
      filled(properties["client.region"]) ??
      filled(properties["s3.region"]) ??
      DEFAULT_REGION,
  };
  const stated = statedKeys(properties);
  let used: S3Keys | undefined;
  return {
    async headers(request, signal) {
      const headers = await delegate.headers(request, signal);
      used = stated ?? (await catalogs.awsIdentity(profile, signal));
      return await signedHeaders({ ...request, headers }, scope, used, catalogs.clock.nowMs());
    },
    refused: () => delegate.refused(),
    get secrets() {
      return [...delegate.secrets, used?.secretAccessKey, used?.sessionToken];
    },
  };
}

function statedKeys(properties: ConnectorOptions): S3Keys | undefined {
  const accessKeyId = filled(properties["rest.access-key-id"]);
  const secretAccessKey = filled(properties["rest.secret-access-key"]);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: filled(properties["rest.session-token"]) };
}
