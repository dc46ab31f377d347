/**
 * The table root that a Unity Catalog gives (05 §3.3): one call, not repeated and not cached. Where the reference says only
 * that the answer was no success, the cause says what to do.
 */
import {
  ServiceAnswerError,
  type SourceConnector,
  SourceMissingError,
  TableError,
} from "../../../model/index.ts";
import { isJavaBlank } from "../../../types/index.ts";
import { type CatalogContext, networkError } from "../../catalog/index.ts";
import { unityToken } from "./unity-token.ts";

export interface UnityRequest {
  readonly connector: Pick<SourceConnector, "uri" | "auth" | "properties">;
  /** `catalog.schema`. */
  readonly namespace: string;
  readonly table: string;
}

const DEFAULT_CONNECT_MS = 10_000;
const DEFAULT_READ_MS = 60_000;
const MAX_ANSWER_BYTES = 16 << 20;

export async function unityTableRoot(
  { connector, namespace, table }: UnityRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<string> {
  const { properties } = connector;
  // Read before anything is asked: an option that is no number fails the opening (05 §3.2).
  const timeoutMs =
    milliseconds(properties, "http.connect.ms", DEFAULT_CONNECT_MS) +
    milliseconds(properties, "http.read.ms", DEFAULT_READ_MS);
  const name = `${namespace}.${table}`;
  const host = hostOf(connector.uri);
  const token = await unityToken({ host, auth: connector.auth }, catalogs, signal);
  let answer: Response;
  let text: string;
  try {
    // `%20` for a space, where the reference writes `+` (may improve).
    answer = await catalogs.fetch(`${host}/api/2.1/unity-catalog/tables/${encodeURIComponent(name)}`, {
      method: "GET",
      headers: {
        accept: "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      signal,
      timeoutMs,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    text = await answer.text();
  } catch (error) {
    throw networkError(`Failed to resolve storage_location for ${name}`, error);
  }
  if (!answer.ok) throw refusal(name, answer.status);
  const root = storageLocation(text);
  if (root === undefined) throw new TableError(`Table has no storage_location: ${name}`);
  return root;
}

/** A refused token is an ordinary failure: the next Get of the group may bring one that is good (08 §2.3, §6). */
function refusal(name: string, status: number): Error {
  const text = `UC returned HTTP ${status} for ${name}`;
  const cause = new ServiceAnswerError(HINTS[status] ?? `the catalog answered HTTP ${status}`, {
    httpStatus: status,
    code: undefined,
  });
  return status === 404 ? new SourceMissingError(text, { cause }) : new TableError(text, { cause });
}

const HINTS: Readonly<Record<number, string>> = {
  401: "the token is missing, wrong or has ended",
  403: "whoever the token belongs to may not see this table: it needs USE CATALOG, USE SCHEMA and SELECT on it",
  404: "the catalog has no table of this name; a Unity name has three parts, catalog.schema.table",
};

function storageLocation(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null || !("storage_location" in answer)) return undefined;
    const root = answer.storage_location;
    return typeof root === "string" && !isJavaBlank(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

export function hostOf(uri: string): string {
  const host = uri.trim().replace(/\/$/, "");
  if (!/^https?:\/\/[^/]/i.test(host) || !URL.canParse(host)) {
    throw new TableError("The uri of a Unity Catalog is an http:// or https:// address", {
      referenceType: "IllegalArgumentException",
    });
  }
  return host;
}

function milliseconds(properties: Readonly<Record<string, string>>, key: string, byDefault: number): number {
  const text = properties[key];
  if (text === undefined) return byDefault;
  if (!/^\+?\d{1,9}$/.test(text)) {
    throw new TableError(`${key} is no number of milliseconds: ${JSON.stringify(text.slice(0, 40))}`, {
      referenceType: "NumberFormatException",
    });
  }
  return Number(text);
}
