/** `IndexArtifactRecord` (01 §6, 06 §5.1), the same in both generations: model to initial values, and back. */
import type { IndexArtifactRecord, IndexCoverage, ResourceId } from "../../model/index.ts";
import { ForeignRecordError } from "./codec.ts";
import {
  openEnum,
  resourceIdFrom,
  resourceIdInit,
  timestampInit,
  timestampMs,
  wellFormedPath,
} from "./wire-values.ts";

/** `artifact_format` and `artifact_format_version` of every sidecar (06 §5.1). */
export const ARTIFACT_FORMAT = "parquet";
export const ARTIFACT_FORMAT_VERSION = 1;

/** `IAS_READY`, the only state that is ever written. */
const STATE_READY = 2;

export function artifactRecordInit(record: IndexArtifactRecord) {
  return {
    tableId: resourceIdInit(record.tableId),
    snapshotId: record.snapshotId,
    target: { target: { case: "file" as const, value: { filePath: wellFormedPath(record.filePath) } } },
    artifactUri: record.artifactUri,
    artifactFormat: ARTIFACT_FORMAT,
    artifactFormatVersion: ARTIFACT_FORMAT_VERSION,
    contentEtag: record.contentSha256B64,
    contentSha256B64: record.contentSha256B64,
    state: openEnum(STATE_READY),
    createdAt: timestampInit(record.createdAtMs),
    refreshedAt: timestampInit(record.createdAtMs),
    coverage: coverageInit(record.coverage),
    sourceFileFormat: record.sourceFileFormat,
    properties: { ...record.properties },
  };
}

function coverageInit(coverage: IndexCoverage) {
  const { rowsIndexed, liveRowsIndexed, pagesIndexed, rowGroupsIndexed, bytesScanned } = coverage;
  return {
    ...(rowsIndexed === undefined ? {} : { rowsIndexed }),
    ...(liveRowsIndexed === undefined ? {} : { liveRowsIndexed }),
    ...(pagesIndexed === undefined ? {} : { pagesIndexed }),
    ...(rowGroupsIndexed === undefined ? {} : { rowGroupsIndexed }),
    ...(bytesScanned === undefined ? {} : { bytesScanned }),
  };
}

/** What is read of the generated message, which fits structurally in both generations. */
export interface ArtifactMessage {
  readonly tableId?: ResourceId | undefined;
  readonly snapshotId: bigint;
  readonly target?:
    | {
        readonly target:
          | { readonly case: "file"; readonly value: { readonly filePath: string } }
          | { readonly case: undefined };
      }
    | undefined;
  readonly artifactUri: string;
  readonly contentSha256B64: string;
  readonly createdAt?: { readonly seconds: bigint; readonly nanos: number } | undefined;
  readonly coverage?: { readonly [name in keyof IndexCoverage]?: bigint | undefined } | undefined;
  readonly sourceFileFormat?: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
}

export function artifactRecordFrom(message: ArtifactMessage): IndexArtifactRecord {
  const target = message.target?.target;
  if (target?.case !== "file") throw new ForeignRecordError("index artifact record without a file target");
  return {
    tableId: resourceIdFrom(message.tableId),
    snapshotId: message.snapshotId,
    filePath: target.value.filePath,
    artifactUri: message.artifactUri,
    contentSha256B64: message.contentSha256B64,
    createdAtMs: timestampMs(message.createdAt),
    coverage: {
      rowsIndexed: message.coverage?.rowsIndexed,
      liveRowsIndexed: message.coverage?.liveRowsIndexed,
      pagesIndexed: message.coverage?.pagesIndexed,
      rowGroupsIndexed: message.coverage?.rowGroupsIndexed,
      bytesScanned: message.coverage?.bytesScanned,
    },
    sourceFileFormat: message.sourceFileFormat ?? "",
    properties: { ...message.properties },
  };
}
