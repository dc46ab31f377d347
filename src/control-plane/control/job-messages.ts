import type { MessageInitShape } from "@bufbuild/protobuf";
import { RESOURCE_KIND_CONNECTOR } from "../../model/index.ts";
import type { TargetStatsRecord } from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import type {
  CaptureScopeSchema,
  GetReconcileJobResponseSchema,
  LeasedReconcileJobSchema,
  ReconcileFileGroupTaskSchema,
  ReconcileSnapshotTaskSchema,
} from "../../protocol/chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { openEnum, timestampInit, unsigned64 } from "../../protocol/records/wire-values.ts";
import { isTerminal, type Job, type JobState, jobKindNumber, type LeasedJob } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import { FILE_STATE, type FileResult } from "../store/index.ts";

/**
 * Jobs as messages (01 §4.3, §4.4, §4.6). Written in chunked's messages, of which inline's are a part: what inline lacks falls
 * away when it is encoded there.
 */
export interface JobMessages {
  leased(leased: LeasedJob): MessageInitShape<typeof LeasedReconcileJobSchema>;
  /** `counted`: with the file and group counters, which lists and trees leave at 0 (02 §8). */
  job(
    job: Job,
    options: { readonly counted: boolean },
  ): MessageInitShape<typeof GetReconcileJobResponseSchema>;
}

/** Decodes stored partials; inline shows none. */
export type DecodePartials = (records: readonly Uint8Array[]) => TargetStatsRecord[];

/** "No snapshot" on the wire (01 §0 fact 4). */
const NO_SNAPSHOT = unsigned64(-1n);
const STATE_NUMBER: Readonly<Record<JobState, number>> = {
  queued: 1,
  running: 2,
  succeeded: 3,
  failed: 4,
  cancelling: 5,
  cancelled: 6,
  waiting: 7,
};

export function stateFrom(number: number): JobState | undefined {
  const states: JobState[] = [
    "queued",
    "running",
    "waiting",
    "cancelling",
    "succeeded",
    "failed",
    "cancelled",
  ];
  return states.find((state) => STATE_NUMBER[state] === number);
}

export function jobMessages(context: ServiceContext, decodePartials: DecodePartials): JobMessages {
  const { store, clock } = context;

  function policyInit(job: Job) {
    const { executionClass, lane, attributes } = job.policy;
    return { executionClass: openEnum(executionClass), lane, attributes: { ...attributes } };
  }

  /** The tasks that a job's kind has nothing to do with are not empty either (01 §4.3). */
  function tasks(job: Job) {
    return {
      tableTask: { mode: "STRICT" },
      viewTask: { mode: "STRICT" },
      snapshotTask: snapshotTask(job),
      fileGroupTask: fileGroupTask(job),
    };
  }

  /** `RSCM_FILE_GROUPS`. */
  const completionMode = openEnum(1);

  function snapshotTask(job: Job): MessageInitShape<typeof ReconcileSnapshotTaskSchema> {
    if (job.kind !== "plan-snapshot" || job.snapshot === undefined) {
      return { snapshotId: NO_SNAPSHOT, completionMode };
    }
    const { tableId, snapshotId } = job.snapshot;
    const table = store.catalog.table(job.accountId, tableId);
    const { groupCount, fileCount } = store.results.planSize(job.jobId);
    return {
      tableId,
      snapshotId: unsigned64(snapshotId),
      sourceNamespace: table?.namespaceParts.join(".") ?? "",
      sourceTable: table?.name ?? "",
      fileGroupPlanRecorded: true,
      completionMode,
      fileGroupCount: groupCount,
      sourceFileCount: fileCount,
    };
  }

  function fileGroupTask(job: Job): MessageInitShape<typeof ReconcileFileGroupTaskSchema> {
    if (job.group === undefined || job.snapshot === undefined) return { snapshotId: NO_SNAPSHOT };
    const results = store.results.results(job.jobId) ?? [];
    return {
      ...job.group,
      tableId: job.snapshot.tableId,
      snapshotId: unsigned64(job.snapshot.snapshotId),
      // Only what an earlier attempt stored; the plan's own paths come with the payload (02 §4.1).
      filePaths: results.map(({ filePath }) => filePath),
      fileResults: results.map(fileResultInit),
      partialAggregateRecords: decodePartials(store.results.partials(job.jobId)),
    };
  }

  /** 02 §8: of a file-group job. */
  function groupCounts(job: Job) {
    if (job.kind !== "exec-file-group" || job.group === undefined) return {};
    const planned = store.results.plannedGroup(job.parentJobId, job.group);
    const results = store.results.results(job.jobId);
    const total = planned?.filePaths.length ?? 0;
    const completed =
      results?.filter(({ state }) => state === FILE_STATE.succeeded).length ??
      (job.state === "succeeded" ? total : 0);
    const failed =
      results === undefined
        ? job.state === "failed" || job.state === "cancelled"
          ? total
          : 0
        : results.length - completed;
    return {
      fileGroupsTotal: 1n,
      fileGroupsCompleted: results !== undefined || job.state === "succeeded" ? 1n : 0n,
      fileGroupsFailed: job.state === "failed" || job.state === "cancelled" ? 1n : 0n,
      filesTotal: BigInt(total),
      filesCompleted: BigInt(completed),
      filesFailed: BigInt(failed),
    };
  }

  /** Σ file results, or the manifest's count, or what progress said (02 §8). */
  function statsProcessed(job: Job, results: readonly FileResult[]): bigint {
    const manifest = store.results.manifest(job.jobId);
    if (manifest !== undefined) return BigInt(manifest.recordCount);
    const sum = results.reduce((total, result) => total + result.statsProcessed, 0n);
    return sum > 0n ? sum : job.counters.statsProcessed;
  }

  function durationMs(job: Job): bigint {
    if (job.startedAtMs === 0) return 0n;
    const until = isTerminal(job.state) ? job.finishedAtMs : clock.nowMs();
    return BigInt(Math.max(0, until - job.startedAtMs));
  }

  return {
    leased({ job, lease }) {
      return {
        jobId: job.jobId,
        connectorId: {
          accountId: job.accountId,
          id: job.connectorId,
          kind: openEnum(RESOURCE_KIND_CONNECTOR),
        },
        mode: openEnum(job.mode),
        fullRescan: job.fullRescan,
        scope: scopeInit(job),
        leaseEpoch: lease.epoch,
        executionPolicy: policyInit(job),
        pinnedExecutorId: job.pinnedExecutorId,
        executorId: job.executorId,
        kind: openEnum(jobKindNumber(job.kind)),
        parentJobId: job.parentJobId,
        ...tasks(job),
      };
    },
    job(job, { counted }) {
      const { counters } = job;
      const results = store.results.results(job.jobId) ?? [];
      return {
        jobId: job.jobId,
        connectorId: job.connectorId,
        state: openEnum(STATE_NUMBER[job.state]),
        message: job.message,
        startedAt: timestampInit(job.startedAtMs),
        finishedAt: timestampInit(job.finishedAtMs),
        tablesScanned: unsigned64(counters.tablesScanned),
        tablesChanged: unsigned64(counters.tablesChanged),
        errors: unsigned64(counters.errors),
        fullRescan: job.fullRescan,
        snapshotsProcessed: unsigned64(counters.snapshotsProcessed),
        statsProcessed: unsigned64(statsProcessed(job, results)),
        durationMs: durationMs(job),
        executionPolicy: policyInit(job),
        executorId: job.executorId,
        kind: openEnum(jobKindNumber(job.kind)),
        parentJobId: job.parentJobId,
        viewsScanned: unsigned64(counters.viewsScanned),
        viewsChanged: unsigned64(counters.viewsChanged),
        ...tasks(job),
        ...(counted ? groupCounts(job) : {}),
        indexesProcessed: BigInt(results.filter(({ artifact }) => artifact.uri !== "").length),
      };
    },
  };
}

function scopeInit(job: Job): MessageInitShape<typeof CaptureScopeSchema> {
  const { scope } = job;
  const { capturePolicy, snapshotSelection } = scope;
  return {
    connectorId: {
      accountId: job.accountId,
      id: job.connectorId,
      kind: openEnum(RESOURCE_KIND_CONNECTOR),
    },
    destinationNamespaceIds: [...scope.destinationNamespaceIds],
    destinationTableId: scope.destinationTableId,
    destinationCaptureRequests: scope.destinationCaptureRequests.map((request) => ({
      ...request,
      snapshotId: unsigned64(request.snapshotId),
      columnSelectors: [...request.columnSelectors],
    })),
    destinationViewId: scope.destinationViewId,
    ...(capturePolicy && {
      capturePolicy: {
        columns: [...capturePolicy.columns],
        outputs: capturePolicy.outputs.map(openEnum),
        defaultColumnScope: openEnum(capturePolicy.defaultColumnScope),
        maxDefaultColumns: capturePolicy.maxDefaultColumns,
      },
    }),
    ...(snapshotSelection && {
      snapshotSelection: {
        kind: openEnum(snapshotSelection.kind),
        snapshotIds: snapshotSelection.snapshotIds.map(unsigned64),
        latestN: snapshotSelection.latestN,
      },
    }),
  };
}

/** The artifact is always written, as an empty message where there is none (01 §4.3). */
function fileResultInit(result: FileResult) {
  const { uri, format, formatVersion } = result.artifact;
  return {
    filePath: result.filePath,
    state: openEnum(result.state),
    statsProcessed: unsigned64(result.statsProcessed),
    message: result.message,
    indexArtifact: {
      artifactUri: uri,
      artifactFormat: format,
      artifactFormatVersion: formatVersion,
    },
  };
}
