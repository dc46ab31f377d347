import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startService } from "../support/processes.ts";
import { DEMO_TABLE } from "../support/run-cli.ts";
import { type Fields, startGrpcJsServer } from "./grpc-js-server.ts";

/** The worker as a process of its own finishes a job of a control plane on another gRPC stack, with files that it really reads. */

const ROOT = `file://${DEMO_TABLE}`;
/** Newest first, as a planner finds them in the log. */
const FILES = ["orders-2026-03-02.parquet", "orders-2026-03-01.parquet"].map((name) => `${ROOT}/${name}`);

const execution = {
  job_id: "job-1",
  lease_epoch: "lease-1",
  parent_job_id: "parent-1",
  source_connector: {
    resource_id: { account_id: "acct", id: "connector-1", kind: "RK_CONNECTOR" },
    kind: "CK_DELTA",
    properties: { "delta.source": "filesystem", "delta.table-root": ROOT },
  },
  source_namespace: "db",
  source_table: "orders",
  table_id: { account_id: "acct", id: "table-1", kind: "RK_TABLE" },
  snapshot_id: "2",
  plan_id: "plan-1",
  group_id: "group-1",
  file_paths: FILES,
  capture_policy: {
    outputs: ["CO_FILE_STATS", "CO_PARQUET_PAGE_INDEX"],
    default_column_scope: "CDCS_ALL",
  },
};

async function received(generation: "chunked" | "inline", payload: Fields = execution) {
  await using server = await startGrpcJsServer({ generation, execution: payload });
  // That server has no reflection.
  const wire = ["--wire", generation];
  await using worker = startService([
    ...["worker", "--control-plane", server.url, "--allow-local", DEMO_TABLE],
    ...wire,
  ]);
  const outcome = await worker.line("Remote reconcile job outcome");
  expect(outcome).toMatchObject({ jobId: "job-1", result: "succeeded" });
  worker.kill("SIGTERM");
  expect(await worker.ended()).toMatchObject({ exitCode: 0 });
  const about = server.received.filter(({ method }) => !LIFECYCLE.has(method));
  return { calls: about.map(({ method }) => method), requests: about.map(({ request }) => request) };
}

/** How often these come is a matter of time. */
const LIFECYCLE = new Set(["LeaseReconcileJob", "RenewReconcileLease", "ReportReconcileProgress"]);
const SUBMIT = "SubmitLeasedFileGroupExecutionResult";

const fileResults = FILES.map((path) => ({
  file_path: path,
  state: "RFRS_SUCCEEDED",
  stats_processed: "1",
  index_artifact: { artifact_format: "parquet", artifact_format_version: 1 },
}));
const fileRecords = FILES.map((path) => ({
  target: { file: { file_path: path } },
  file: { file_path: path, row_count: "6000" },
}));

function expectSidecars(artifacts: readonly Fields[]): void {
  expect(artifacts.map((artifact) => artifact.record)).toMatchObject(
    FILES.map((path) => ({ target: { file: { file_path: path } } })),
  );
  for (const { content, record } of artifacts) {
    if (!Buffer.isBuffer(content)) throw new Error("a sidecar without content");
    expect(content.subarray(0, 4).toString()).toBe("PAR1");
    const hash = createHash("sha256").update(content).digest("base64");
    expect(record).toMatchObject({ content_sha256_b64: hash });
  }
}

describe("03 §15: the worker process and a server on @grpc/grpc-js", () => {
  test("chunked: chunks, then the success", async () => {
    const { calls, requests } = await received("chunked");
    expect(calls.slice(0, 3)).toEqual([
      "StartLeasedReconcileJob",
      "GetReconcileCancellation",
      "GetLeasedFileGroupExecution",
    ]);
    expect(new Set(calls.slice(3))).toEqual(new Set([SUBMIT]));
    const chunks = requests.slice(3, -1).map(chunkOf);
    expect(chunks.map((chunk) => chunk.chunk_index)).toEqual(chunks.map((_, index) => index));
    expect(chunks.flatMap((chunk) => chunk.stats_records)).toMatchObject(fileRecords);
    expectSidecars(chunks.flatMap((chunk) => fieldsOf(chunk.index_artifacts)));
    expect(requests.at(-1)).toMatchObject({
      outcome: "success",
      success: { chunk_count: chunks.length, file_results: fileResults },
    });
  });

  test("inline: one message with everything, then Complete", async () => {
    const { calls, requests } = await received("inline");
    expect(calls.slice(3)).toEqual([SUBMIT, "CompleteLeasedReconcileJob"]);
    const success = fieldsOf([requests[3]?.success])[0] ?? {};
    expect(success).toMatchObject({ stats_records: fileRecords });
    expectSidecars(fieldsOf(success.index_artifacts));
    expect(requests.at(-1)).toMatchObject({ state: "RCS_SUCCEEDED", stats_processed: "2" });
  });
});

function chunkOf(request: Fields): Fields {
  expect(request.outcome).toBe("chunk");
  return fieldsOf([request.chunk])[0] ?? {};
}

function fieldsOf(values: unknown): readonly Fields[] {
  return Array.isArray(values) ? values.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
