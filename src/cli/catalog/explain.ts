import { HttpError } from "../../http/index.ts";
import { AccessDeniedError, SourceMissingError } from "../../model/index.ts";
import type { CatalogOptions } from "./options.ts";
import type { TableName } from "./table-name.ts";

/** An error of a catalog's table with what can be done about it. */
export function explainCatalogError(
  error: unknown,
  {
    catalog,
    options,
    name,
  }: { readonly catalog: string; readonly options: CatalogOptions; readonly name: TableName },
): unknown {
  if (!(error instanceof Error)) return error;
  const step = nextStep(error, options);
  if (step === undefined) return error;
  return new Error(`${name.namespace}.${name.table} of ${catalog}: ${error.message}`, {
    cause: new Error(step, { cause: error.cause }),
  });
}

function nextStep(error: Error, options: CatalogOptions): string | undefined {
  if (error instanceof SourceMissingError) return MISSING[options.catalog ?? "rest"];
  if (error instanceof AccessDeniedError) {
    if (options.catalog === "glue" || options.catalogAuth === "sigv4") {
      return "the AWS identity of this machine may not do that; it needs glue:GetTable, and lakeformation:GetDataAccess where Lake Formation guards the table (other identities: AWS_PROFILE)";
    }
    return "check FLOECAT_CATALOG_TOKEN or FLOECAT_CATALOG_CREDENTIAL, --oauth2-scope, and what the principal may read";
  }
  if (error.cause instanceof HttpError && error.cause.reason === "network") {
    return "check --catalog-uri, proxies (HTTPS_PROXY, NO_PROXY) and, for a certificate of a firm's own, floecat.capture.http.ca-file or NODE_EXTRA_CA_CERTS";
  }
  return undefined;
}

const MISSING = {
  rest: "check the name (namespace levels and table joined by dots; --namespace for a table name with dots), --catalog-uri and --warehouse",
  glue: "check the name (database.table), the region and the account; --warehouse names another account's catalog",
  unity: "check the name: catalog.schema.table",
} as const;
