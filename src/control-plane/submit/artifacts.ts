import { SIDECAR_CONTENT_TYPE } from "../../model/index.ts";
import { badArgument } from "../errors/index.ts";
import type { ServiceContext } from "../service.ts";
import type { Blob, SnapshotKey } from "../store/index.ts";

/** `IndexArtifactRecord` as far as a submit looks at it, the same in both generations. */
export interface ArtifactRecordMessage {
  readonly tableId?: { readonly accountId: string; readonly id: string } | undefined;
  readonly snapshotId: bigint;
  readonly target?:
    | {
        readonly target:
          | { readonly case: "file"; readonly value: { readonly filePath: string } }
          | { readonly case: undefined };
      }
    | undefined;
  readonly artifactUri: string;
}

/** Content goes under the worker's own uri (02 §5.1); a blank type means a sidecar's. */
export async function storeContent(
  context: ServiceContext,
  artifactUri: string,
  content: Uint8Array,
  contentType: string,
): Promise<Blob> {
  return await context.store.blobs.write(
    artifactUri,
    content,
    contentType.trim() === "" ? SIDECAR_CONTENT_TYPE : contentType,
  );
}

/** Where an artifact record is kept; the record's own snapshot, which nobody compares with the job (02 §5.3). */
export interface ArtifactPlace {
  readonly key: SnapshotKey;
  readonly filePath: string;
}

export function artifactPlace(record: ArtifactRecordMessage): ArtifactPlace {
  const target = record.target?.target;
  if (target?.case !== "file") throw badArgument("target must be set on IndexArtifactRecord");
  const { tableId } = record;
  if (tableId === undefined || tableId.id.trim() === "") {
    throw badArgument("table_id must be set on IndexArtifactRecord");
  }
  return {
    key: { accountId: tableId.accountId, tableId: tableId.id, snapshotId: record.snapshotId },
    filePath: target.value.filePath,
  };
}
