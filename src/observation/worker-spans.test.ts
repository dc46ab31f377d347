import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import type { LeasedJob } from "../protocol/port.ts";
import type { Span } from "../telemetry/index.ts";
import type { ObservedCall } from "./call.ts";
import { WorkerSpans } from "./worker-spans.ts";

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
const group = aFileGroup({ filePaths: ["s3://b/1.parquet?sig=s3cret"] });

function traced() {
  const clock = new FakeClock();
  const spans: Span[] = [];
  let id = 0;
  const worker = new WorkerSpans({
    clock,
    sink: { add: (span) => spans.push(span) },
    randomHex: (bytes) => (++id).toString(16).padStart(bytes * 2, "0"),
  });
  const call = (given: Partial<ObservedCall>): void =>
    worker.onCall({
      call: "renewReconcileLease",
      lease: job,
      startedAtMs: clock.nowMs(),
      durationMs: 2,
      code: "OK",
      renewedLease: false,
      leasedJob: undefined,
      ...given,
    });
  const lease = () => call({ call: "leaseReconcileJob", lease: undefined, leasedJob: job });
  return { clock, spans, worker, call, lease };
}

describe("a worker's traces", () => {
  it("are one for each job, with a span for the capture, each file and each call", async () => {
    const { clock, spans, worker, call, lease } = traced();
    const startMs = clock.nowMs();
    lease();
    worker.onEvent({ type: "capture-started", job, group });
    await clock.advance(50);
    const file = {
      path: "s3://b/1.parquet?sig=s3cret",
      durationMs: 40,
      rows: 9n,
      pages: 2,
      bytesRead: 7,
      requests: 1,
    };
    worker.onEvent({ type: "file-captured", job, group, filesCaptured: 1, file });
    worker.onEvent({ type: "group-captured", job, group, durationMs: 50, recordCount: 1, artifactCount: 1 });
    call({ call: "submitLeasedFileGroupExecutionResult", code: "UNAVAILABLE" });
    worker.onEvent({ type: "job-ended", job, end: { at: "done", outcome: "succeeded" }, durationMs: 50 });

    const root = spans.at(-1);
    expect(spans.map(({ name }) => name)).toEqual([
      "ai.floedb.floecat.reconciler.ReconcileExecutorControl/LeaseReconcileJob",
      "capture file",
      "capture group",
      "ai.floedb.floecat.reconciler.ReconcileExecutorControl/SubmitLeasedFileGroupExecutionResult",
      "file-group job",
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(root).toMatchObject({
      parentSpanId: undefined,
      kind: "consumer",
      startMs,
      endMs: startMs + 50,
      error: undefined,
    });
    expect(root?.attributes).toMatchObject({ "floecat.job.id": "job-1", "floecat.job.outcome": "succeeded" });
    const [leased, ofFile, capture, submit] = spans;
    expect(ofFile).toMatchObject({ parentSpanId: capture?.spanId, startMs: startMs + 10 });
    expect([leased, capture, submit].map((span) => span?.parentSpanId)).toEqual(Array(3).fill(root?.spanId));
    expect(submit).toMatchObject({ kind: "client", error: "UNAVAILABLE" });
    expect(submit?.attributes["rpc.grpc.status_code"]).toBe(14);
    expect(JSON.stringify(spans)).not.toContain("s3cret");
  });

  it("tell why a job failed, without secrets, and end the capture with it", () => {
    const { spans, worker, lease } = traced();
    lease();
    worker.onEvent({ type: "capture-started", job, group });
    const error = new Error("GET https://u:s3cret@b/k?X-Amz-Signature=s3cret: 403");
    worker.onEvent({ type: "group-failed", job, group, error });
    worker.onEvent({ type: "job-ended", job, end: { at: "done", outcome: "failed" }, durationMs: 5 });
    expect(spans.slice(1)).toMatchObject([
      { name: "capture group", error: expect.stringContaining("https://") },
      { name: "file-group job", error: expect.stringContaining("https://") },
    ]);
    expect(JSON.stringify(spans)).not.toContain("s3cret");
  });

  it("say nothing of lease calls that found nothing", () => {
    const { spans, call } = traced();
    call({ call: "leaseReconcileJob", lease: undefined });
    expect(spans).toEqual([]);
  });
});
