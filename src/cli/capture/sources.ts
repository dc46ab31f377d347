import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { readEnvironment } from "../../config/index.ts";
import { RESOURCE_KIND_TABLE, type ResourceId, type SourceConnector, UsageError } from "../../model/index.ts";
import { type AmbientS3, openStore, type StoreSettings, toPlannedPath } from "../../storage/index.ts";
import { type CatalogContext, detectFormat, type TableFormat } from "../../table/index.ts";
import { machineCatalogs } from "../catalog/machine.ts";
import { catalogTables } from "../catalog/sources.ts";
import type { CaptureOptions } from "./options.ts";

/** One table to capture, found from the URIs of the command line. */
export interface CaptureSource {
  readonly uri: string;
  readonly tableId: ResourceId;
  /** Name in a catalog; both blank for a table that is named by its location. */
  readonly namespace: string;
  readonly table: string;
  readonly connector: SourceConnector;
  readonly store: StoreSettings;
  readonly ambientS3?: AmbientS3 | undefined;
  /** Undefined: the table is named by its location. */
  readonly catalogs?: CatalogContext | undefined;
  /** Says with an error what can be done about it. */
  readonly explain?: ((error: unknown) => unknown) | undefined;
}

/** Account of every record that `capture` writes. */
export const LOCAL_ACCOUNT = "local";
const TABLE_ID_DIGITS = 32;

/**
 * Each table folder is a table of its own. Parquet files and globs named side by side are one table together, since they are one
 * set of data (a shell turns a glob into such a list).
 */
export async function resolveSources(
  uris: readonly string[],
  { store, options }: { readonly store: StoreSettings; readonly options: CaptureOptions },
  signal: AbortSignal,
): Promise<readonly CaptureSource[]> {
  if (options.catalog !== undefined) return await catalogSources(uris, options, store, signal);
  const sources: CaptureSource[] = [];
  const parquet: string[] = [];
  for (const uri of uris.map(absoluteUri)) {
    const format = await formatOf(uri, options, store, signal);
    if (format === "parquet") parquet.push(uri);
    else sources.push(tableSource(uri, connectorOf(format, [uri], options), store));
  }
  if (parquet.length > 0) {
    sources.push(tableSource(parquet.join(" "), connectorOf("parquet", parquet, options), store));
  }
  return sources;
}

async function catalogSources(
  names: readonly string[],
  options: CaptureOptions,
  store: StoreSettings,
  signal: AbortSignal,
): Promise<readonly CaptureSource[]> {
  const { variables, ambientS3 } = readEnvironment();
  const { network = {}, reach } = store;
  const catalogs = machineCatalogs({ network, reach, variables, ownConnectors: true });
  const properties = { "stats.ndv.enabled": String(options.ndv) };
  const tables = await catalogTables(names, { catalogs, options, variables, properties }, signal);
  // What a flag says is meant; what a variable says fills in where the catalog says nothing.
  const s3 = store.s3 && { ...store.s3, endpoint: options.s3Endpoint, region: options.s3Region };
  return tables.map((table) => ({
    ...table,
    tableId: tableIdOf(table.uri),
    store: { ...store, s3 },
    ambientS3,
    catalogs,
  }));
}

async function formatOf(
  uri: string,
  options: CaptureOptions,
  store: StoreSettings,
  signal: AbortSignal,
): Promise<TableFormat> {
  if (options.format !== "auto") return options.format;
  // A web server lists no folder: what it has is a file.
  if (/^https?:/.test(uri)) return "parquet";
  const opened = openStore(store);
  try {
    return await detectFormat(opened, `${uri}/`, { signal });
  } finally {
    opened.close();
  }
}

/** `file://` and the absolute path for local names; other schemes as they are. A trailing slash says nothing. */
export function absoluteUri(uri: string): string {
  if (uri.trim() === "") throw new UsageError("an empty URI names no table");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) return uri.replace(/(?<=[^/])\/+$/, "");
  return toPlannedPath(resolve(uri));
}

/** Id of a table that no catalog knows: a hash of its URI. */
export function localTableId(uri: string): string {
  return createHash("sha256").update(uri).digest("hex").slice(0, TABLE_ID_DIGITS);
}

function tableIdOf(uri: string): ResourceId {
  return { accountId: LOCAL_ACCOUNT, id: localTableId(uri), kind: RESOURCE_KIND_TABLE };
}

function tableSource(uri: string, connector: SourceConnector, store: StoreSettings): CaptureSource {
  return {
    uri,
    tableId: tableIdOf(uri),
    namespace: "",
    table: "",
    connector,
    store,
  };
}

/** The connector that a control plane would hand out for this table (05 §2, 04 §2, decision 37). */
function connectorOf(format: TableFormat, uris: readonly string[], options: CaptureOptions): SourceConnector {
  // Said either way: an Iceberg connector without the property counts distinct values (07 §6.1).
  const ndv = { "stats.ndv.enabled": String(options.ndv) };
  const [uri = ""] = uris;
  const base = {
    resourceId: undefined,
    auth: { scheme: "none", properties: {}, headerHints: {} },
  };
  switch (format) {
    case "delta":
      return {
        ...base,
        kind: "delta",
        uri: "",
        properties: { "delta.source": "filesystem", "delta.table-root": uri, ...ndv },
      };
    case "iceberg":
      return { ...base, kind: "iceberg", uri, properties: { "iceberg.source": "filesystem", ...ndv } };
    case "parquet":
      return {
        ...base,
        kind: "delta",
        uri: "",
        properties: { "delta.source": "parquet", "delta.table-root": uris.join("\n"), ...ndv },
      };
  }
}
