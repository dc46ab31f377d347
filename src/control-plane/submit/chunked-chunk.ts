import { create, toBinary } from "@bufbuild/protobuf";
import { IndexArtifactRecordSchema } from "../../protocol/chunked/gen/floecat/catalog/index_pb.ts";
import {
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import {
  type SubmitLeasedFileGroupExecutionResultRequest_Chunk as Chunk,
  SubmitLeasedFileGroupExecutionResultRequest_ChunkSchema as ChunkSchema,
  type LeasedFileGroupIndexArtifact,
} from "../../protocol/chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { badArgument, contentConflict } from "../errors/index.ts";
import type { ActiveGroup } from "../executor/active-group.ts";
import { canonicalFileRecord, contentImage } from "../records/canonical.ts";
import { storageIdOf } from "../records/identity.ts";
import type { Caller, ServiceContext } from "../service.ts";
import type { SnapshotKey, StoredStatistic } from "../store/index.ts";
import { artifactPlace, storeContent } from "./artifacts.ts";
import { fingerprintOf, writeOnce } from "./idempotent-write.ts";
import { chunkKey, clampedUint32, requireResultId } from "./result-id.ts";

/**
 * One staged chunk (02 §5.3). FILE records of an incremental job are stored at once, where none is stored yet; those of a full
 * rescan, and partial aggregates of either, wait in the chunk's idempotency record for the success. Artifacts are stored at
 * once in both. A chunk that is refused leaves nothing of its statistics behind, which the peer's would.
 */
export async function submitChunk(
  context: ServiceContext,
  active: ActiveGroup,
  chunk: Chunk,
  caller: Caller,
): Promise<void> {
  const resultId = requireResultId(chunk.resultId);
  const chunkIndex = clampedUint32(chunk.chunkIndex);
  const etags = new Map<LeasedFileGroupIndexArtifact, string>();
  await writeOnce(context, {
    key: chunkKey(caller, active.job.jobId, resultId, chunkIndex),
    fingerprint: fingerprintOf(
      toBinary(
        ChunkSchema,
        create(ChunkSchema, {
          resultId,
          chunkIndex,
          statsRecords: chunk.statsRecords,
          indexArtifacts: chunk.indexArtifacts,
        }),
      ),
    ),
    async prepare() {
      fileRecords(active, chunk.statsRecords);
      checkArtifactContents(chunk.indexArtifacts);
      for (const artifact of chunk.indexArtifacts) {
        const etag = await storedEtag(context, artifact);
        if (etag !== undefined) etags.set(artifact, etag);
      }
    },
    apply() {
      const statistics = fileRecords(active, chunk.statsRecords);
      if (!active.job.fullRescan) storeMissing(context, active, statistics);
      storeArtifacts(context, chunk.indexArtifacts, etags);
      // Artifacts are done with; only the records are needed again.
      return toBinary(ChunkSchema, create(ChunkSchema, { resultId, statsRecords: chunk.statsRecords }));
    },
  });
}

export function snapshotKeyOf({ job, snapshot }: ActiveGroup): SnapshotKey {
  return { accountId: job.accountId, tableId: snapshot.tableId, snapshotId: snapshot.snapshotId };
}

/** Checks the FILE records of a chunk; of an incremental job they are answered in stored form, each file once. */
function fileRecords(active: ActiveGroup, records: readonly TargetStatsRecord[]): StoredStatistic[] {
  const byFile = new Map<string, TargetStatsRecord>();
  for (const record of records) {
    if (record.value.case !== "file") continue;
    if (active.job.fullRescan) {
      checkRescanRecord(active, record);
    } else {
      addIncremental(active, record, byFile);
    }
  }
  return [...byFile].map(([storageId, record]) => storedStatistic(storageId, record));
}

function addIncremental(
  { job, snapshot }: ActiveGroup,
  record: TargetStatsRecord,
  byFile: Map<string, TargetStatsRecord>,
): void {
  const filePath = filePathOf(record);
  if (filePath.trim() === "") throw badArgument("filePath must not be blank");
  const { tableId } = record;
  if (
    tableId?.accountId !== job.accountId ||
    tableId.id !== snapshot.tableId ||
    record.snapshotId !== snapshot.snapshotId
  ) {
    throw badArgument("target stats replacement record belongs to a different table snapshot");
  }
  const storageId = storageIdOf({ case: "file", value: { filePath } });
  const canonical = canonicalFileRecord(record);
  const other = byFile.get(storageId);
  if (other !== undefined && contentImage(other) !== contentImage(canonical)) {
    throw contentConflict(`pointer bound to different blob: ${storageId}`);
  }
  if (other === undefined) byFile.set(storageId, canonical);
}

/** 02 §5.3, column "full rescan"; checked again at success. */
export function checkRescanRecord({ job, snapshot }: ActiveGroup, record: TargetStatsRecord): void {
  if (record.target?.target.case !== "file") {
    throw badArgument("file-group stats must be file-target records");
  }
  if (!belongsToTable(record, job.accountId, snapshot.tableId) || record.snapshotId !== snapshot.snapshotId) {
    throw badArgument("file-group stats do not match file-group task");
  }
}

/** `RK_TABLE` (01 §8.1): the whole message is compared, its kind included. */
const KIND_TABLE = 4;

export function belongsToTable(record: TargetStatsRecord, accountId: string, tableId: string): boolean {
  const { tableId: id } = record;
  return id?.accountId === accountId && id.id === tableId && id.kind === KIND_TABLE;
}

export function filePathOf(record: TargetStatsRecord): string {
  return record.value.case === "file" ? record.value.value.filePath : "";
}

export function storedStatistic(storageId: string, record: TargetStatsRecord): StoredStatistic {
  return {
    storageId,
    filePath: record.value.case === "file" ? record.value.value.filePath : undefined,
    record: toBinary(TargetStatsRecordSchema, record),
  };
}

/** QUIRK 12.10, matched: the first writer wins. */
function storeMissing(
  { store }: ServiceContext,
  active: ActiveGroup,
  statistics: readonly StoredStatistic[],
): void {
  const key = snapshotKeyOf(active);
  const publication = store.statistics.activePublication(key);
  for (const statistic of statistics) {
    if (store.statistics.get(key, publication, statistic.storageId) === undefined) {
      store.statistics.put(key, publication, statistic);
    }
  }
}

function checkArtifactContents(artifacts: readonly LeasedFileGroupIndexArtifact[]): void {
  for (const { content, record } of artifacts) {
    if (content.length === 0 && (record?.artifactUri ?? "").trim() === "") {
      throw badArgument("inline index artifact content is required when artifact_uri is blank");
    }
  }
}

/** The blob store's etag where there is a blob; undefined leaves what was sent (S13). */
async function storedEtag(
  context: ServiceContext,
  { record, content, contentType }: LeasedFileGroupIndexArtifact,
): Promise<string | undefined> {
  const uri = record?.artifactUri ?? "";
  if (content.length > 0) return (await storeContent(context, uri, content, contentType)).etag;
  return context.store.blobs.stat(uri)?.etag;
}

function storeArtifacts(
  { store }: ServiceContext,
  artifacts: readonly LeasedFileGroupIndexArtifact[],
  etags: ReadonlyMap<LeasedFileGroupIndexArtifact, string>,
): void {
  for (const artifact of artifacts) {
    const record = artifact.record ?? create(IndexArtifactRecordSchema);
    const place = artifactPlace(record);
    const contentEtag = etags.get(artifact) ?? record.contentEtag;
    const stored = toBinary(IndexArtifactRecordSchema, { ...record, contentEtag });
    store.statistics.putArtifact(place.key, {
      filePath: place.filePath,
      artifactUri: record.artifactUri,
      record: stored,
    });
  }
}
