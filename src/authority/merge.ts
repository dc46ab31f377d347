/**
 * What vended storage settings do to a connector's options (08 §3.5). The connector's own credentials stay the catalog's
 * identity, as `rest.*` keys, in both generations (decision 24). Vended keys that end are taken out of the options in both:
 * they are held and renewed beside them.
 */
import type { SourceConnector } from "../model/index.ts";
import type { VendedCredential, VendedStorage } from "../protocol/index.ts";
import type { S3Keys } from "../storage/index.ts";
import { icebergSource } from "./location.ts";

export type Options = Readonly<Record<string, string>>;

/** Vended keys with a known end. */
export interface TemporaryKeys extends S3Keys {
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

export interface Merged {
  readonly options: Options;
  /** Held beside the options, which then have no S3 keys of their own. */
  readonly temporary: TemporaryKeys | undefined;
}

const ACCESS_KEY = "s3.access-key-id";
const SECRET_KEY = "s3.secret-access-key";
const SESSION_TOKEN = "s3.session-token";
const S3_KEYS: ReadonlySet<string> = new Set([ACCESS_KEY, SECRET_KEY, SESSION_TOKEN]);

const CATALOG_KEY: Readonly<Record<string, string>> = {
  [ACCESS_KEY]: "rest.access-key-id",
  [SECRET_KEY]: "rest.secret-access-key",
  [SESSION_TOKEN]: "rest.session-token",
};

const FOREIGN_HANDLES: ReadonlySet<string> = new Set([
  "floecat.aws.credentials-provider-id",
  "floecat-provider-id",
  "floecat.catalog.aws.credentials-provider-id",
  "client.credentials-provider",
]);

/** Without handles into the server's memory and names of Java classes, which say nothing here (08 §2.3). */
export function withoutForeignHandles(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([key]) => !FOREIGN_HANDLES.has(key) && !key.startsWith("client.credentials-provider."),
    ),
  );
}

/** inline: region, endpoint and path style alone, where a catalog vends the credentials (08 §3.4). */
export function mergeClientSafe(options: Options, vended: VendedStorage): Options {
  const merged = { ...options };
  putAll(merged, vended.clientSafeConfig);
  return merged;
}

export function mergeInline(connector: SourceConnector, vended: VendedStorage): Merged {
  const [credential] = vended.credentials;
  const merged: Record<string, string> = {
    ...(credential && catalogIdentity(connector)),
    ...connector.properties,
  };
  putAll(merged, vended.clientSafeConfig);
  if (credential !== undefined) putAll(merged, credential.config);
  const temporary = credential && temporaryKeys(credential);
  return { options: temporary === undefined ? merged : without(merged, S3_KEYS), temporary };
}

export function mergeChunked(connector: SourceConnector, vended: VendedStorage): Merged {
  const merged: Record<string, string> = {
    ...catalogIdentity(connector),
    ...without(withoutForeignHandles(connector.properties), S3_KEYS),
  };
  putAll(merged, vended.clientSafeConfig);
  const [credential] = vended.credentials;
  if (credential === undefined) return { options: merged, temporary: undefined };
  const temporary = temporaryKeys(credential);
  if (temporary !== undefined) return { options: merged, temporary };
  if (!filled(credential.config[ACCESS_KEY]) || !filled(credential.config[SECRET_KEY])) {
    throw new Error("Execution-bound storage credentials must include access key and secret key");
  }
  // Other entries of the credential are not merged here (08 §3.5 step 6).
  putAll(merged, Object.fromEntries(Object.entries(credential.config).filter(([key]) => S3_KEYS.has(key))));
  return { options: merged, temporary: undefined };
}

/** Undefined unless key, secret, token and end are all there. */
export function temporaryKeys({ config, expiresAtMs }: VendedCredential): TemporaryKeys | undefined {
  const accessKeyId = config[ACCESS_KEY]?.trim() ?? "";
  const secretAccessKey = config[SECRET_KEY]?.trim() ?? "";
  const sessionToken = config[SESSION_TOKEN]?.trim() ?? "";
  if (accessKeyId === "" || secretAccessKey === "" || sessionToken === "" || expiresAtMs === undefined) {
    return undefined;
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs };
}

/** The connector's S3 keys as those of its catalog, where it has one that asks for AWS keys; keys that are there win. */
function catalogIdentity(connector: SourceConnector): Options {
  if (!hasAwsCatalog(connector)) return {};
  return Object.fromEntries(
    Object.entries(CATALOG_KEY).flatMap(([from, to]) => {
      const value = connector.properties[from];
      return value !== undefined && filled(value) ? [[to, value]] : [];
    }),
  );
}

function hasAwsCatalog(connector: SourceConnector): boolean {
  if (connector.kind === "iceberg") return icebergSource(connector) !== "filesystem";
  return (connector.properties["delta.source"] ?? "").trim().toLowerCase() === "glue";
}

/** `put` of 08 §3.5: blank keys and values and `type` are no settings. */
function putAll(into: Record<string, string>, entries: Options): void {
  for (const [key, value] of Object.entries(entries)) {
    if (filled(key) && filled(value) && key.toLowerCase() !== "type") into[key] = value;
  }
}

function without(options: Options, keys: ReadonlySet<string>): Options {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !keys.has(key)));
}

function filled(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}
