import type { CapturePolicy, Generation, SourceConnector } from "../model/index.ts";
import { type AmbientS3, openStore, type StoreSettings } from "../storage/index.ts";
import {
  type CatalogContext,
  type DeltaCache,
  findTable,
  type ManifestCache,
  openSource,
  type TableSnapshot,
  tableStore,
} from "../table/index.ts";

/** What decides how a table is opened: the same for a leased group and for a table named on the command line. */
export interface TableRequest {
  /** Its options with what a storage authority gave merged in (08 §3.5). */
  readonly connector: SourceConnector;
  /** Options before that, from which the catalog's identity comes (decision 24); the connector's if absent. */
  readonly ownOptions?: Readonly<Record<string, string>> | undefined;
  /** The table's name in its catalog, levels of the namespace joined by `.`; both blank where it is named by location. */
  readonly namespace: string;
  readonly table: string;
  readonly snapshotId: bigint | "latest";
  readonly policy: CapturePolicy;
  readonly generation: Generation;
  readonly fullRescan: boolean;
  /**
   * Where files may be read. Without `s3` it is made of the connector's options and of what a catalog vends; with it, what was
   * stated counts, but for keys that a catalog vends.
   */
  readonly store: StoreSettings;
  /** Keys of a storage authority that end, held by the caller (08 §3.6). */
  readonly heldId?: string | undefined;
  readonly ambientS3?: AmbientS3 | undefined;
  /** Undefined: catalogs can't be asked. */
  readonly catalogs?: CatalogContext | undefined;
  /** Iceberg manifests shared by the groups of a process. */
  readonly manifests?: ManifestCache;
  /** Delta logs and file lists shared likewise. */
  readonly deltaLogs?: DeltaCache;
  /** Told what is left out because it can't be read (decision 34). */
  readonly warn?: (message: string) => void;
}

/** An open table. Dispose it when its files have been read: keys that a catalog renews are then dropped. */
export interface OpenedTable extends Disposable {
  readonly snapshot: TableSnapshot;
  /** Through which its files are read. */
  readonly store: StoreSettings;
}

/**
 * Finds the table that a connector names, asking its catalog where it has one, and opens the snapshot. Undefined where the
 * contract wants an empty result without error: an Iceberg table lacks the snapshot (04 §1).
 */
export async function openTable(
  request: TableRequest,
  signal: AbortSignal,
): Promise<OpenedTable | undefined> {
  // A negative id is no snapshot, whatever the catalog would say (04 §1).
  const isIceberg = request.connector.kind === "iceberg";
  if (isIceberg && request.snapshotId !== "latest" && request.snapshotId < 0n) return undefined;
  const source = await findTable(request, signal);
  const { settings, release } = tableStore(source, request);
  const store = openStore(settings);
  const dispose = () => {
    store.close();
    release();
  };
  try {
    const snapshot = await openSource(source, { ...request, store }, signal);
    if (snapshot !== undefined) return { snapshot, store: settings, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
  dispose();
  return undefined;
}
