import type { SourceConnector } from "../../../src/model/index.ts";
import { type CatalogTable, loadCatalogTable } from "../../../src/table/iceberg/index.ts";
import type { CatalogContext } from "../../../src/table/index.ts";
import { catalogContext } from "./context.ts";
import type { RestTable } from "./iceberg-rest.ts";

/** A table `a.t` with one snapshot whose id has more than 53 bits. */
export const TABLE: RestTable = {
  namespace: ["a"],
  name: "t",
  metadata:
    '{"format-version":2,"current-schema-id":0,"schemas":[{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"a","type":"int","required":false}]}],' +
    '"partition-specs":[{"spec-id":0,"fields":[]}],"current-snapshot-id":7105637631842704244,' +
    '"snapshots":[{"snapshot-id":7105637631842704244,"manifest-list":"s3://b/t/metadata/snap.avro"}]}',
  metadataLocation: "s3://b/t/metadata/00001-x.metadata.json",
};

/** What a connector says of itself and of the table, where it differs from `a.t` without auth. */
export interface Asked {
  readonly namespace?: string;
  readonly table?: string;
  readonly scheme?: string;
  readonly auth?: Record<string, string>;
  readonly hints?: Record<string, string>;
  readonly properties?: Record<string, string>;
  readonly ownOptions?: Record<string, string>;
  readonly catalogs?: CatalogContext;
  /** Below the catalog's origin. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

export function restConnector(uri: string, asked: Asked): SourceConnector {
  return {
    resourceId: undefined,
    kind: "iceberg",
    uri,
    properties: { "iceberg.source": "rest", ...asked.properties },
    auth: { scheme: asked.scheme ?? "none", properties: asked.auth ?? {}, headerHints: asked.hints ?? {} },
  };
}

export async function loadTable(origin: string, asked: Asked = {}): Promise<CatalogTable> {
  const connector = restConnector(`${origin}${asked.path ?? ""}`, asked);
  const ownOptions = asked.ownOptions ?? connector.properties;
  const { namespace = "a", table = "t", catalogs = catalogContext() } = asked;
  const signal = asked.signal ?? new AbortController().signal;
  return await loadCatalogTable({ connector, ownOptions, namespace, table }, catalogs, signal);
}
