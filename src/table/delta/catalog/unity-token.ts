/** Who asks a Unity Catalog (05 §3.3): a token of the connector, one of the Databricks CLI, or nobody. */
import { type SourceConnector, TableError } from "../../../model/index.ts";
import { isJavaBlank } from "../../../types/index.ts";
import { type CatalogContext, networkError } from "../../catalog/index.ts";

export interface UnityTokenRequest {
  /** The catalog's address without its last slash. */
  readonly host: string;
  readonly auth: SourceConnector["auth"];
}

/** Undefined: no header is sent. An empty scheme counts as `none` here, as it does for Iceberg (may improve). */
export async function unityToken(
  { host, auth }: UnityTokenRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const scheme = auth.scheme.toLowerCase();
  const { properties } = auth;
  switch (scheme) {
    case "":
    case "none":
      return undefined;
    case "oauth2": {
      if (usesCli(properties)) return await cliToken({ host, properties }, catalogs, signal);
      const { token } = properties;
      if (token === undefined || isJavaBlank(token)) throw illegalArgument("Missing auth property: token");
      return headerText(token);
    }
    default:
      throw illegalArgument(`Unsupported auth.scheme=${auth.scheme}`);
  }
}

type AuthProperties = SourceConnector["auth"]["properties"];

function usesCli(properties: AuthProperties): boolean {
  const mode = (properties["oauth.mode"] ?? "").trim().toLowerCase();
  if (mode !== "") return mode === "cli";
  return (properties["cli.provider"] ?? "").trim().toLowerCase() === "databricks";
}

interface CliRequest {
  readonly host: string;
  readonly properties: AuthProperties;
}

/**
 * `DATABRICKS_TOKEN` first, else the CLI's token cache. Unlike the reference, a worker sends the variable's token only to the
 * host that `DATABRICKS_HOST` names: a connector would else carry it to any address.
 */
async function cliToken(
  { host, properties }: CliRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<string> {
  const { token, host: ownHost, anyHost, readTokenCache } = catalogs.databricks;
  if (token !== undefined) {
    if (ownHost === undefined ? anyHost : sameHost(ownHost, host)) return headerText(token);
    if (ownHost === undefined) {
      throw new TableError(
        `DATABRICKS_TOKEN is sent to the host of DATABRICKS_HOST alone: set it to ${host}`,
      );
    }
  }
  const path = properties.cache_path;
  const entry = cacheEntry(await readTokenCache(path, signal), host);
  const expiresAtMs = entry.expiry === undefined ? undefined : Date.parse(entry.expiry);
  const isGood = expiresAtMs === undefined || expiresAtMs - catalogs.clock.nowMs() > REFRESH_SKEW_MS;
  if (entry.accessToken !== undefined && isGood) return headerText(entry.accessToken);
  if (entry.refreshToken === undefined) {
    throw new TableError(
      `The Databricks CLI's token for ${host} has ended: run databricks auth login --host ${host}`,
    );
  }
  const clientId = properties.client_id?.trim() || DEFAULT_CLIENT_ID;
  return await refreshed({ host, clientId, refreshToken: entry.refreshToken }, catalogs, signal);
}

const REFRESH_SKEW_MS = 60_000;
const DEFAULT_CLIENT_ID = "databricks-cli";
const TIMEOUT_MS = 30_000;

async function refreshed(
  grant: { readonly host: string; readonly clientId: string; readonly refreshToken: string },
  { fetch }: CatalogContext,
  signal: AbortSignal,
): Promise<string> {
  const endpoint = `${grant.host}/oidc/v1/token`;
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(endpoint, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: grant.clientId,
        refresh_token: grant.refreshToken,
      }).toString(),
      signal,
      timeoutMs: TIMEOUT_MS,
      maxAnswerBytes: 1 << 20,
    });
    body = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  } catch (error) {
    throw networkError(`No token from ${endpoint}`, error);
  }
  const token =
    typeof body === "object" && body !== null && "access_token" in body ? body.access_token : undefined;
  if (typeof token === "string") return headerText(token);
  throw new TableError(
    `${endpoint} answered HTTP ${answer.status}: run databricks auth login --host ${grant.host}`,
  );
}

interface CacheEntry {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly expiry: string | undefined;
}

/** Entries go by the host, with or without a slash at its end. */
function cacheEntry(text: string, host: string): CacheEntry {
  const tokens = property(parsed(text), "tokens");
  const entry = property(tokens, host) ?? property(tokens, `${host}/`);
  if (entry === undefined) {
    throw new TableError(
      `The Databricks CLI's token cache has no token for ${host}: run databricks auth login --host ${host}`,
    );
  }
  return {
    accessToken: textOf(property(entry, "access_token")),
    refreshToken: textOf(property(entry, "refresh_token")),
    expiry: textOf(property(entry, "expiry")),
  };
}

/** Nothing of the text is repeated: whatever the file is, it may hold secrets. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TableError("The Databricks CLI's token cache is not valid JSON");
  }
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function sameHost(one: string, other: string): boolean {
  const nameOf = (text: string) => {
    const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
    return URL.canParse(address) ? new URL(address).host : undefined;
  };
  const name = nameOf(one.trim());
  return name !== undefined && name === nameOf(other);
}

function headerText(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TableError("The Unity Catalog's token can't stand in a header");
  return token;
}

function illegalArgument(message: string): TableError {
  return new TableError(message, { referenceType: "IllegalArgumentException" });
}
