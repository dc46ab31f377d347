import {
  type CapturePolicy,
  type Generation,
  type SourceConnector,
  SourceMissingError,
  UsageError,
} from "../../model/index.ts";
import { isLocalPath, type ObjectStore, toFileSystemPath, toPlannedPath } from "../../storage/index.ts";
import {
  deltaVersions,
  detectFormat,
  listSnapshots,
  loadIcebergTable,
  openBare,
  openDelta,
  openIceberg,
  type TableFormat,
  type TableSnapshot,
} from "../../table/index.ts";

/** A table as it is named in a request. */
export interface TableRequest {
  /** One folder; for bare Parquet also a file or a glob, or several of them, one a line. */
  readonly uri: string;
  readonly format: TableFormat | "auto";
  readonly snapshotId: bigint | "latest";
  /** Store and reader options, put into the connector's. */
  readonly properties: Readonly<Record<string, string>>;
  /** A table that its catalog locates: `uri` then only names it, and `properties` are its connector's. */
  readonly catalog?: CatalogReference;
}

export interface CatalogReference {
  readonly uri: string;
  /** Levels joined by dots. */
  readonly namespace: string;
  readonly table: string;
  /** Secrets as references alone (`references.ts`). */
  readonly auth: SourceConnector["auth"];
}

export interface OpenedTable {
  readonly format: TableFormat;
  /** Planned form of the request's uri. */
  readonly uri: string;
  /** What a lease will say of the table's source (05 §2, 04 §2, decision 37). */
  readonly connector: Pick<SourceConnector, "kind" | "uri" | "properties">;
  readonly snapshot: TableSnapshot;
  /** Of a table that its catalog locates. */
  readonly catalog?: CatalogReference & { readonly storageLocation: string };
  /** When its files have been listed. */
  close?(): void;
}

export async function openForPlan(
  request: TableRequest,
  options: {
    readonly store: ObjectStore;
    readonly policy: CapturePolicy;
    readonly generation: Generation;
    readonly fullRescan: boolean;
    readonly signal: AbortSignal;
  },
): Promise<OpenedTable> {
  const { store, signal } = options;
  const locations = request.uri
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(plannedUri);
  const [first] = locations;
  if (first === undefined) throw new UsageError("an empty URI names no table");
  const format =
    request.format === "auto" ? await detectFormat(store, `${first}/`, { signal }) : request.format;
  const { properties } = request;
  switch (format) {
    case "delta": {
      const snapshot = await openDelta({ ...options, root: first, version: request.snapshotId });
      const own = { "delta.source": "filesystem", "delta.table-root": first };
      return { format, uri: first, connector: delta({ ...properties, ...own }), snapshot };
    }
    case "iceberg": {
      const connector = {
        kind: "iceberg" as const,
        uri: first,
        properties: { ...properties, "iceberg.source": "filesystem" },
      };
      const { snapshotId } = request;
      const snapshot = await openIceberg({ ...options, ...connector, snapshotId });
      if (snapshot === undefined) throw new SourceMissingError(`${first} has no snapshot ${snapshotId}`);
      return { format, uri: first, connector, snapshot };
    }
    case "parquet": {
      const snapshot = await openBare({ ...options, locations });
      if (request.snapshotId !== "latest" && request.snapshotId !== snapshot.snapshotId) {
        throw new SourceMissingError(
          `${first} is bare Parquet, whose only snapshot is ${snapshot.snapshotId}`,
        );
      }
      const uri = locations.join("\n");
      const own = { "delta.source": "parquet", "delta.table-root": uri };
      return { format, uri, connector: delta({ ...properties, ...own }), snapshot };
    }
  }
}

/** The snapshots that a table has, oldest first. */
export async function snapshotsOf(
  request: Omit<TableRequest, "snapshotId">,
  options: { readonly store: ObjectStore; readonly generation: Generation; readonly signal: AbortSignal },
): Promise<readonly (bigint | "latest")[]> {
  if (request.catalog !== undefined) {
    throw new UsageError("snapshots of a table that a catalog locates are not listed here: name them");
  }
  const root = plannedUri(request.uri);
  switch (request.format) {
    case "iceberg": {
      const properties = { ...request.properties, "iceberg.source": "filesystem" };
      const table = await loadIcebergTable({ ...options, uri: root, properties });
      return listSnapshots(table)
        .toSorted((a, b) => Number(a.timestampMs - b.timestampMs))
        .map(({ snapshotId }) => snapshotId);
    }
    case "delta":
      return await deltaVersions({ ...options, root });
    default:
      return ["latest"];
  }
}

function delta(properties: Readonly<Record<string, string>>) {
  return { kind: "delta" as const, uri: "", properties };
}

/** `file://` and the absolute path for local names (decision 38); a trailing slash says nothing. */
function plannedUri(uri: string): string {
  const trimmed = uri.trim().replace(/(?<=[^/])\/+$/, "");
  return isLocalPath(trimmed) ? toPlannedPath(toFileSystemPath(trimmed)) : trimmed;
}
