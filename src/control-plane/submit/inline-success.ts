import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type IndexArtifactRecord,
  IndexArtifactRecordSchema,
} from "../../protocol/inline/gen/floecat/catalog/index_pb.ts";
import {
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "../../protocol/inline/gen/floecat/catalog/stats_pb.ts";
import {
  type LeasedFileGroupIndexArtifact,
  type SubmitLeasedFileGroupExecutionResultRequest_Success as Success,
  SubmitLeasedFileGroupExecutionResultRequest_SuccessSchema as SuccessSchema,
} from "../../protocol/inline/gen/floecat/reconciler/reconciler_pb.ts";
import { badArgument, contentConflict, resourceNotFound } from "../errors/index.ts";
import type { ActiveGroup } from "../executor/active-group.ts";
import { storageIdOf } from "../records/identity.ts";
import type { Caller, ServiceContext } from "../service.ts";
import {
  BASE_PUBLICATION,
  FILE_STATE,
  type FileResult,
  NO_ARTIFACT,
  type SnapshotKey,
  type StatsManifest,
} from "../store/index.ts";
import { type ArtifactPlace, artifactPlace, storeContent } from "./artifacts.ts";
import { fingerprintOf, writeItemOnce, writeOnce } from "./idempotent-write.ts";
import { outcomeKey, requireResultId, submitKey } from "./result-id.ts";

/** 02 §5.2 step 1, which precedes the lease check. */
export function checkUploads(success: Success): void {
  for (const { uploadedArtifactUri, content } of success.indexArtifacts) {
    if (uploadedArtifactUri.trim() !== "" && content.length > 0) {
      throw badArgument("uploaded index artifact manifest must not include inline content");
    }
  }
}

/**
 * The success of an inline group (02 §5.2): FILE records and artifacts are stored, everything else in it is dropped; the job
 * goes on until Complete. All of it is stored or nothing, where the peer keeps what came before the refused item.
 */
export async function submitInlineSuccess(
  context: ServiceContext,
  active: ActiveGroup,
  success: Success,
  caller: Caller,
): Promise<void> {
  const resultId = requireResultId(success.resultId);
  const records = fileTargetRecords(success);
  const manifest = statsManifest(success, records);
  const uploaded = success.indexArtifacts.filter((item) => item.uploadedArtifactUri.trim() !== "");
  const inline = success.indexArtifacts.filter((item) => item.uploadedArtifactUri.trim() === "");
  const etags = new Map<LeasedFileGroupIndexArtifact, string>();
  const item = (kind: "target" | "index_artifact", of: string) =>
    submitKey(caller, `${resultId}:${kind}:${createHash("sha256").update(of).digest("base64")}`);

  await writeOnce(context, {
    key: outcomeKey(caller, active.job.jobId, resultId),
    fingerprint: fingerprintOf(
      toBinary(
        SuccessSchema,
        create(SuccessSchema, {
          resultId,
          statsRecords: manifest === undefined ? records : [],
          indexArtifacts: [...uploaded, ...inline],
          fileStatsBlobUri: manifest?.uri ?? "",
          fileStatsRecordCount: manifest?.recordCount ?? 0,
        }),
      ),
    ),
    async prepare() {
      for (const record of records) placeOfRecord(active, record);
      for (const { record } of inline) placeOfArtifact(active, record);
      // QUIRK, matched: empty content is written as an empty blob.
      for (const artifact of inline) {
        const { record, content, contentType } = artifact;
        const blob = await storeContent(context, record?.artifactUri ?? "", content, contentType);
        etags.set(artifact, blob.etag);
      }
    },
    apply() {
      for (const record of records) {
        const place = placeOfRecord(active, record);
        const bytes = toBinary(TargetStatsRecordSchema, record);
        writeItemOnce(context, {
          key: item("target", place.storageId),
          fingerprint: fingerprintOf(bytes),
          apply: () => storeRecord(context, place, bytes),
        });
      }
      for (const artifact of inline) {
        const place = placeOfArtifact(active, artifact.record);
        const record = { ...recordOf(artifact), contentEtag: etags.get(artifact) ?? "" };
        const bytes = toBinary(IndexArtifactRecordSchema, record);
        writeItemOnce(context, {
          key: item("index_artifact", `file:${place.filePath}`),
          fingerprint: fingerprintOf(bytes),
          apply: () => putArtifact(context, place, record.artifactUri, bytes),
        });
      }
      for (const artifact of uploaded) {
        const place = uploadedPlace(artifact);
        const record = recordOf(artifact);
        putArtifact(context, place, record.artifactUri, toBinary(IndexArtifactRecordSchema, record));
      }
      const results = fileResults(active, manifest === undefined ? records : [], [...uploaded, ...inline]);
      context.store.results.putResults(active.job.jobId, results, manifest);
      return new Uint8Array();
    },
  });
}

/** 02 §5.2 step 3: classified by target kind. */
function fileTargetRecords(success: Success): TargetStatsRecord[] {
  return success.statsRecords.filter(({ target }) => {
    if (target !== undefined && target.target.case === undefined) {
      throw badArgument("StatsTarget target is not set");
    }
    return target?.target.case === "file";
  });
}

/** 02 §5.2 step 4. */
function statsManifest(success: Success, records: readonly TargetStatsRecord[]): StatsManifest | undefined {
  const uri = success.fileStatsBlobUri.trim();
  const recordCount = success.fileStatsRecordCount | 0;
  if (uri === "") {
    if (recordCount > 0) {
      throw badArgument("file stats blob uri is required when record count is set");
    }
    return undefined;
  }
  if (recordCount <= 0) throw badArgument("file stats blob record count must be positive");
  if (records.length > 0) {
    throw badArgument(
      "file-group success must provide either inline file stats or a file stats blob manifest",
    );
  }
  return { uri, recordCount };
}

interface RecordPlace {
  readonly key: SnapshotKey;
  readonly storageId: string;
  readonly filePath: string;
}

/** 02 §5.2 step 6, the checks of one FILE record. */
function placeOfRecord(active: ActiveGroup, record: TargetStatsRecord): RecordPlace {
  const target = record.target?.target ?? { case: undefined };
  const storageId = storageIdOf(target);
  const accountId = keyPart("account_id", record.tableId?.accountId);
  const tableId = keyPart("table_id", record.tableId?.id);
  if (record.snapshotId < 0n) throw badArgument("key arg 'snapshot_id' must be >= 0");
  if (record.value.case !== "file") {
    throw badArgument("incompatible target/value: file target requires file value");
  }
  const key = { accountId, tableId, snapshotId: record.snapshotId };
  requireSnapshotOf(active, key);
  return { key, storageId, filePath: record.value.value.filePath };
}

function keyPart(name: string, value: string | undefined): string {
  if (value === undefined || value.trim() === "") throw badArgument(`key arg '${name}' is null/blank`);
  return value;
}

/** The peer finds out by a failing look-up, after it has written the foreign record; here nothing is written. */
function requireSnapshotOf({ job, snapshot }: ActiveGroup, key: SnapshotKey): void {
  if (
    key.accountId !== job.accountId ||
    key.tableId !== snapshot.tableId ||
    key.snapshotId !== snapshot.snapshotId
  ) {
    throw resourceNotFound();
  }
}

/** Bound to the exact bytes of the first writer (02 §5.2 step 6). */
function storeRecord({ store }: ServiceContext, place: RecordPlace, record: Uint8Array): void {
  const { key, storageId, filePath } = place;
  const stored = store.statistics.get(key, BASE_PUBLICATION, storageId);
  if (stored !== undefined && !Buffer.from(stored).equals(record)) {
    const pointer = `/accounts/${key.accountId}/tables/${key.tableId}/snapshots/${key.snapshotId}/stats/${storageId}`;
    throw contentConflict(`pointer bound to different blob: ${pointer}`);
  }
  store.statistics.put(key, BASE_PUBLICATION, { storageId, filePath, record });
}

function putArtifact(
  { store }: ServiceContext,
  { key, filePath }: ArtifactPlace,
  artifactUri: string,
  record: Uint8Array,
): void {
  store.statistics.putArtifact(key, { filePath, artifactUri, record });
}

function recordOf({ record }: LeasedFileGroupIndexArtifact): IndexArtifactRecord {
  return record ?? create(IndexArtifactRecordSchema);
}

function placeOfArtifact(active: ActiveGroup, record: IndexArtifactRecord | undefined): ArtifactPlace {
  const place = artifactPlace(record ?? create(IndexArtifactRecordSchema));
  requireSnapshotOf(active, place.key);
  return place;
}

/** 02 §5.2 step 8. */
function uploadedPlace(artifact: LeasedFileGroupIndexArtifact): ArtifactPlace {
  const record = recordOf(artifact);
  if (record.artifactUri.trim() === "") throw badArgument("index artifact record uri is required");
  if (artifact.uploadedArtifactUri.trim() !== record.artifactUri) {
    throw badArgument("uploaded index artifact uri must match record artifact uri");
  }
  return artifactPlace(record);
}

/** 02 §5.2 step 9: every planned file has succeeded; a pre-uploaded artifact wins over one with content. */
function fileResults(
  { planned }: ActiveGroup,
  records: readonly TargetStatsRecord[],
  artifacts: readonly LeasedFileGroupIndexArtifact[],
): FileResult[] {
  return planned.filePaths.map((path) => {
    const filePath = path.trim();
    const statsProcessed = records.filter(
      ({ value }) => value.case === "file" && value.value.filePath === filePath,
    ).length;
    const artifact = artifacts.find(({ record }) => {
      const target = record?.target?.target;
      return target?.case === "file" && target.value.filePath === filePath;
    })?.record;
    return {
      filePath,
      state: FILE_STATE.succeeded,
      statsProcessed: BigInt(statsProcessed),
      message: "",
      artifact:
        artifact === undefined
          ? NO_ARTIFACT
          : {
              uri: artifact.artifactUri,
              format: artifact.artifactFormat,
              formatVersion: artifact.artifactFormatVersion,
            },
    };
  });
}
