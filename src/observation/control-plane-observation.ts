/** Status and metrics of the embedded control plane: looked up in its store when somebody asks. */
import type { ControlPlane } from "../control-plane/index.ts";
import type { Readiness, Status, StatusSource, ThroughputBucket } from "../dashboard/index.ts";
import type { Clock } from "../model/index.ts";
import type { MetricRegistry } from "../telemetry/index.ts";
import { publicText } from "../worker/index.ts";

const KEPT_FAILURES = 50;
const SHOWN_JOBS = 500;
const BUCKET_MS = 10_000;
const BUCKETS = 60;

export interface ControlPlaneObservationOptions {
  readonly server: Pick<ControlPlane, "store" | "context" | "url">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly version: string;
  readonly readiness: () => Readiness;
}

export function controlPlaneStatus(options: ControlPlaneObservationOptions): StatusSource {
  const { server, clock, version, readiness } = options;
  const startedAtMs = clock.nowMs();
  return {
    status(): Status {
      // Asked for each time: one that makes faults on purpose restarts with a new store.
      const { overview } = server.store;
      const nowMs = clock.nowMs();
      const counts = overview.jobCounts();
      const sum = (state: string, kind?: string) =>
        counts
          .filter((each) => each.state === state && (kind === undefined || each.kind === kind))
          .reduce((total, { count }) => total + count, 0);
      const recent = overview.succeededFiles(nowMs - BUCKET_MS * BUCKETS);
      return {
        role: "control-plane",
        version,
        identity: server.url,
        generation: server.context.generation,
        controlPlane: undefined,
        startedAtMs,
        nowMs,
        readiness: readiness(),
        jobs: overview.running(SHOWN_JOBS).map((job) => ({
          jobId: job.jobId,
          groupId: job.groupId,
          tableId: job.tableId,
          snapshotId: job.snapshotId === undefined ? "" : String(job.snapshotId),
          stage: job.kind === "exec-file-group" ? job.state : `${job.state} (${job.kind})`,
          filesDone: Number(job.statsProcessed),
          fileCount: job.fileCount,
          startedAtMs: job.startedAtMs,
          attempt: job.attempt,
          executor: job.executorId === "" ? undefined : job.executorId,
          lease: { endsAtMs: job.leaseExpiresAtMs, lengthMs: server.context.limits.leaseMs },
        })),
        queue: Object.fromEntries(
          ["queued", "running", "waiting", "cancelling", "succeeded", "failed", "cancelled"].map((state) => [
            state,
            sum(state, "exec-file-group"),
          ]),
        ),
        slots: undefined,
        totals: {
          jobsSucceeded: sum("succeeded", "exec-file-group"),
          jobsFailed: sum("failed", "exec-file-group") + sum("cancelled", "exec-file-group"),
          files: recent.reduce((total, { files }) => total + files, 0),
          rows: 0,
          pages: 0,
          bytesRead: 0,
        },
        throughput: buckets(recent, nowMs),
        failures: overview.failed(KEPT_FAILURES).map((job) => ({
          atMs: job.finishedAtMs,
          jobId: job.jobId,
          groupId: job.groupId,
          tableId: job.tableId,
          outcome: job.state,
          reason: job.message === "" ? "no reason was given" : publicText(job.message),
        })),
      };
    },
  };
}

function buckets(
  recent: readonly { readonly finishedAtMs: number; readonly files: number }[],
  nowMs: number,
): ThroughputBucket[] {
  const newestMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
  const files = new Map<number, number>();
  for (const { finishedAtMs, files: count } of recent) {
    const startMs = Math.floor(finishedAtMs / BUCKET_MS) * BUCKET_MS;
    files.set(startMs, (files.get(startMs) ?? 0) + count);
  }
  return Array.from({ length: BUCKETS }, (_, i) => {
    const startMs = newestMs - (BUCKETS - 1 - i) * BUCKET_MS;
    return { startMs, lengthMs: BUCKET_MS, files: files.get(startMs) ?? 0, bytesRead: 0 };
  });
}

export function controlPlaneMetrics(
  registry: MetricRegistry,
  { server, clock, version, readiness }: ControlPlaneObservationOptions,
): void {
  const gauge = (name: string, help: string, labels: readonly string[] = []) =>
    registry.gauge({ name: `floecat_capture_control_plane_${name}`, help, labels });
  const build = gauge("build_info", "Always 1; the labels say what runs.", ["version", "generation"]);
  const ready = gauge("ready", "1 while calls are taken.");
  const jobs = gauge("jobs", "Jobs in the store by kind and state.", ["kind", "state"]);
  const live = gauge("leases", "Leases that have not run out.");
  const oldest = gauge(
    "queue_oldest_seconds",
    "How long the file group that waits longest could have been leased.",
  );
  build.set(1, { version, generation: server.context.generation });
  registry.onRead(() => {
    const { overview, leases } = server.store;
    const nowMs = clock.nowMs();
    ready.set(readiness().ready ? 1 : 0);
    for (const kind of KINDS) for (const state of STATES) jobs.set(0, { kind, state });
    for (const { kind, state, count } of overview.jobCounts()) jobs.set(count, { kind, state });
    live.set(leases.liveCount(nowMs));
    const dueMs = overview.oldestDueMs(nowMs);
    oldest.set(dueMs === undefined ? 0 : Math.max(0, nowMs - dueMs) / 1000);
  });
}

/** Told as 0 where there is none: a sum over a state that has just emptied must not keep its last value. */
const KINDS = [
  "plan-connector",
  "plan-table",
  "plan-snapshot",
  "exec-file-group",
  "finalize-snapshot-capture",
];
const STATES = ["queued", "running", "waiting", "cancelling", "succeeded", "failed", "cancelled"];
