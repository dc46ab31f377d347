/** Tables of a catalog as `capture` takes them: names become connectors; of Glue, its own API says which format a table has. */
import { type SourceConnector, UsageError } from "../../model/index.ts";
import {
  type CatalogContext,
  glueTable,
  isDelta,
  listCatalogTables,
  listUnityTables,
} from "../../table/index.ts";
import { type CatalogConnectors, catalogConnectors } from "./connector.ts";
import { explainCatalogError } from "./explain.ts";
import type { CatalogOptions } from "./options.ts";
import { catalogUriOf, type TableName, tableName } from "./table-name.ts";

export interface CatalogTables {
  readonly catalogs: CatalogContext;
  readonly options: CatalogOptions & { readonly format: "auto" | "parquet" | "delta" | "iceberg" };
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Reader options. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface CatalogTable extends TableName {
  /** Catalog and name in one text. */
  readonly uri: string;
  readonly connector: SourceConnector;
  /** The error with what can be done about it. */
  explain(error: unknown): unknown;
}

export async function catalogTables(
  names: readonly string[],
  request: CatalogTables,
  signal: AbortSignal,
): Promise<readonly CatalogTable[]> {
  const { options } = request;
  const kind = options.catalog;
  if (kind === undefined) throw new UsageError("--catalog is needed");
  const connectors = await catalogConnectors({ ...request, kind });
  const tables: CatalogTable[] = [];
  for (const name of await named(names, connectors, request, signal)) {
    const explain = (error: unknown) =>
      explainCatalogError(error, { catalog: connectors.uri, options, name });
    const format = await formatOf(name, connectors, request, signal).catch((error: unknown) => {
      throw explain(error);
    });
    tables.push({
      ...name,
      uri: catalogUriOf(connectors.uri, options.warehouse, name),
      connector: connectors.connector(format, request.properties),
      explain,
    });
  }
  return tables;
}

/** The tables of the arguments; `*` for a table stands for all of the namespace, in the order of their names. */
async function named(
  texts: readonly string[],
  connectors: CatalogConnectors,
  { options, catalogs }: CatalogTables,
  signal: AbortSignal,
): Promise<readonly TableName[]> {
  const names: TableName[] = [];
  for (const text of texts) {
    const name = tableName(text, options.namespace);
    if (name.table !== "*") {
      names.push(name);
      continue;
    }
    const tables = await listTables(name.namespace, connectors, options, catalogs, signal).catch(
      (error: unknown) => {
        throw explainCatalogError(error, { catalog: connectors.uri, options, name });
      },
    );
    if (tables.length === 0)
      throw new UsageError(`${text}: the namespace has no tables that can be captured`);
    names.push(...[...tables].sort().map((table) => ({ namespace: name.namespace, table })));
  }
  return names;
}

async function listTables(
  namespace: string,
  connectors: CatalogConnectors,
  { catalog }: CatalogOptions,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  switch (catalog) {
    case "rest": {
      const connector = connectors.connector("iceberg", {});
      return await listCatalogTables(
        { connector, ownOptions: connector.properties, namespace },
        catalogs,
        signal,
      );
    }
    case "unity":
      return await listUnityTables(
        { connector: connectors.connector("delta", {}), namespace },
        catalogs,
        signal,
      );
    default:
      throw new UsageError(`--catalog ${catalog} doesn't take * for a table; name the tables`);
  }
}

async function formatOf(
  { namespace, table }: TableName,
  connectors: CatalogConnectors,
  { options, catalogs }: CatalogTables,
  signal: AbortSignal,
): Promise<"iceberg" | "delta"> {
  const { catalog, format } = options;
  if (format === "parquet") throw new UsageError("--format parquet: a catalog's tables are Delta or Iceberg");
  if (catalog === "rest" || catalog === "unity") {
    const only = catalog === "rest" ? "iceberg" : "delta";
    if (format === "auto" || format === only) return only;
    throw new UsageError(`--format ${format}: tables of --catalog ${catalog} are read as ${only}`);
  }
  if (format !== "auto") return format;
  const { auth, properties } = connectors.connector("delta", {});
  const found = await glueTable({ auth, ownOptions: properties, namespace, table }, catalogs, signal);
  if (isDelta(found)) return "delta";
  if (found.parameters.get("table_type")?.toUpperCase() === "ICEBERG") return "iceberg";
  throw new UsageError(
    `${namespace}.${table} is neither a Delta nor an Iceberg table of Glue; its files may be captured by their location${
      found.location === undefined ? "" : `, ${found.location}`
    }`,
  );
}
