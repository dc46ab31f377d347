/**
 * The calls of a REST catalog that a capture makes (04 §3.6): `config`, load a table, and new credentials for one. A client of
 * our own: `iceberg-js` reads JSON with 53-bit integers, merges nothing of the `config` answer but the prefix, and has neither
 * retries nor a place for a signature.
 */
import { TableError } from "../../../model/index.ts";
import { type CatalogContext, networkError, withRetries } from "../../catalog/index.ts";
import { isJsonObject, type JsonObject, objectOf, parseJson } from "../metadata/index.ts";
import type { ConnectorOptions } from "../options.ts";
import { MAX_OBJECT_BYTES } from "../read-object.ts";
import { openAuth, type TokenSource } from "./auth.ts";
import { type CatalogCall, catalogError } from "./errors.ts";
import { type CatalogProperties, filled } from "./properties.ts";

export interface RestCatalog {
  /** Properties after the `config` call: its defaults, ours, its overrides. */
  readonly properties: ConnectorOptions;
  /** What the catalog said by itself, for the layers of file access (08 §4.3). */
  readonly defaults: ConnectorOptions;
  readonly overrides: ConnectorOptions;
  /** Entries such as `GET /v1/{prefix}/namespaces`; undefined: the catalog doesn't list what it can do. */
  readonly endpoints: ReadonlySet<string> | undefined;
  /** Answer of a path below the catalog's uri, or of a whole address. */
  get(path: string, call: CatalogCall, signal: AbortSignal): Promise<JsonObject>;
}

const CONFIG_TIMEOUT_MS = 30_000;
/** A table's metadata may have tens of megabytes. */
const LOAD_TIMEOUT_MS = 120_000;
const MAX_CONFIG_BYTES = 4 << 20;
const MAX_RETRIES = 5;
const USER_AGENT = "floecat-connector-iceberg";
const CLIENT_VERSION = "floecat-capture";

export async function openRestCatalog(
  { own, profile }: CatalogProperties,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<RestCatalog> {
  const first = catalogClient(own, profile, catalogs);
  const warehouse = own.warehouse;
  const query = warehouse === undefined ? "" : `?warehouse=${encodeURIComponent(warehouse)}`;
  const config = await first.get(`v1/config${query}`, "config", signal);
  const defaults = textMap(config.defaults);
  const overrides = textMap(config.overrides);
  const properties = { ...defaults, ...own, ...overrides };
  const client = catalogClient(properties, profile, catalogs, first.tokens);
  const listed = Array.isArray(config.endpoints) ? config.endpoints : [];
  const endpoints = new Set(listed.filter((entry): entry is string => typeof entry === "string"));
  return {
    properties,
    defaults,
    overrides,
    endpoints: endpoints.size === 0 ? undefined : endpoints,
    get: client.get,
  };
}

interface CatalogClient {
  readonly get: RestCatalog["get"];
  readonly tokens: TokenSource | undefined;
}

/** A client by these properties: before the `config` call ours, after it the merged ones. */
export function catalogClient(
  properties: ConnectorOptions,
  profile: CatalogProperties["profile"],
  catalogs: CatalogContext,
  tokens?: TokenSource,
): CatalogClient {
  const base = baseOf(properties.uri);
  const configured = configuredHeaders(properties);
  const opened = openAuth(properties, { base, headers: configured, profile, catalogs, tokens });
  const { auth } = opened;

  async function exchange(url: string, call: CatalogCall, signal: AbortSignal): Promise<Response> {
    const headers = requestHeaders(properties, configured, call);
    const request = { method: "GET", url, headers } as const;
    const isLarge = call === "load-table" || call === "list-tables";
    const timeoutMs = isLarge ? LOAD_TIMEOUT_MS : CONFIG_TIMEOUT_MS;
    const maxAnswerBytes = isLarge ? MAX_OBJECT_BYTES : MAX_CONFIG_BYTES;
    return await withRetries(
      // Signed anew for each try: a signature ends.
      async () => {
        const authorised = await auth.headers(request, signal);
        return await catalogs.fetch(url, {
          ...request,
          headers: authorised,
          signal,
          timeoutMs,
          maxAnswerBytes,
        });
      },
      { maxRetries: retriesOf(properties), clock: catalogs.clock, random: catalogs.random, signal },
    );
  }

  return {
    tokens: opened.tokens,
    async get(path, call, signal) {
      const url = /^https?:\/\//i.test(path) ? path : `${base}/${path}`;
      const where = shown(url);
      let answer: Response;
      let body: string;
      try {
        answer = await exchange(url, call, signal);
        if (answer.status === 401 && auth.refused()) answer = await exchange(url, call, signal);
        body = await answer.text();
      } catch (error) {
        throw networkError(`The Iceberg catalog did not answer ${where}`, error);
      }
      if (answer.status !== 200 && answer.status !== 202 && answer.status !== 204) {
        const { status, statusText } = answer;
        const location = answer.headers.get("location");
        throw catalogError(call, { status, statusText, body, secrets: auth.secrets, location });
      }
      if (body === "") return {};
      return objectOf(parseJson(body, `The answer of ${where}`), `the answer of ${where}`);
    },
  };
}

function baseOf(uri: string | undefined): string {
  const base = (uri ?? "").trim().replace(/\/+$/, "");
  if (!/^https?:\/\//i.test(base) || !URL.canParse(base)) {
    throw new TableError("The uri of an Iceberg REST catalog is an http:// or https:// address", {
      referenceType: "IllegalArgumentException",
    });
  }
  return base;
}

/** `header.<name>` properties. */
function configuredHeaders(properties: ConnectorOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, value]) =>
      key.startsWith("header.") ? [[key.slice("header.".length).toLowerCase(), value]] : [],
    ),
  );
}

/** Configured headers don't override the two of content, except on the `config` call (04 §3.6). */
function requestHeaders(
  properties: ConnectorOptions,
  configured: Readonly<Record<string, string>>,
  call: CatalogCall,
): Record<string, string> {
  const content = { accept: "application/json", "content-type": "application/json" };
  return {
    ...content,
    "x-client-version": CLIENT_VERSION,
    "user-agent": filled(properties["rest.client.user-agent"]) ?? USER_AGENT,
    ...configured,
    ...(call !== "config" && content),
  };
}

function retriesOf(properties: ConnectorOptions): number {
  const stated = filled(properties["rest.client.max-retries"]);
  return stated !== undefined && /^\d{1,2}$/.test(stated) ? Number(stated) : MAX_RETRIES;
}

/** Texts of a map; numbers and the like as texts, nulls left out. */
export function textMap(value: unknown): ConnectorOptions {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) =>
      typeof entry === "string"
        ? [[key, entry]]
        : typeof entry === "number" || typeof entry === "boolean" || typeof entry === "bigint"
          ? [[key, String(entry)]]
          : [],
    ),
  );
}

/** An address without what may be secret in it. */
function shown(url: string): string {
  if (!URL.canParse(url)) return "an address that is no URL";
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
