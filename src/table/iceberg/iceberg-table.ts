import { type Generation, SourceMissingError, TableError } from "../../model/index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import type { IcebergSnapshotEntry } from "./metadata/index.ts";
import { listMetadata, locateMetadata, type MetadataFile, readMetadata } from "./metadata-file.ts";
import { type ConnectorOptions, checkConnector, type IcebergSource } from "./options.ts";

/** What is needed to open a table: the connector's parts (04 §2) and the store that its paths are read through. */
export interface IcebergTableOptions {
  /** Reads every path of the table; `fs.floecat.test-root` is the caller's choice of store (08 §5.5). */
  readonly store: ObjectStore;
  /** Metadata file or table folder. */
  readonly uri: string;
  /** Connector properties. A table opened by its location alone has `iceberg.source` = `filesystem`. */
  readonly properties: ConnectorOptions;
  /** `none` if absent. */
  readonly authScheme?: string;
  readonly authProperties?: ConnectorOptions;
  /** Metadata that a catalog gave with the table; undefined: it is found by `uri`. */
  readonly catalogMetadata?: MetadataFile | undefined;
  readonly generation: Generation;
  readonly signal: AbortSignal;
}

export interface IcebergTable extends MetadataFile {
  readonly source: IcebergSource;
}

/** Opens the table's metadata: what its catalog gave (04 §3.6), else the metadata file (04 §3.7). */
export async function loadIcebergTable(options: IcebergTableOptions): Promise<IcebergTable> {
  const source = checkConnector({
    uri: options.uri,
    properties: options.properties,
    authScheme: options.authScheme ?? "none",
    authProperties: options.authProperties ?? {},
  });
  if (options.catalogMetadata !== undefined) return { source, ...options.catalogMetadata };
  if (source !== "filesystem") throw new TableError("The catalog of an Iceberg table was not asked for it");
  const location = await locateMetadata(options);
  return { source, ...(await readMetadata(options.store, location, options.signal)) };
}

/** A snapshot as a user picks it. */
export interface IcebergSnapshotInfo {
  readonly snapshotId: bigint;
  readonly parentSnapshotId: bigint | undefined;
  readonly timestampMs: bigint;
  /** `append`, `overwrite`, …; undefined where the writer gave none. */
  readonly operation: string | undefined;
  readonly current: boolean;
}

/** The table's snapshots in the order of its metadata, oldest first by custom. */
export function listSnapshots(table: IcebergTable): IcebergSnapshotInfo[] {
  const { metadata } = table;
  return metadata.snapshots.map((snapshot) => ({
    snapshotId: snapshot.snapshotId,
    parentSnapshotId: snapshot.parentSnapshotId,
    timestampMs: snapshot.timestampMs,
    operation: snapshot.summary.get("operation"),
    current: snapshot.snapshotId === metadata.currentSnapshotId,
  }));
}

export function findSnapshot(table: IcebergTable, snapshotId: bigint): IcebergSnapshotEntry | undefined {
  return table.metadata.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId);
}

/** Other metadata files that are tried for a snapshot: more than these have passed since the plan only in a broken set-up. */
const MAX_OTHER_METADATA = 20;

/**
 * The table as a metadata file beside the opened one describes it, if that one has the snapshot and its manifest list is
 * still there (decision 36): the table may have moved on since the plan, or the uri may name an older file.
 */
export async function tableWithSnapshot(
  table: IcebergTable,
  snapshotId: bigint,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<IcebergTable | undefined> {
  const folder = table.location.slice(0, table.location.lastIndexOf("/") + 1);
  const others = (await listMetadata(store, folder, signal)).filter((path) => path !== table.location);
  for (const location of others.slice(0, MAX_OTHER_METADATA)) {
    const other = { ...table, ...(await readMetadata(store, location, signal)) };
    const snapshot = findSnapshot(other, snapshotId);
    if (snapshot === undefined) continue;
    return (await manifestsRemain(snapshot, store, signal)) ? other : undefined;
  }
  return undefined;
}

/** An expired snapshot may have been cleaned up: it is then as absent as the reference says. */
async function manifestsRemain(
  snapshot: IcebergSnapshotEntry,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<boolean> {
  if (!("listedIn" in snapshot.manifests)) return true;
  try {
    await (await store.open(snapshot.manifests.listedIn, { signal })).close();
    return true;
  } catch (error) {
    if (error instanceof SourceMissingError) return false;
    throw error;
  }
}
