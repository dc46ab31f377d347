import { type CapturePolicy, type Generation, type SourceConnector, TableError } from "../model/index.ts";
import { openStore, type StoreSettings } from "../storage/index.ts";
import {
  bareLocations,
  type DeltaCache,
  deltaTableRoot,
  type ManifestCache,
  openBare,
  openDelta,
  openIceberg,
  type TableSnapshot,
} from "../table/index.ts";

/** What decides how a table is opened: the same for a leased group and for a table named on the command line. */
export interface TableRequest {
  readonly connector: SourceConnector;
  readonly snapshotId: bigint | "latest";
  readonly policy: CapturePolicy;
  readonly generation: Generation;
  readonly fullRescan: boolean;
  readonly store: StoreSettings;
  /** Iceberg manifests shared by the groups of a process. */
  readonly manifests?: ManifestCache;
  /** Delta logs and file lists shared likewise. */
  readonly deltaLogs?: DeltaCache;
  /** Told what is left out because it can't be read (decision 34). */
  readonly warn?: (message: string) => void;
}

/**
 * Opens the snapshot that a connector and an id name. Undefined where the contract wants an empty result without error: an
 * Iceberg table lacks the snapshot (04 §1).
 */
export async function openTable(
  request: TableRequest,
  signal: AbortSignal,
): Promise<TableSnapshot | undefined> {
  const { connector, policy, generation, fullRescan, snapshotId } = request;
  const store = openStore(request.store);
  switch (connector.kind) {
    case "delta": {
      const locations = bareLocations(connector.properties);
      if (locations !== undefined) return await openBare({ locations, store, policy, signal });
      return await openDelta({
        root: deltaTableRoot(connector.properties),
        version: snapshotId,
        store,
        policy,
        generation,
        fullRescan,
        cache: request.deltaLogs,
        signal,
      });
    }
    case "iceberg":
      return await openIceberg({
        store,
        uri: connector.uri,
        properties: connector.properties,
        authScheme: connector.auth.scheme,
        authProperties: connector.auth.properties,
        generation,
        snapshotId,
        policy,
        ...(request.manifests && { cache: request.manifests }),
        ...(request.warn && { warn: request.warn }),
        signal,
      });
    case "glue":
    case "unity":
      throw new TableError(`No ConnectorProvider for kind=${connector.kind}`);
    case "unspecified":
      throw new TableError("unsupported kind: CK_UNSPECIFIED");
  }
}
