/**
 * A table as its REST catalog describes it (04 §3.6): metadata, and the layers of options by which its files are read
 * (08 §4.3).
 */
import { type SourceConnector, SourceMissingError } from "../../../model/index.ts";
import type { CatalogContext } from "../../catalog/index.ts";
import { isJsonObject, type JsonObject, tableMetadataOf } from "../metadata/index.ts";
import { isCompressed, type MetadataFile } from "../metadata-file.ts";
import type { ConnectorOptions } from "../options.ts";
import { accessLayers, type OptionLayer, overlay } from "./file-access.ts";
import { catalogProperties, fromEnvironment, withRegion } from "./properties.ts";
import { renewedKeys } from "./renewal.ts";
import { catalogClient, openRestCatalog, textMap } from "./rest-catalog.ts";
import { tablePath } from "./table-path.ts";

export interface CatalogTableRequest {
  readonly connector: Pick<SourceConnector, "uri" | "auth" | "properties">;
  /** The connector's options before storage credentials were merged into them: the catalog's identity (decision 24). */
  readonly ownOptions: ConnectorOptions;
  /** Levels joined by `.`. */
  readonly namespace: string;
  readonly table: string;
}

export interface CatalogTable {
  readonly metadata: MetadataFile;
  /** Options of file access: the first for every path, the others for those below their prefix. */
  readonly layers: readonly OptionLayer[];
}

const LOAD_TABLE = "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}";

export async function loadCatalogTable(
  request: CatalogTableRequest,
  catalogs: CatalogContext,
  signal: AbortSignal,
): Promise<CatalogTable> {
  const { connector, ownOptions, namespace, table } = request;
  const properties = catalogProperties(connector, ownOptions, catalogs.environment);
  const catalog = await openRestCatalog(properties, catalogs, signal);
  if (catalog.endpoints?.has(LOAD_TABLE) === false) {
    throw new SourceMissingError(
      `Unable to load table floecat-iceberg.${namespace}.${table}: Server does not support endpoint ${LOAD_TABLE}`,
    );
  }
  const path = tablePath(catalog.properties, namespace, table);
  const answer = await catalog.get(path, "load-table", signal);
  const config = textMap(answer.config);
  const ofTable = { ...catalog.properties, ...config };
  const scheme = connector.auth.scheme.trim().toLowerCase();
  const options = fromEnvironment(connector.properties, catalogs.environment);
  const storage = withRegion(options, connector.auth.properties, scheme);
  return {
    metadata: metadataOf(answer, `${namespace}.${table}`),
    layers: accessLayers({
      below: overlay(overlay(catalog.defaults, storage), catalog.overrides),
      config,
      credentials: storageCredentials(answer),
      renewalOf: (layer, endpoint) =>
        renewedKeys({
          layer,
          clock: catalogs.clock,
          ask: async (asking) => {
            if (endpoint === undefined) {
              const again = await catalog.get(path, "load-table", asking);
              return [{ prefix: "", options: textMap(again.config) }, ...storageCredentials(again)];
            }
            const client = catalogClient(ofTable, properties.profile, catalogs);
            return storageCredentials(await client.get(endpoint.replace(/^\/+/, ""), "credentials", asking));
          },
        }),
    }),
  };
}

function metadataOf(answer: JsonObject, name: string): MetadataFile {
  const stated = answer["metadata-location"];
  const location = typeof stated === "string" ? stated : name;
  return {
    location,
    metadata: tableMetadataOf(answer.metadata, location),
    compressed: isCompressed(location),
  };
}

function storageCredentials(answer: JsonObject): OptionLayer[] {
  const listed = answer["storage-credentials"];
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((entry) =>
    isJsonObject(entry) && typeof entry.prefix === "string"
      ? [{ prefix: entry.prefix, options: textMap(entry.config) }]
      : [],
  );
}
