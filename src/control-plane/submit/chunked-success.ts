import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import {
  SubmitLeasedFileGroupExecutionResultRequest_ChunkSchema as ChunkSchema,
  type ReconcileFileResult,
  type SubmitLeasedFileGroupExecutionResultRequest_Success as Success,
  SubmitLeasedFileGroupExecutionResultRequest_SuccessSchema as SuccessSchema,
} from "../../protocol/chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { badArgument, LEASE_LOST_TEXT, leaseLost, retryableAbort } from "../errors/index.ts";
import type { ActiveGroup } from "../executor/active-group.ts";
import { NO_COUNTERS } from "../jobs/index.ts";
import { canonicalFileRecord } from "../records/canonical.ts";
import { storageIdOf } from "../records/identity.ts";
import type { Caller, ServiceContext } from "../service.ts";
import type { FileResult, Partial } from "../store/index.ts";
import {
  belongsToTable,
  checkRescanRecord,
  filePathOf,
  snapshotKeyOf,
  storedStatistic,
} from "./chunked-chunk.ts";
import { requireStorable } from "./failure.ts";
import { fingerprintOf, writeOnce } from "./idempotent-write.ts";
import { chunkKey, clampedUint32, outcomeKey, requireResultId } from "./result-id.ts";

/** The success of a chunked group (02 §5.4): takes the staged chunks together, stores the result and ends the job. */
export async function submitChunkedSuccess(
  context: ServiceContext,
  active: ActiveGroup,
  leaseEpoch: string,
  success: Success,
  caller: Caller,
): Promise<void> {
  const resultId = requireResultId(success.resultId);
  const results = inPlanOrder(active, success.fileResults);
  const chunkCount = clampedUint32(success.chunkCount);
  const { jobId } = active.job;
  await writeOnce(context, {
    key: outcomeKey(caller, jobId, resultId),
    fingerprint: fingerprintOf(
      toBinary(SuccessSchema, create(SuccessSchema, { resultId, fileResults: results, chunkCount })),
    ),
    apply() {
      const records = stagedRecords(context, caller, { jobId, resultId, chunkCount });
      const partials = partialAggregates(active, records);
      if (active.job.fullRescan) replaceFileRecords(context, active, records);
      requireStorable(context, jobId, leaseEpoch);
      context.store.results.putResults(jobId, results.map(fileResult));
      context.store.results.mergePartials(jobId, partials);
      const statsProcessed = results.reduce((sum, result) => sum + result.statsProcessed, 0n);
      const ended = context.engine.complete(jobId, leaseEpoch, {
        kind: "succeeded",
        message: "",
        counters: { ...NO_COUNTERS, statsProcessed: BigInt.asIntN(64, statsProcessed) },
      });
      if (!ended) throw leaseLost(`${LEASE_LOST_TEXT} for job ${jobId}`);
      return new Uint8Array();
    },
  });
}

/** 02 §5.4 steps 1–3: exactly one result for each planned file. */
function inPlanOrder(
  { planned }: ActiveGroup,
  results: readonly ReconcileFileResult[],
): ReconcileFileResult[] {
  const byPath = new Map<string, ReconcileFileResult>();
  for (const result of results) {
    const path = result.filePath.trim();
    if (path === "") throw badArgument("file-group success file_path is required");
    if (byPath.has(path)) throw badArgument(`duplicate file-group success file result for ${path}`);
    byPath.set(path, { ...result, filePath: path });
  }
  if (byPath.size !== planned.filePaths.length) {
    throw badArgument("file-group success file result count does not match plan");
  }
  return planned.filePaths.map((path) => {
    const result = byPath.get(path.trim());
    if (result === undefined) {
      throw badArgument(`file-group success is missing file result for planned file ${path}`);
    }
    return result;
  });
}

function fileResult(result: ReconcileFileResult): FileResult {
  const artifact = result.indexArtifact;
  return {
    filePath: result.filePath,
    state: result.state,
    statsProcessed: BigInt.asIntN(64, result.statsProcessed),
    message: result.message.trim(),
    artifact: {
      uri: artifact?.artifactUri.trim() ?? "",
      format: artifact?.artifactFormat ?? "",
      formatVersion: artifact?.artifactFormatVersion ?? 0,
    },
  };
}

interface StagedResult {
  readonly jobId: string;
  readonly resultId: string;
  readonly chunkCount: number;
}

/** 02 §5.4 steps 4 and 5. */
function stagedRecords(
  { store }: ServiceContext,
  caller: Caller,
  { jobId, resultId, chunkCount }: StagedResult,
): TargetStatsRecord[] {
  const chunk = (index: number) => store.idempotency.get(chunkKey(caller, jobId, resultId, index));
  const records: TargetStatsRecord[] = [];
  for (let index = 0; index < chunkCount; index++) {
    const staged = chunk(index);
    const { key } = chunkKey(caller, jobId, resultId, index);
    if (staged === undefined) throw retryableAbort(`file-group result chunk not yet staged: key=${key}`);
    if (staged.state === "pending") {
      throw retryableAbort(`file-group result chunk is not complete: key=${key}`);
    }
    records.push(...fromBinary(ChunkSchema, staged.payload).statsRecords);
  }
  if (chunk(chunkCount) !== undefined) {
    throw badArgument(
      `file-group success declared chunk_count=${chunkCount} but a staged chunk exists at index ${chunkCount} for result ${resultId}; the declared count is too low and would drop that chunk's partial aggregates`,
    );
  }
  return records;
}

/** 02 §5.4 step 6: of several records of one target the last one counts (QUIRK 12.11, matched). */
function partialAggregates({ job, snapshot }: ActiveGroup, records: readonly TargetStatsRecord[]): Partial[] {
  const byTarget = new Map<string, Uint8Array>();
  for (const record of records) {
    if (record.value.case === "file" || record.target === undefined) continue;
    if (
      !belongsToTable(record, job.accountId, snapshot.tableId) ||
      record.snapshotId !== snapshot.snapshotId
    ) {
      throw badArgument("partial aggregate stats do not match file-group task");
    }
    byTarget.set(storageIdOf(record.target.target), toBinary(TargetStatsRecordSchema, record));
  }
  return [...byTarget].map(([storageId, record]) => ({ storageId, record }));
}

/** Where a full rescan collects its records until it is published (02 §5.4 step 7). */
export function rescanPublication(parentJobId: string): string {
  return `full-rescan-${parentJobId}`;
}

/** 02 §5.4 step 7: the records of every planned file are replaced; the last record of a file counts. */
function replaceFileRecords(
  { store }: ServiceContext,
  active: ActiveGroup,
  records: readonly TargetStatsRecord[],
): void {
  const paths = new Set(active.planned.filePaths.map((path) => path.trim()));
  const files = records.filter((record) => record.value.case === "file");
  for (const record of files) {
    checkRescanRecord(active, record);
    if (!paths.has(filePathOf(record).trim())) {
      throw badArgument("file-group stats include an unplanned file");
    }
  }
  const key = snapshotKeyOf(active);
  const publication = rescanPublication(active.job.parentJobId);
  const storageId = (filePath: string) => storageIdOf({ case: "file", value: { filePath } });
  for (const path of paths) store.statistics.remove(key, publication, storageId(path));
  for (const record of files) {
    const statistic = storedStatistic(storageId(filePathOf(record)), canonicalFileRecord(record));
    store.statistics.put(key, publication, statistic);
  }
}
