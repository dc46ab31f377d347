import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import { noToken } from "../protocol/index.ts";
import { ControlPlaneError, type LeasedJob } from "../protocol/port.ts";
import { MetricRegistry, prometheusText } from "../telemetry/index.ts";
import type { WorkerEvent } from "../worker/index.ts";
import type { ObservedCall } from "./call.ts";
import { WorkerReadiness } from "./readiness.ts";
import { workerMetrics } from "./worker-metrics.ts";
import { WorkerStatusModel } from "./worker-status.ts";

const job: LeasedJob = {
  jobId: "job-1",
  leaseEpoch: "lease-1",
  accountId: "acct",
  kind: "exec-file-group",
  connectorId: "connector-1",
  parentJobId: "parent-1",
  pinnedExecutorId: "",
  fullRescan: false,
  planId: "plan-1",
  groupId: "group-1",
};
const group = aFileGroup({ filePaths: ["s3://b/1.parquet", "s3://b/2.parquet"] });
const file = { path: "s3://b/1.parquet", durationMs: 40, rows: 100n, pages: 7, bytesRead: 2048, requests: 3 };
const captured: WorkerEvent = { type: "file-captured", job, group, filesCaptured: 1, file };

const idle = { phase: "leasing", jobs: 0, ahead: 0, capturing: 0, results: 0, resultBytes: 0 } as const;

function model(clock = new FakeClock()) {
  const status = new WorkerStatusModel({
    clock,
    version: "1.2.3",
    instanceId: "host-1",
    controlPlane: "http://cp:9100",
    slots: 2,
    readiness: () => ({ ready: true, reason: "ready" }),
  });
  status.watch(() => ({ ...idle, capturing: 1 }), { generation: "chunked", leaseMs: 120_000 });
  return { clock, status };
}

const renewed = (startedAtMs: number): ObservedCall => ({
  call: "renewReconcileLease",
  lease: job,
  startedAtMs,
  durationMs: 3,
  code: "OK",
  renewedLease: true,
  leasedJob: undefined,
});

describe("a worker's status", () => {
  it("follows a job from its lease to its files, with the time that its lease has left", async () => {
    const { clock, status } = model();
    const leasedAtMs = clock.nowMs();
    status.onEvent({ type: "leased", job });
    expect(status.status().jobs).toMatchObject([{ jobId: "job-1", stage: "waiting", fileCount: 0 }]);
    await clock.advance(10_000);
    status.onEvent({ type: "capture-started", job, group });
    status.onEvent(captured);
    expect(status.status().jobs).toMatchObject([
      { stage: "capturing", filesDone: 1, fileCount: 2, lease: { endsAtMs: leasedAtMs + 120_000 } },
    ]);
    status.onCall(renewed(clock.nowMs()));
    expect(status.status().jobs[0]?.lease?.endsAtMs).toBe(leasedAtMs + 130_000);
    expect(status.status().slots).toEqual({ busy: 1, all: 2 });
  });

  it("forgets a job that has ended, and counts what came of it", () => {
    const { status } = model();
    status.onEvent({ type: "leased", job });
    status.onEvent(captured);
    status.onEvent({ type: "job-ended", job, end: { at: "done", outcome: "succeeded" }, durationMs: 5 });
    const { jobs, totals, failures, throughput } = status.status();
    expect(jobs).toEqual([]);
    expect(totals).toEqual({
      jobsSucceeded: 1,
      jobsFailed: 0,
      files: 1,
      rows: 100,
      pages: 7,
      bytesRead: 2048,
    });
    expect(failures).toEqual([]);
    expect(throughput).toHaveLength(60);
    expect(throughput.at(-1)).toMatchObject({ files: 1, bytesRead: 2048 });
  });

  it("keeps the newest failures with their reason, without the queries of URLs, which may be signed", () => {
    const { status } = model();
    for (let i = 0; i < 60; i++) {
      const failing = { ...job, jobId: `job-${i}` };
      status.onEvent({ type: "leased", job: failing });
      status.onEvent({
        type: "group-failed",
        job: failing,
        group,
        error: new Error("GET https://b/k.parquet?X-Amz-Signature=s3cret: 403"),
      });
      status.onEvent({
        type: "job-ended",
        job: failing,
        end: { at: "done", outcome: "failed" },
        durationMs: 5,
      });
    }
    const { failures } = status.status();
    expect(failures).toHaveLength(50);
    expect(failures[0]).toMatchObject({ jobId: "job-59", outcome: "failed" });
    expect(failures[0]?.reason).toContain("https://b/k.parquet?… 403");
    expect(JSON.stringify(failures)).not.toContain("s3cret");
  });

  it("throughput keeps ten minutes and shows the pauses", async () => {
    const { clock, status } = model();
    status.onEvent({ type: "leased", job });
    status.onEvent(captured);
    await clock.advance(60_000);
    status.onEvent(captured);
    const files = status.status().throughput.map((bucket) => bucket.files);
    expect(files.slice(-7)).toEqual([1, 0, 0, 0, 0, 0, 1]);
    await clock.advance(700_000);
    expect(status.status().throughput.every((bucket) => bucket.files === 0)).toBe(true);
  });
});

describe("a worker's metrics", () => {
  function metrics() {
    const registry = new MetricRegistry();
    const worker = workerMetrics(registry, { version: "1.2.3", nodeVersion: "v24" });
    return { worker, text: () => prometheusText(registry.read()) };
  }

  it("count jobs by outcome, files, rows, pages and bytes", () => {
    const { worker, text } = metrics();
    worker.onEvent({ type: "leased", job });
    worker.onEvent(captured);
    worker.onEvent({ type: "job-ended", job, end: { at: "dropped", reason: "taken" }, durationMs: 1500 });
    expect(text()).toContain("floecat_capture_jobs_leased_total 1\n");
    expect(text()).toContain("floecat_capture_storage_read_bytes_total 2048\n");
    expect(text()).toContain('floecat_capture_jobs_ended_total{outcome="dropped"} 1\n');
    expect(text()).toContain('floecat_capture_job_duration_seconds_bucket{outcome="dropped",le="2.5"} 1\n');
  });

  it("tell calls by method and status, as RPC clients do", () => {
    const { worker, text } = metrics();
    worker.onCall({ ...renewed(0), code: "UNAVAILABLE" });
    expect(text()).toContain(
      'rpc_client_duration_seconds_count{rpc_system="grpc",rpc_method="RenewReconcileLease",rpc_grpc_status_code="UNAVAILABLE"} 1\n',
    );
  });

  it("tell an error by its class, never by its text", () => {
    const { worker, text } = metrics();
    const odd = new Error("x");
    odd.name = 'token="s3cret"';
    worker.onEvent({ type: "group-failed", job, group, error: odd });
    const refused = new ControlPlaneError("refused", "renewReconcileLease", {
      code: "UNAVAILABLE",
      message: "m",
    });
    worker.onEvent({ type: "group-failed", job, group, error: refused });
    expect(text()).toContain('floecat_capture_group_failures_total{error="Error"} 1\n');
    expect(text()).toContain('floecat_capture_group_failures_total{error="ControlPlaneError"} 1\n');
    expect(text()).not.toContain("s3cret");
  });

  it("look up slots, stages and results when they are read", () => {
    const { worker, text } = metrics();
    worker.watch(() => ({ ...idle, capturing: 1, results: 3, resultBytes: 99, phase: "draining" }), 2);
    expect(text()).toContain("floecat_capture_slots 2\n");
    expect(text()).toContain("floecat_capture_slots_busy 1\n");
    expect(text()).toContain('floecat_capture_jobs_in_flight{stage="submitting"} 3\n');
    expect(text()).toContain("floecat_capture_pending_result_bytes 99\n");
    expect(text()).toContain("floecat_capture_draining 1\n");
  });
});

describe("readiness", () => {
  const signal = new AbortController().signal;

  it("comes with the handshake, and goes while connecting again and while draining", () => {
    const readiness = new WorkerReadiness();
    expect(readiness.read().ready).toBe(false);
    readiness.connected();
    expect(readiness.read()).toEqual({ ready: true, reason: "ready" });
    readiness.connecting();
    expect(readiness.read().ready).toBe(false);
    readiness.connected();
    readiness.draining();
    readiness.connected();
    expect(readiness.read()).toEqual({ ready: false, reason: "draining" });
  });

  it("waits for a token where one is needed, and goes when none can be had", async () => {
    const readiness = new WorkerReadiness();
    let fails = false;
    const tokens = readiness.watch({
      authorization: () =>
        fails ? Promise.reject(new Error("issuer down")) : Promise.resolve("Bearer s3cret"),
      rejected: () => {},
    });
    readiness.connected();
    expect(readiness.read()).toEqual({ ready: false, reason: "no token has been had yet" });
    expect(await tokens.authorization("a", signal)).toBe("Bearer s3cret");
    expect(readiness.read().ready).toBe(true);
    fails = true;
    await expect(tokens.authorization("a", signal)).rejects.toThrow("issuer down");
    expect(readiness.read().ready).toBe(false);
    fails = false;
    await tokens.authorization("a", signal);
    tokens.rejected("a", "Bearer s3cret");
    expect(readiness.read()).toEqual({ ready: false, reason: "no token can be had, or it was refused" });
    expect(JSON.stringify(readiness)).not.toContain("s3cret");
    expect(await noToken.authorization("a", signal)).toBeUndefined();
  });
});
