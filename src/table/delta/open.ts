import { type CapturePolicy, FILE_CONTENT, type Generation, TableError } from "../../model/index.ts";
import type { ObjectStore } from "../../storage/index.ts";
import { partitionDataJson } from "../partition-json.ts";
import type { FooterPlan, TableFile, TableSnapshot } from "../snapshot.ts";
import { deletionVectorFiles, refuseInlineVectors } from "./deletion-vectors.ts";
import {
  type AddFile,
  type CommitState,
  findLogSegment,
  type LogSegment,
  replayCommits,
  requireProtocolAndMetadata,
} from "./log/index.ts";
import { absoluteFilePath, parseTableRoot, type TableRoot } from "./paths/index.ts";
import { checkReadable } from "./protocol.ts";
import { deltaColumns } from "./schema/index.ts";

export interface DeltaOptions {
  /** Table root: `s3://…`, `s3a://…`, or a local folder (decision 38). */
  readonly root: string;
  /** The snapshot id is the version (05 §4). */
  readonly version: bigint | "latest";
  readonly store: ObjectStore;
  readonly policy: CapturePolicy;
  readonly generation: Generation;
  /** `LeasedReconcileJob.full_rescan`: decides on deletion-vector records (decision 17). */
  readonly fullRescan: boolean;
  readonly signal: AbortSignal;
}

/**
 * Opens one version of a Delta table (05 §4): finds the log segment, replays the commits, checks the protocol and lays out the
 * columns. Files are given out by `files`, in the reference's scan order.
 */
export async function openDelta(options: DeltaOptions): Promise<TableSnapshot> {
  const { store, signal } = options;
  const root = parseTableRoot(options.root);
  if (options.version !== "latest" && options.version < 0n) {
    throw new TableError(`${root.text}: a Delta version can't be negative, found ${options.version}`);
  }
  const segment = await findLogSegment({ store, root: root.text, version: options.version, signal });
  refuseCheckpoint(segment);
  const commits = await replayCommits(store, segment, { signal });
  const { protocol, metadata } = requireProtocolAndMetadata(commits, segment.version);
  checkReadable(root.text, protocol);
  const { columns, footerColumns } = deltaColumns(metadata, options);
  const plan: FooterPlan = { columns: footerColumns };

  return {
    format: "delta",
    snapshotId: segment.version,
    columns,
    async files({ only, signal: filesSignal }) {
      filesSignal.throwIfAborted();
      const kept = keptFiles(root, commits, only);
      const adds = kept.map((file) => file.add);
      refuseInlineVectors(adds, segment.version);
      return [
        ...kept.map(({ path, add }) => dataFile(path, add, plan)),
        ...deletionVectorFiles(adds, options),
      ];
    },
  };
}

/** Reading checkpoints comes with a later release; a snapshot that needs one is refused rather than read in part. */
function refuseCheckpoint(segment: LogSegment): void {
  const file = segment.checkpoint?.files[0]?.file;
  if (file !== undefined) {
    throw new TableError(
      `checkpoint ${file.path} is needed for version ${segment.version}; reading checkpoints is not supported yet`,
    );
  }
}

function keptFiles(
  root: TableRoot,
  commits: CommitState,
  only: ReadonlySet<string> | undefined,
): { readonly path: string; readonly add: AddFile }[] {
  const kept: { path: string; add: AddFile }[] = [];
  for (const add of commits.active) {
    const path = absoluteFilePath(root, add.path);
    if (only === undefined || only.has(path)) kept.push({ path, add });
  }
  return kept;
}

function dataFile(path: string, add: AddFile, plan: FooterPlan): TableFile {
  return {
    path,
    content: FILE_CONTENT.data,
    format: "PARQUET",
    sizeBytes: add.sizeBytes,
    partitionDataJson: partitionDataJson(add.partitionValues),
    partitionSpecId: 0,
    equalityFieldIds: [],
    sequenceNumber: undefined,
    metrics: { source: "footer", plan },
    readable: true,
  };
}
