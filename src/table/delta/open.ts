import { type CapturePolicy, FILE_CONTENT, type Generation, TableError } from "../../model/index.ts";
import type { ObjectStore } from "../../storage/index.ts";
import { partitionDataJson } from "../partition-json.ts";
import type { FooterPlan, TableFile, TableSnapshot } from "../snapshot.ts";
import { type ActiveFile, activeFileBatches } from "./active-files.ts";
import { readCheckpointHead } from "./checkpoint/index.ts";
import { deletionVectorFiles, refuseInlineVectors } from "./deletion-vectors.ts";
import { type DeltaCache, plannedFiles, segmentKey } from "./delta-cache.ts";
import {
  type AddFile,
  type CommitState,
  findLogSegment,
  type LogSegment,
  openableVersions,
  replayCommits,
  requireProtocolAndMetadata,
} from "./log/index.ts";
import { parseTableRoot, type TableRoot } from "./paths/index.ts";
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
  /** Shared by the groups of a process. */
  readonly cache?: DeltaCache | undefined;
  readonly signal: AbortSignal;
}

/**
 * Opens one version of a Delta table (05 §4): finds the log segment, replays the commits, checks the protocol and lays out the
 * columns. Files are given out by `files`, in the reference's scan order.
 */
export async function openDelta(options: DeltaOptions): Promise<TableSnapshot> {
  const { store, cache, signal } = options;
  const root = parseTableRoot(options.root);
  if (options.version !== "latest" && options.version < 0n) {
    throw new TableError(`${root.text}: a Delta version can't be negative, found ${options.version}`);
  }
  const segment = await findLogSegment({ store, root: root.text, version: options.version, signal });
  const load = async (loadSignal: AbortSignal) => await loadLog(store, root, segment, loadSignal);
  const commits =
    cache === undefined ? await load(signal) : await cache.logs.get(segmentKey(segment), load, signal);
  const { protocol, metadata } = requireProtocolAndMetadata(commits, segment.version);
  checkReadable(root.text, protocol);
  const { columns, footerColumns, locations } = deltaColumns(metadata, options);
  const plan: FooterPlan = { columns: footerColumns };
  const source = { store, root, rootAsGiven: options.root, segment, commits, columns };

  return {
    format: "delta",
    snapshotId: segment.version,
    columns,
    locateColumn: (selector) => locations.get(selector),
    async files({ only, signal: filesSignal }) {
      filesSignal.throwIfAborted();
      const kept = await plannedFiles(source, only, cache, filesSignal);
      const adds = kept.map((file) => file.add);
      refuseInlineVectors(adds, segment.version);
      return [...kept.map((file) => dataFile(file, plan)), ...deletionVectorFiles(adds, options)];
    },
    async *scan({ signal: scanSignal }) {
      const vectors: AddFile[] = [];
      for await (const batch of activeFileBatches(source, { figures: true, signal: scanSignal })) {
        const adds = batch.map((file) => file.add).filter((add) => add.deletionVector !== undefined);
        refuseInlineVectors(adds, segment.version);
        vectors.push(...adds);
        yield batch.map((file) => dataFile(file, plan));
      }
      const recorded = deletionVectorFiles(vectors, options);
      if (recorded.length > 0) yield recorded;
    },
    async *list({ signal: listSignal }) {
      for await (const batch of activeFileBatches(source, { figures: false, signal: listSignal })) {
        refuseInlineVectors(
          batch.map((file) => file.add),
          segment.version,
        );
        yield batch.map(({ path, add }) => ({ path, sizeBytes: add.sizeBytes }));
      }
    },
  };
}

/** The versions of a table that can be opened, oldest first. */
export async function deltaVersions(
  options: Pick<DeltaOptions, "root" | "store" | "signal">,
): Promise<bigint[]> {
  return await openableVersions({ ...options, root: parseTableRoot(options.root).text });
}

/** What the commits say, with protocol and metadata of the checkpoint where no commit after it has them. */
async function loadLog(
  store: ObjectStore,
  root: TableRoot,
  segment: LogSegment,
  signal: AbortSignal,
): Promise<CommitState> {
  const commits = await replayCommits(store, segment, { signal });
  const { checkpoint } = segment;
  const isComplete = commits.protocol !== undefined && commits.metadata !== undefined;
  if (isComplete || checkpoint === undefined) return commits;
  const older = await readCheckpointHead({ store, log: `${root.text}/_delta_log`, checkpoint, signal });
  return {
    ...commits,
    protocol: commits.protocol ?? older.protocol,
    metadata: commits.metadata ?? older.metadata,
  };
}

function dataFile({ path, add, metrics }: ActiveFile, plan: FooterPlan): TableFile {
  return {
    path,
    content: FILE_CONTENT.data,
    format: "PARQUET",
    sizeBytes: add.sizeBytes,
    partitionDataJson: partitionDataJson(add.partitionValues),
    partitionSpecId: 0,
    equalityFieldIds: [],
    sequenceNumber: undefined,
    metrics: metrics === undefined ? { source: "footer", plan } : { source: "metadata", metrics },
    readable: true,
  };
}
