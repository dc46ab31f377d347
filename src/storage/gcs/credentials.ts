import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { HttpSettings } from "../../http/index.ts";
import { AccessDeniedError, type Clock } from "../../model/index.ts";
import { requestToken } from "../tokens/token-request.ts";
import { type AccessToken, fixedToken, renewedToken, type TokenRing } from "../tokens/token-ring.ts";
import type { GcsCredentialSettings } from "./settings.ts";

/**
 * Google's application default credentials, in Google's order: a service account signs a request for a token, a user's refresh
 * token is exchanged for one, and the machine's service account has one at the metadata server. The right asked for is to read.
 */
const SCOPE = "https://www.googleapis.com/auth/devstorage.read_only";
const TOKEN_ENDPOINT = "https://oauth2.googleapis.com/token";
const TOKEN_SERVICE = "Google's token service";
const METADATA_HOST = "metadata.google.internal";
/** A machine that is none of Google's has nobody there, and needn't wait long to know. */
const METADATA_TIMEOUT_MS = 5000;
const ASSERTION_SECONDS = 3600;
const MAX_FILE_BYTES = 256 * 1024;

type DefaultCredentials = Extract<GcsCredentialSettings, { readonly kind: "application-default" }>;

export interface TokenContext {
  readonly network: HttpSettings | undefined;
  readonly clock: Clock;
}

export function gcsTokens(settings: GcsCredentialSettings, context: TokenContext): TokenRing {
  switch (settings.kind) {
    case "anonymous":
      return fixedToken(undefined);
    case "token":
      return fixedToken(settings.token);
    case "application-default":
      // The file is read each time: whoever replaces it expects that.
      return renewedToken((signal) => defaultToken(settings, context, signal), context.clock);
  }
}

async function defaultToken(
  settings: DefaultCredentials,
  context: TokenContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  const { credentialsFile, wellKnownFile } = settings;
  if (credentialsFile !== undefined) return await fileToken(credentialsFile, context, signal, true);
  const known = wellKnownFile && (await fileToken(wellKnownFile, context, signal, false));
  return known || (await metadataToken(settings.metadataHost ?? METADATA_HOST, context, signal));
}

async function metadataToken(
  host: string,
  { clock }: TokenContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  try {
    return await requestToken({
      service: "Google's metadata server",
      url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/token?scopes=${encodeURIComponent(SCOPE)}`,
      headers: { "metadata-flavor": "Google" },
      timeoutMs: METADATA_TIMEOUT_MS,
      clock,
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new AccessDeniedError(
      "no credentials for Google Cloud Storage were found: set GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_OAUTH_ACCESS_TOKEN, run `gcloud auth application-default login`, or read public buckets with --gcs-anonymous",
      { cause },
    );
  }
}

async function fileToken(
  path: string,
  context: TokenContext,
  signal: AbortSignal,
  isNeeded: true,
): Promise<AccessToken>;
async function fileToken(
  path: string,
  context: TokenContext,
  signal: AbortSignal,
  isNeeded: boolean,
): Promise<AccessToken | undefined>;
async function fileToken(
  path: string,
  { network, clock }: TokenContext,
  signal: AbortSignal,
  isNeeded: boolean,
): Promise<AccessToken | undefined> {
  let text: string;
  try {
    text = await readFile(path, { encoding: "utf8", signal });
  } catch (cause) {
    signal.throwIfAborted();
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isMissing && !isNeeded) return undefined;
    throw new AccessDeniedError(`the Google credentials file ${path} can't be read`, { cause });
  }
  const exchange = exchangeOf(credentialFields(text, path), path, clock.nowMs());
  return await requestToken({ service: TOKEN_SERVICE, ...exchange, network, clock, signal });
}

type Fields = Readonly<Record<string, unknown>>;

function credentialFields(text: string, path: string): Fields {
  try {
    const value: unknown = text.length > MAX_FILE_BYTES ? undefined : JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Its message repeats the text.
  }
  throw new AccessDeniedError(`the Google credentials file ${path} holds no JSON object`);
}

function exchangeOf(
  fields: Fields,
  path: string,
  nowMs: number,
): { readonly url: string; readonly form: Readonly<Record<string, string>> } {
  const needed = (name: string): string => {
    const value = fields[name];
    if (typeof value === "string" && value !== "") return value;
    throw new AccessDeniedError(`the Google credentials file ${path} has no ${name}`);
  };
  const url = tokenEndpoint(fields.token_uri, path);
  switch (fields.type) {
    case "service_account":
      return {
        url,
        form: {
          grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
          assertion: signedAssertion({
            email: needed("client_email"),
            keyId: typeof fields.private_key_id === "string" ? fields.private_key_id : undefined,
            key: privateKey(needed("private_key"), path),
            audience: url,
            nowSeconds: Math.floor(nowMs / 1000),
          }),
        },
      };
    case "authorized_user":
      return {
        url,
        form: {
          grant_type: "refresh_token",
          client_id: needed("client_id"),
          client_secret: needed("client_secret"),
          refresh_token: needed("refresh_token"),
        },
      };
    default:
      throw new AccessDeniedError(
        `the Google credentials file ${path} is of a type that can't be used: service_account and authorized_user can`,
      );
  }
}

function tokenEndpoint(stated: unknown, path: string): string {
  if (stated === undefined) return TOKEN_ENDPOINT;
  if (typeof stated === "string" && /^https?:\/\//.test(stated) && URL.canParse(stated)) return stated;
  throw new AccessDeniedError(`the token_uri of the Google credentials file ${path} is no URL`);
}

function privateKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // Its message may repeat the text.
  }
  throw new AccessDeniedError(`the private_key of the Google credentials file ${path} is no RSA key`);
}

/** A JWT by RFC 7523, signed with RS256. */
function signedAssertion(claims: {
  readonly email: string;
  readonly keyId: string | undefined;
  readonly key: KeyObject;
  readonly audience: string;
  readonly nowSeconds: number;
}): string {
  const { email, keyId, key, audience, nowSeconds } = claims;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ alg: "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) });
  const body = part({
    iss: email,
    scope: SCOPE,
    aud: audience,
    iat: nowSeconds,
    exp: nowSeconds + ASSERTION_SECONDS,
  });
  const signature = sign("sha256", Buffer.from(`${head}.${body}`), key).toString("base64url");
  return `${head}.${body}.${signature}`;
}
