/**
 * A worker's metrics, made of its events and calls. The contract has none on the worker's side (03 §17): names are ours, under
 * `floecat_capture_`, but for the calls, which go by the conventions for RPC clients.
 */
import type { MetricRegistry } from "../telemetry/index.ts";
import type { WorkerEvent, WorkerStatus } from "../worker/index.ts";
import type { ObservedCall } from "./call.ts";

export interface WorkerMetrics {
  onEvent(event: WorkerEvent): void;
  onCall(call: ObservedCall): void;
  readonly setReady: (ready: boolean) => void;
  /** Told of a worker when it starts; its counts are looked up when metrics are read. */
  watch(read: () => WorkerStatus, slots: number): void;
}

const PREFIX = "floecat_capture_";

export function workerMetrics(
  registry: MetricRegistry,
  build: { readonly version: string; readonly nodeVersion: string },
): WorkerMetrics {
  const metrics = defineMetrics(registry);
  metrics.build.set(1, { version: build.version, node: build.nodeVersion });
  let current: { readonly read: () => WorkerStatus; readonly slots: number } | undefined;
  registry.onRead(() => {
    const status = current?.read();
    metrics.slots.set(current?.slots ?? 0);
    metrics.busySlots.set(status?.capturing ?? 0);
    metrics.jobs.set(status?.ahead ?? 0, { stage: "ahead" });
    metrics.jobs.set(status?.capturing ?? 0, { stage: "capturing" });
    metrics.jobs.set(status?.results ?? 0, { stage: "submitting" });
    metrics.resultBytes.set(status?.resultBytes ?? 0);
    metrics.draining.set(status !== undefined && status.phase !== "leasing" ? 1 : 0);
  });
  return {
    onEvent: (event) => count(metrics, event),
    onCall: ({ call, code, durationMs }) =>
      metrics.calls.observe(durationMs / 1000, {
        rpc_system: "grpc",
        rpc_method: methodName(call),
        rpc_grpc_status_code: code,
      }),
    setReady: (ready) => metrics.ready.set(ready ? 1 : 0),
    watch: (read, slots) => {
      current = { read, slots };
    },
  };
}

function methodName(call: string): string {
  return call.charAt(0).toUpperCase() + call.slice(1);
}

function defineMetrics(registry: MetricRegistry) {
  const counter = (name: string, help: string, labels: readonly string[] = []) =>
    registry.counter({ name: `${PREFIX}${name}`, help, labels });
  const gauge = (name: string, help: string, labels: readonly string[] = []) =>
    registry.gauge({ name: `${PREFIX}${name}`, help, labels });
  const histogram = (name: string, help: string, labels: readonly string[] = []) =>
    registry.histogram({ name: `${PREFIX}${name}`, help, labels });
  return {
    build: gauge("build_info", "Always 1; the labels say what runs.", ["version", "node"]),
    ready: gauge(
      "ready",
      "1 once the control plane is understood and a token is had, 0 before and while draining.",
    ),
    draining: gauge("draining", "1 while nothing new is leased because the worker is to stop."),
    slots: gauge("slots", "Groups that may be captured at a time."),
    busySlots: gauge("slots_busy", "Groups that are being captured."),
    jobs: gauge("jobs_in_flight", "Leased jobs by stage: ahead, capturing, submitting.", ["stage"]),
    resultBytes: gauge("pending_result_bytes", "Bytes of results that the control plane has not taken yet."),
    leased: counter("jobs_leased_total", "Jobs leased."),
    unfit: counter(
      "jobs_unfit_total",
      "Leased jobs that were given back because they aren't this worker's to run.",
    ),
    ended: counter(
      "jobs_ended_total",
      "Jobs ended: succeeded, failed, cancelled, handed-back, dropped or abandoned.",
      ["outcome"],
    ),
    jobSeconds: histogram("job_duration_seconds", "From the lease call to the end of the job.", ["outcome"]),
    groupSeconds: histogram(
      "group_capture_duration_seconds",
      "Capture of a group, without waiting for its turn.",
    ),
    groupFailures: counter(
      "group_failures_total",
      "Groups whose capture or submission failed, by kind of error.",
      ["error"],
    ),
    files: counter("files_captured_total", "Files captured."),
    rows: counter("rows_captured_total", "Rows of captured files."),
    pages: counter("pages_captured_total", "Page rows of captured files."),
    fileSeconds: histogram("file_capture_duration_seconds", "Capture of a file, from open to sidecar."),
    bytesRead: counter("storage_read_bytes_total", "Bytes read of captured files."),
    reads: counter("storage_reads_total", "Reads of the object store for captured files."),
    submitSeconds: histogram(
      "result_submission_duration_seconds",
      "From a result's first message to its acceptance.",
    ),
    submittedBytes: counter("result_bytes_total", "Bytes of accepted results."),
    beatDelay: histogram("heartbeat_delay_seconds", "How much later than due a lease's heartbeat was sent."),
    beatFailures: counter(
      "heartbeat_failures_total",
      "Heartbeats that failed: tolerated, uncertain (the lease may have run out), fatal or refused.",
      ["effect"],
    ),
    leaseFailures: counter("lease_call_failures_total", "Lease calls that failed: error, or overloaded.", [
      "reason",
    ]),
    retries: counter("call_retries_total", "Calls about a job that were tried again.", ["rpc_method"]),
    calls: registry.histogram({
      name: "rpc_client_duration_seconds",
      help: "Attempts of calls on the control plane.",
      labels: ["rpc_system", "rpc_method", "rpc_grpc_status_code"],
    }),
  };
}

function count(metrics: ReturnType<typeof defineMetrics>, event: WorkerEvent): void {
  switch (event.type) {
    case "leased":
      metrics.leased.add(1);
      return;
    case "job-unfit":
      metrics.unfit.add(1);
      return;
    case "lease-call-failed":
      metrics.leaseFailures.add(1, { reason: event.overloaded ? "overloaded" : "error" });
      return;
    case "file-captured":
      metrics.files.add(1);
      metrics.rows.add(Number(event.file.rows ?? 0n));
      metrics.pages.add(event.file.pages);
      metrics.bytesRead.add(event.file.bytesRead);
      metrics.reads.add(event.file.requests);
      metrics.fileSeconds.observe(event.file.durationMs / 1000);
      return;
    case "group-captured":
      metrics.groupSeconds.observe(event.durationMs / 1000);
      return;
    case "group-failed":
      metrics.groupFailures.add(1, { error: errorKind(event.error) });
      return;
    case "result-taken":
      metrics.submittedBytes.add(event.bytes);
      metrics.submitSeconds.observe(event.durationMs / 1000);
      return;
    case "beat":
      metrics.beatDelay.observe(event.delayMs / 1000);
      return;
    case "beat-failed":
      metrics.beatFailures.add(1, { effect: event.effect });
      return;
    case "beat-refused":
      metrics.beatFailures.add(1, { effect: "refused" });
      return;
    case "call-retried":
      metrics.retries.add(1, { rpc_method: methodName(event.call) });
      return;
    case "job-ended": {
      const outcome = event.end.at === "done" ? event.end.outcome : event.end.at;
      metrics.ended.add(1, { outcome });
      metrics.jobSeconds.observe(event.durationMs / 1000, { outcome });
      return;
    }
    default:
  }
}

/** Class names are few; anything else would be a text, and texts don't belong into labels. */
function errorKind(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  return /^[A-Z][A-Za-z]{0,40}$/.test(name) ? name : "Error";
}
