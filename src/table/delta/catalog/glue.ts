/**
 * The table root that the Glue API gives for a Delta table (05 §3.3): `GetTable`, signed by hand, since the SDK's client is
 * megabytes for one call.
 */
import {
  AccessDeniedError,
  ServiceAnswerError,
  type SourceConnector,
  SourceMissingError,
  TableError,
  TransientReadError,
} from "../../../model/index.ts";
import type { S3Keys } from "../../../storage/index.ts";
import { isJavaBlank, javaTrim } from "../../../types/index.ts";
import {
  type CatalogContext,
  networkError,
  serverText,
  signedHeaders,
  withRetries,
} from "../../catalog/index.ts";

export interface GlueRequest {
  readonly auth: SourceConnector["auth"];
  /** The connector's own options, from which the identity comes (decision 24). */
  readonly ownOptions: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly table: string;
}

/** A table as `GetTable` describes it. */
export interface GlueTable {
  readonly name: string;
  readonly location: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

const DEFAULT_REGION = "us-east-1";
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 16 << 20;
const MAX_RETRIES = 2;

export async function glueTableRoot(
  request: GlueRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<string> {
  const table = await glueTable(request, catalogs, signal);
  if (!isDelta(table)) throw new TableError(`Glue table is not DELTA: ${table.name}`);
  const { location, parameters } = table;
  if (location !== undefined) return location;
  for (const key of ["location", "path", "storage_location"]) {
    const value = anyCase(parameters, key);
    if (value !== undefined && !isJavaBlank(value)) return javaTrim(value);
  }
  throw new TableError(`Glue table has no storage location: ${table.name}`);
}

export async function glueTable(
  request: GlueRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<GlueTable> {
  const { ownOptions, namespace, table } = request;
  const name = `${namespace}.${table}`;
  const region = regionOf(ownOptions);
  const url = catalogs.glueEndpoint ?? `https://glue.${region}.${domainOf(region)}/`;
  const keys = await identity(request, catalogs, signal);
  const body = JSON.stringify({ DatabaseName: namespace, Name: table });
  const unsigned = {
    method: "POST",
    url,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSGlue.GetTable" },
    body,
  } as const;
  const limits = { signal, timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES };
  let answer: Response;
  let text: string;
  try {
    answer = await withRetries(
      async () => {
        const headers = await signedHeaders(
          unsigned,
          { service: "glue", region },
          keys,
          catalogs.clock.nowMs(),
        );
        return await catalogs.fetch(url, { method: "POST", headers, body, ...limits });
      },
      { maxRetries: MAX_RETRIES, clock: catalogs.clock, random: catalogs.random, signal },
    );
    text = await answer.text();
  } catch (error) {
    throw networkError(`Glue did not answer GetTable ${name}`, error);
  }
  if (answer.status !== 200) {
    throw glueError(answer, text, [keys.secretAccessKey, keys.sessionToken]);
  }
  return tableOf(text, name);
}

function regionOf(options: Readonly<Record<string, string>>): string {
  const region = ["client.region", "s3.region", "aws.region"]
    .map((key) => options[key])
    .find((value) => value !== undefined && !isJavaBlank(value));
  const name = region === undefined ? DEFAULT_REGION : javaTrim(region);
  // It becomes part of a host name.
  if (!/^[a-z0-9-]{1,40}$/.test(name))
    throw new TableError("The region of the Glue catalog is no AWS region");
  return name;
}

function domainOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

/** `rest.*` keys, else the connector's own `s3.*`, else a profile, else the default chain (08 §4.4, decision 24). */
async function identity(
  { auth, ownOptions }: GlueRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<S3Keys> {
  for (const kind of ["rest", "s3"]) {
    const [accessKeyId, secretAccessKey, sessionToken] = [
      "access-key-id",
      "secret-access-key",
      "session-token",
    ].map((key) => {
      const value = ownOptions[`${kind}.${key}`];
      return value === undefined || isJavaBlank(value) ? undefined : javaTrim(value);
    });
    if (accessKeyId !== undefined && secretAccessKey !== undefined) {
      return { accessKeyId, secretAccessKey, sessionToken };
    }
  }
  const profile = auth.properties["aws.profile"]?.trim() || undefined;
  const profileFile = auth.properties["aws.profile_path"]?.trim() || undefined;
  return await catalogs.awsIdentity({ profile, profileFile }, signal);
}

/** A parameter says so, in one of the ways that writers have. */
export function isDelta({ parameters }: GlueTable): boolean {
  if (parameters.get("table_type")?.toUpperCase() === "DELTA") return true;
  const provider = ["spark.sql.sources.provider", "provider"]
    .map((key) => anyCase(parameters, key))
    .find((value) => value !== undefined && !isJavaBlank(value));
  if (provider?.toLowerCase() === "delta") return true;
  return parameters.has("delta.lastUpdateVersion") || parameters.has("delta.lastCommitTimestamp");
}

function anyCase(parameters: ReadonlyMap<string, string>, key: string): string | undefined {
  return parameters.get(key) ?? parameters.get(key.toUpperCase());
}

/** Codes of 08 §6 that say that our identity is refused. */
const DENIED: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "ExpiredToken",
  "ExpiredTokenException",
  "Forbidden",
  "InvalidClientTokenId",
  "InvalidToken",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

function glueError(answer: Response, text: string, secrets: readonly (string | undefined)[]): Error {
  const body = jsonObject(text);
  const type = textOf(body.__type) ?? textOf(body.code) ?? answer.headers.get("x-amzn-errortype") ?? "";
  // `prefix#Code` or `Code:http://…`.
  const code = /^(?:.*#)?(\w+)/.exec(type)?.[1] ?? "";
  const said = serverText(textOf(body.message) ?? textOf(body.Message) ?? "", secrets);
  const { status } = answer;
  const message = `Glue GetTable: ${[code, said].filter((part) => part !== "").join(": ") || `HTTP ${status}`}`;
  const cause = new ServiceAnswerError(`Glue answered HTTP ${status}`, { httpStatus: status, code });
  if (code === "EntityNotFoundException") return new SourceMissingError(message, { cause });
  if (status === 401 || status === 403 || DENIED.has(code)) return new AccessDeniedError(message, { cause });
  if (status >= 500 || status === 429 || code.includes("Throttl"))
    return new TransientReadError(message, { cause });
  return new TableError(message, { cause, referenceType: code === "" ? "GlueException" : code });
}

function tableOf(text: string, name: string): GlueTable {
  const table = jsonObject(text).Table;
  if (typeof table !== "object" || table === null) throw new TableError(`Glue's answer has no table ${name}`);
  const {
    StorageDescriptor: storage,
    Parameters: parameters,
  }: { StorageDescriptor?: unknown; Parameters?: unknown } = table;
  const location =
    typeof storage === "object" && storage !== null && "Location" in storage
      ? textOf(storage.Location)
      : undefined;
  const entries = typeof parameters === "object" && parameters !== null ? Object.entries(parameters) : [];
  return {
    name,
    location: location === undefined || isJavaBlank(location) ? undefined : location,
    parameters: new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
  };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
