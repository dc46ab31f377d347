import type { StatsRecord } from "../../model/index.ts";
import { loadRecordCodec, type RecordCodec } from "../../protocol/index.ts";
import { targetStorageId } from "../../stats/index.ts";
import { type Job, NO_COUNTERS, type Outcome } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import { BASE_PUBLICATION, type SnapshotKey, type StoredStatistic } from "../store/index.ts";
import { rescanPublication } from "../submit/chunked-success.ts";
import { aggregatesOfFiles, aggregatesOfPartials, carrySketchesForward } from "./aggregates.ts";
import { judgeChildren } from "./child-state.ts";
import { coverageMismatch } from "./coverage.ts";
import { readManifest } from "./manifest.ts";
import { withOriginals } from "./rollup-input.ts";

/**
 * Finalises a snapshot (02 §7): checks its groups, rolls their results up and stores TABLE and COLUMN records. Answers the
 * outcome of the finalizer's job; what it stores, it stores in one transaction.
 */
export async function finalizeSnapshot(context: ServiceContext, finalizer: Job): Promise<Outcome> {
  const codec = await loadRecordCodec(context.generation);
  const manifests = await readManifests(context, finalizer);
  if (typeof manifests === "string") return outcome("failed-retryable", manifests);
  try {
    return context.store.transaction(() => finalize(context, finalizer, codec, manifests));
  } catch (error) {
    // Unparsable types and damaged sketches surface here (07 §10); another try would find the same.
    const text = error instanceof Error ? error.message : String(error);
    return outcome("failed-terminal", `Snapshot finalization failed: ${text}`);
  }
}

function finalize(
  context: ServiceContext,
  finalizer: Job,
  codec: RecordCodec,
  manifests: readonly StoredStatistic[],
): Outcome {
  const { store, generation } = context;
  const { parentJobId, snapshot } = finalizer;
  if (snapshot === undefined) return outcome("failed-terminal", "finalizer without a snapshot");
  const plan = store.results.plan(parentJobId);
  const jobs = store.jobs.children(parentJobId).filter((child) => child.kind === "exec-file-group");
  const verdict = judgeChildren({ plan, jobs, resultsOf: store.results.results }, generation);
  switch (verdict.kind) {
    case "failed":
      return outcome("failed-terminal", verdict.message);
    case "cancelled":
      return outcome("cancelled", "");
    case "waiting":
      return outcome("waiting-on-dependency", "Waiting for file groups");
    case "complete":
      break;
  }

  const outputs = new Set(finalizer.scope.capturePolicy?.outputs ?? []);
  const requested = { table: outputs.has(1), file: outputs.has(2), column: outputs.has(3) };
  if (!requested.table && !requested.file && !requested.column) return outcome("succeeded", "");
  const key = { accountId: finalizer.accountId, ...snapshot };
  const request = { key, ...requested, nowMs: context.clock.nowMs(), codec };
  if (generation === "inline") {
    for (const statistic of manifests) store.statistics.put(key, BASE_PUBLICATION, statistic);
    const files = store.statistics.all(key, BASE_PUBLICATION).filter(isFile);
    const mismatch = coverageMismatch(
      plan.flatMap((group) => group.filePaths),
      files.map(({ filePath }) => filePath ?? ""),
    );
    if (mismatch !== undefined) return outcome("failed-terminal", mismatch);
    const aggregates = aggregatesOfFiles(
      files.map(({ record }) => record),
      request,
    );
    putAll(context, key, BASE_PUBLICATION, aggregates, codec.statsToBytes);
    return outcome("succeeded", "", aggregates.length);
  }
  const groups = jobs.map((job) => store.results.partials(job.jobId));
  const aggregates = aggregatesOfPartials(groups, request);
  const encode = (record: StatsRecord) => withOriginals(codec.statsToBytes(record), groups.flat());
  if (finalizer.fullRescan) {
    const active = store.statistics.activePublication(key);
    const whole = aggregates.map((record) => withOldSketches(context, key, active, record, codec));
    putAll(context, key, rescanPublication(parentJobId), whole, encode);
    store.statistics.activate(key, rescanPublication(parentJobId));
  } else {
    putAll(context, key, store.statistics.activePublication(key), aggregates, encode);
  }
  return outcome("succeeded", "", aggregates.length);
}

function isFile(statistic: StoredStatistic): boolean {
  return statistic.storageId.startsWith("file-");
}

function withOldSketches(
  { store }: ServiceContext,
  key: SnapshotKey,
  active: string,
  record: StatsRecord,
  codec: RecordCodec,
): StatsRecord {
  const old = store.statistics.get(key, active, targetStorageId(record.target));
  return carrySketchesForward(record, old && codec.statsFromBytes(old));
}

function putAll(
  { store }: ServiceContext,
  key: SnapshotKey,
  publication: string,
  records: readonly StatsRecord[],
  encode: (record: StatsRecord) => Uint8Array,
): void {
  for (const record of records) {
    store.statistics.put(key, publication, {
      storageId: targetStorageId(record.target),
      filePath: undefined,
      record: encode(record),
    });
  }
}

/** Records of inline manifests, read before the transaction; a text says why they can't be had (02 §7). */
async function readManifests(
  { store, generation }: ServiceContext,
  { parentJobId, snapshot }: Job,
): Promise<StoredStatistic[] | string> {
  if (generation !== "inline") return [];
  const records: StoredStatistic[] = [];
  for (const child of store.jobs.children(parentJobId)) {
    const manifest = store.results.manifest(child.jobId);
    if (manifest === undefined) continue;
    try {
      records.push(...(await readManifest(store.blobs, manifest)));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return `File-group stats blob ingest failed for snapshot ${snapshot?.snapshotId}: ${text}`;
    }
  }
  return records;
}

function outcome(kind: Outcome["kind"], message: string, statsProcessed = 0): Outcome {
  return { kind, message, counters: { ...NO_COUNTERS, statsProcessed: BigInt(statsProcessed) } };
}
