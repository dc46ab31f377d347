import { ServiceAnswerError, SourceMissingError, TableError } from "../../../model/index.ts";
import { type CatalogContext, networkError } from "../../catalog/index.ts";
import { hostOf, type UnityRequest } from "./unity.ts";
import { unityToken } from "./unity-token.ts";

const TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 64 << 20;
const MAX_PAGES = 10_000;

/** Names of the Delta tables of a schema, page by page. A page may be empty and not the last one. */
export async function listUnityTables(
  { connector, namespace }: Omit<UnityRequest, "table">,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = hostOf(connector.uri);
  const dot = namespace.indexOf(".");
  if (dot <= 0) throw new TableError(`${namespace} is no schema of Unity Catalog: catalog.schema is needed`);
  const schema = new URLSearchParams({
    catalog_name: namespace.slice(0, dot),
    schema_name: namespace.slice(dot + 1),
  });
  const names: string[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = token === undefined ? schema : new URLSearchParams([...schema, ["page_token", token]]);
    const answer = await ask(`${host}/api/2.1/unity-catalog/tables?${query}`);
    for (const table of Array.isArray(answer.tables) ? answer.tables : []) {
      if (isDeltaTable(table)) names.push(table.name);
    }
    const next = answer.next_page_token;
    if (typeof next !== "string" || next === "") return names;
    if (seen.has(next)) break;
    seen.add(next);
    token = next;
  }
  throw new TableError(`The catalog's pages of the tables of ${namespace} have no end`);

  async function ask(url: string): Promise<Readonly<Record<string, unknown>>> {
    const bearer = await unityToken({ host, auth: connector.auth }, catalogs, signal);
    let answer: Response;
    let text: string;
    try {
      answer = await catalogs.fetch(url, {
        method: "GET",
        headers: {
          accept: "application/json",
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        },
        signal,
        timeoutMs: TIMEOUT_MS,
        maxAnswerBytes: MAX_ANSWER_BYTES,
      });
      text = await answer.text();
    } catch (error) {
      throw networkError(`Failed to list the tables of ${namespace}`, error);
    }
    if (answer.ok) return jsonObject(text);
    const { status } = answer;
    const message = `UC returned HTTP ${status} for the tables of ${namespace}`;
    const cause = new ServiceAnswerError(`the catalog answered HTTP ${status}`, {
      httpStatus: status,
      code: undefined,
    });
    throw status === 404 ? new SourceMissingError(message, { cause }) : new TableError(message, { cause });
  }
}

function isDeltaTable(table: unknown): table is { readonly name: string } {
  if (typeof table !== "object" || table === null || !("name" in table)) return false;
  const format = "data_source_format" in table ? table.data_source_format : undefined;
  return typeof table.name === "string" && format === "DELTA";
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (cause) {
    throw new TableError("The catalog's list of tables is not valid JSON", { cause });
  }
}
