import type { CapturePolicy, Generation, SourceConnector } from "../model/index.ts";
import type { ObjectStore } from "../storage/index.ts";
import { openBare } from "./bare/index.ts";
import { type DeltaCache, openDelta } from "./delta/index.ts";
import { type ManifestCache, openIceberg } from "./iceberg/index.ts";
import type { TableSnapshot } from "./snapshot.ts";
import type { TableSource } from "./table-source.ts";

export interface SourceOpening {
  readonly connector: SourceConnector;
  readonly snapshotId: bigint | "latest";
  readonly policy: CapturePolicy;
  readonly generation: Generation;
  readonly fullRescan: boolean;
  readonly store: ObjectStore;
  readonly manifests?: ManifestCache;
  readonly deltaLogs?: DeltaCache;
  readonly warn?: (message: string) => void;
}

/** Opens a snapshot of a table that has been found. Undefined: an Iceberg table lacks it (04 §1). */
export async function openSource(
  source: TableSource,
  request: SourceOpening,
  signal: AbortSignal,
): Promise<TableSnapshot | undefined> {
  const { connector, policy, generation, fullRescan, snapshotId, store } = request;
  switch (source.format) {
    case "parquet":
      return await openBare({ locations: source.locations, store, policy, signal });
    case "delta":
      return await openDelta({
        root: source.root,
        version: snapshotId,
        store,
        policy,
        generation,
        fullRescan,
        cache: request.deltaLogs,
        signal,
      });
    case "iceberg":
      return await openIceberg({
        store,
        uri: connector.uri,
        properties: { ...connector.properties, ...source.layers[0]?.options },
        authScheme: connector.auth.scheme,
        authProperties: connector.auth.properties,
        catalogMetadata: source.metadata,
        generation,
        snapshotId,
        policy,
        ...(request.manifests && { cache: request.manifests }),
        ...(request.warn && { warn: request.warn }),
        signal,
      });
  }
}
