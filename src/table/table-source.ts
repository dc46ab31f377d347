/**
 * The step before a table is opened: from a connector and the table's name in it to where the table is and by which options its
 * files are read (04 §3, 05 §3). Catalogs are asked here, on the main thread; tables that name their own location need nobody.
 */
import { type Generation, type SourceConnector, TableError } from "../model/index.ts";
import { bareLocations } from "./bare-source.ts";
import type { CatalogContext } from "./catalog/index.ts";
import { deltaSource, glueTableRoot, unityTableRoot } from "./delta/index.ts";
import { checkConnector, loadCatalogTable, type MetadataFile, type OptionLayer } from "./iceberg/index.ts";

export interface SourceRequest {
  readonly connector: SourceConnector;
  /** Options before a storage authority's were merged; the connector's if absent (decision 24). */
  readonly ownOptions?: Readonly<Record<string, string>> | undefined;
  /** Levels joined by `.`. */
  readonly namespace: string;
  readonly table: string;
  readonly generation: Generation;
  /** Undefined: catalogs can't be reached from here. */
  readonly catalogs?: CatalogContext | undefined;
}

export type TableSource =
  | {
      readonly format: "parquet";
      readonly locations: readonly string[];
      readonly layers: readonly OptionLayer[];
    }
  | { readonly format: "delta"; readonly root: string; readonly layers: readonly OptionLayer[] }
  | {
      readonly format: "iceberg";
      /** Undefined: the table is found by its location. */
      readonly metadata: MetadataFile | undefined;
      readonly layers: readonly OptionLayer[];
    };

export async function findTable(request: SourceRequest, signal: AbortSignal): Promise<TableSource> {
  const { connector } = request;
  const { properties } = connector;
  const layers = [{ prefix: "", options: properties }];
  switch (connector.kind) {
    case "delta": {
      const locations = bareLocations(properties);
      if (locations !== undefined) return { format: "parquet", locations, layers };
      return { format: "delta", root: await deltaRoot(request, signal), layers };
    }
    case "iceberg": {
      const { scheme, properties: authProperties } = connector.auth;
      const check = { uri: connector.uri, properties, authScheme: scheme, authProperties };
      if (checkConnector(check) === "filesystem") return { format: "iceberg", metadata: undefined, layers };
      const { namespace, table } = request;
      const ownOptions = request.ownOptions ?? properties;
      const asked = { connector, ownOptions, namespace, table };
      return { format: "iceberg", ...(await loadCatalogTable(asked, reachable(request), signal)) };
    }
    case "glue":
    case "unity":
      throw new TableError(`No ConnectorProvider for kind=${connector.kind}`);
    case "unspecified":
      throw new TableError("unsupported kind: CK_UNSPECIFIED");
  }
}

async function deltaRoot(request: SourceRequest, signal: AbortSignal): Promise<string> {
  const { connector, namespace, table } = request;
  const source = deltaSource(connector.properties);
  switch (source.kind) {
    case "filesystem":
    case "parquet":
      return source.root;
    case "unity": {
      const hinted = hintedRoot(request);
      if (hinted !== undefined) return hinted;
      return await unityTableRoot({ connector, namespace, table }, reachable(request), signal);
    }
    case "glue": {
      const ownOptions = request.ownOptions ?? connector.properties;
      return await glueTableRoot(
        { auth: connector.auth, ownOptions, namespace, table },
        reachable(request),
        signal,
      );
    }
  }
}

const HINT = "delta.table-root.hint";

/** inline: a hint for this very table spares the call (05 §3.3). */
function hintedRoot({ connector, generation, namespace, table }: SourceRequest): string | undefined {
  if (generation !== "inline") return undefined;
  const name = connector.properties[`${HINT}.full-name`]?.trim();
  const location = connector.properties[`${HINT}.location`]?.trim() ?? "";
  return name === `${namespace}.${table}` && location !== "" ? location : undefined;
}

function reachable({ catalogs }: SourceRequest): CatalogContext {
  if (catalogs === undefined)
    throw new TableError("catalogs can't be asked here; name the table by its location");
  return catalogs;
}
