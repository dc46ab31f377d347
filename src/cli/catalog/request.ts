import { readEnvironment } from "../../config/index.ts";
import type { EnqueueRequest } from "../../control-plane/client.ts";
import { UsageError } from "../../model/index.ts";
import { catalogConnectors } from "./connector.ts";
import type { CatalogOptions } from "./options.ts";
import { catalogUriOf, tableName } from "./table-name.ts";

/** A catalog's table as `enqueue` gives it: with references to secrets of the control plane in place of secrets. */
export async function catalogRequest(
  text: string,
  options: CatalogOptions & {
    readonly catalog: NonNullable<CatalogOptions["catalog"]>;
    readonly format: "auto" | "delta" | "iceberg";
  },
  properties: Readonly<Record<string, string>>,
): Promise<Pick<EnqueueRequest, "tableUri" | "format" | "properties" | "catalog">> {
  const kind = options.catalog;
  for (const [flag, value] of Object.entries({
    "--catalog-token-file": options.catalogTokenFile,
    "--catalog-credential-file": options.catalogCredentialFile,
  })) {
    if (value !== undefined) {
      throw new UsageError(
        `${flag}: the control plane looks its secrets up itself; give it the variable and leave the file out`,
      );
    }
  }
  const format = kind === "unity" ? "delta" : kind === "rest" ? "iceberg" : options.format;
  if (format === "auto") throw new UsageError("--catalog glue needs --format delta or --format iceberg here");
  const { variables } = readEnvironment();
  const connectors = await catalogConnectors({ kind, options, variables, secrets: "references" });
  const connector = connectors.connector(format, properties);
  const name = tableName(text, options.namespace);
  if (name.table === "*")
    throw new UsageError("enqueue takes one table at a time; capture takes * for all of a namespace");
  return {
    tableUri: catalogUriOf(connectors.uri, options.warehouse, name),
    format,
    properties: connector.properties,
    catalog: { uri: connector.uri, ...name, auth: connector.auth },
  };
}
