import type { CapturePolicy, Generation, SourceConnector } from "../../model/index.ts";
import { SourceMissingError, UsageError } from "../../model/index.ts";
import { openStore, type StoreSettings } from "../../storage/index.ts";
import { findTable, openSource, type TableSource, tableStore } from "../../table/index.ts";
import { dereferenced } from "../executor/references.ts";
import { rootOfMetadata } from "../executor/storage-location.ts";
import type { ServiceContext } from "../service.ts";
import { findAuthority, vendedBy } from "../storage-authority/index.ts";
import { type CatalogReference, type OpenedTable, openForPlan, type TableRequest } from "./open-table.ts";
import { planStore } from "./plan-store.ts";

export interface PlanOpening {
  readonly store: StoreSettings;
  readonly accountId: string;
  readonly policy: CapturePolicy;
  readonly generation: Generation;
  readonly fullRescan: boolean;
  readonly signal: AbortSignal;
}

/** Opens the table of a request, by its location or through its catalog. */
export async function openRequested(
  context: ServiceContext,
  request: TableRequest,
  opening: PlanOpening,
): Promise<OpenedTable> {
  const { catalog } = request;
  if (catalog !== undefined) return await openThroughCatalog(context, { ...request, catalog }, opening);
  const store = await planStore(context, opening.store, { ...request, accountId: opening.accountId });
  return await openForPlan(request, { ...opening, store });
}

async function openThroughCatalog(
  context: ServiceContext,
  request: TableRequest & { readonly catalog: CatalogReference },
  opening: PlanOpening,
): Promise<OpenedTable> {
  const { catalog, snapshotId } = request;
  const { format } = request;
  if (format !== "delta" && format !== "iceberg") {
    throw new UsageError("a catalog's table is given with its format, Delta or Iceberg");
  }
  const stored = { kind: format, uri: catalog.uri, properties: request.properties } as const;
  const connector: SourceConnector = {
    ...stored,
    resourceId: undefined,
    properties: dereferenced(request.properties, context.secrets),
    auth: { ...catalog.auth, properties: dereferenced(catalog.auth.properties, context.secrets) },
  };
  const { namespace, table } = catalog;
  const { generation, signal } = opening;
  const found = await findTable(
    { connector, namespace, table, generation, catalogs: context.catalogs },
    signal,
  );
  const storageLocation = locationOf(found);
  const source = await withAuthority(context, found, {
    accountId: opening.accountId,
    location: storageLocation,
    generation,
  });
  const { settings, release } = tableStore(source, fillingIn(opening.store));
  const store = openStore(settings);
  const close = () => {
    store.close();
    release();
  };
  try {
    const snapshot = await openSource(source, { ...opening, connector, snapshotId, store }, signal);
    if (snapshot === undefined) throw new SourceMissingError(`${request.uri} has no snapshot ${snapshotId}`);
    return {
      format,
      uri: request.uri,
      connector: stored,
      snapshot,
      catalog: { ...catalog, storageLocation },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** How this machine reaches S3 counts where neither connector nor catalog says it. */
function fillingIn(store: StoreSettings) {
  const { s3 } = store;
  if (s3 === undefined) return { store };
  const { endpoint, region } = s3;
  const unstated = { ...s3, endpoint: undefined, region: undefined };
  return { store: { ...store, s3: unstated }, ambientS3: { endpoint, region } };
}

/** Root of the table, for storage authorities and for the lease's payload (02 §4.6). */
function locationOf(source: TableSource): string {
  if (source.format === "delta") return source.root.replace(/\/+$/, "");
  if (source.format === "iceberg" && source.metadata !== undefined)
    return rootOfMetadata(source.metadata.location);
  throw new UsageError("the table's connector names no catalog");
}

/** Workers are given what the authority over the table vends; the planner reads with it too, unless the catalog gives keys. */
async function withAuthority(
  { authorities, mint }: ServiceContext,
  source: TableSource,
  {
    accountId,
    location,
    generation,
  }: { readonly accountId: string; readonly location: string; readonly generation: Generation },
): Promise<TableSource> {
  const authority = findAuthority(authorities, accountId, location);
  if (authority === undefined) return source;
  const minted = await mint(authority, { location, generation });
  const vended = vendedBy(authority, location, minted).storageCredentials[0]?.config ?? {};
  const [base, ...others] = source.layers;
  if (base === undefined || base.source !== undefined || base.options["s3.access-key-id"] !== undefined)
    return source;
  return { ...source, layers: [{ ...base, options: { ...base.options, ...vended } }, ...others] };
}
