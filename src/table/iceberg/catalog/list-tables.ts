import { TableError } from "../../../model/index.ts";
import type { CatalogContext } from "../../catalog/index.ts";
import { isJsonObject } from "../metadata/index.ts";
import type { CatalogTableRequest } from "./load-table.ts";
import { catalogProperties } from "./properties.ts";
import { openRestCatalog } from "./rest-catalog.ts";
import { namespacePath } from "./table-path.ts";

/** No namespace that a command takes whole has more pages. */
const MAX_PAGES = 10_000;

/** Names of the tables of a namespace, page by page as the catalog gives them. */
export async function listCatalogTables(
  { connector, ownOptions, namespace }: Omit<CatalogTableRequest, "table">,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const properties = catalogProperties(connector, ownOptions, catalogs.environment);
  const catalog = await openRestCatalog(properties, catalogs, signal);
  const path = `${namespacePath(catalog.properties, namespace)}/tables`;
  const names: string[] = [];
  const seen = new Set<string>();
  // An empty token asks for pages from those that have them; others ignore it.
  let token = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await catalog.get(`${path}?pageToken=${encodeURIComponent(token)}`, "list-tables", signal);
    for (const entry of Array.isArray(answer.identifiers) ? answer.identifiers : []) {
      if (isJsonObject(entry) && typeof entry.name === "string") names.push(entry.name);
    }
    const next = answer["next-page-token"];
    if (typeof next !== "string" || next === "") return names;
    // A catalog that comes back to a page would be asked for ever.
    if (seen.has(next)) break;
    seen.add(next);
    token = next;
  }
  throw new TableError(`The catalog's pages of the tables of ${namespace} have no end`);
}
