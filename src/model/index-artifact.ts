import type { ResourceId } from "./resource.ts";

/** `IndexArtifactRecord` (06 §5.1), free of wire types. */
export interface IndexArtifactRecord {
  readonly tableId: ResourceId;
  readonly snapshotId: bigint;
  readonly filePath: string;
  readonly artifactUri: string;
  readonly contentSha256B64: string;
  /** `created_at` and `refreshed_at`: one clock reading a group, in ms since the epoch. */
  readonly createdAtMs: number;
  readonly coverage: IndexCoverage;
  readonly sourceFileFormat: string;
  /** In the order in which they are to be written (06 §5.5). */
  readonly properties: Readonly<Record<string, string>>;
}

/** All optional: "not set" is different from 0 (06 §5.3). */
export interface IndexCoverage {
  readonly rowsIndexed: bigint | undefined;
  readonly liveRowsIndexed: bigint | undefined;
  readonly pagesIndexed: bigint | undefined;
  readonly rowGroupsIndexed: bigint | undefined;
  readonly bytesScanned: bigint | undefined;
}

export interface IndexArtifact {
  readonly record: IndexArtifactRecord;
  readonly content: Uint8Array;
}

/** `content_type` of every sidecar (06 §5.1). */
export const SIDECAR_CONTENT_TYPE = "application/x-parquet";
