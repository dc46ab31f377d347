import { expect, test } from "vitest";
import { systemClock } from "../../src/model/index.ts";
import { connectControlPlane } from "../../src/protocol/index.ts";
import {
  DEFAULT_WORKER_SETTINGS,
  type GroupCapture,
  startWorker,
  type WorkerEvent,
} from "../../src/worker/index.ts";
import { aFileRecord, anArtifact, aTableRecord } from "../support/file-groups.ts";
import { type GrpcJsServer, type GrpcJsServerOptions, startGrpcJsServer } from "./grpc-js-server.ts";

const FILE = "s3://bucket/file.parquet";

const execution = {
  job_id: "job-1",
  lease_epoch: "lease-1",
  parent_job_id: "parent-1",
  source_connector: {
    resource_id: { account_id: "acct", id: "connector-1", kind: "RK_CONNECTOR" },
    kind: "CK_DELTA",
    uri: "s3://bucket/t",
  },
  source_namespace: "db",
  source_table: "t",
  table_id: { account_id: "acct", id: "table-1", kind: "RK_TABLE" },
  snapshot_id: "41",
  plan_id: "plan-1",
  group_id: "group-1",
  file_paths: [FILE],
  capture_policy: { outputs: ["CO_FILE_STATS", "CO_TABLE_STATS", "CO_PARQUET_PAGE_INDEX"] },
};

const capture: GroupCapture = {
  capture: async (group) => ({
    statsRecords: [aTableRecord(), ...group.filePaths.map((path) => aFileRecord(path))],
    artifacts: group.filePaths.map((path) => anArtifact(path)),
  }),
};

/** Runs a worker against the server until its first job has ended. */
async function runOneJob(
  server: GrpcJsServer,
  options: GrpcJsServerOptions,
  captureMs = 0,
): Promise<WorkerEvent[]> {
  const connection = await connectControlPlane(
    { url: server.url, generation: options.generation },
    { signal: AbortSignal.timeout(20_000), timeoutMs: 20_000 },
  );
  const events: WorkerEvent[] = [];
  const drain = new AbortController();
  const worker = startWorker({
    controlPlane: connection.controlPlane,
    capture: {
      async capture(...group) {
        await systemClock.sleep(captureMs, group[1].signal);
        return await capture.capture(...group);
      },
    },
    clock: systemClock,
    random: () => 0,
    settings: { ...DEFAULT_WORKER_SETTINGS, instanceId: "worker-1", leaseMs: 3000, heartbeatMs: 1000 },
    onEvent: (event) => {
      events.push(event);
      if (event.type === "job-ended") drain.abort();
    },
    drain: drain.signal,
    hurry: AbortSignal.timeout(20_000),
  });
  await worker.ended;
  connection.close();
  return events;
}

/** The calls about the job; how often an idle worker asks for the next one is a matter of time. */
function aboutJob(server: GrpcJsServer) {
  return server.received.filter(({ method }) => method !== "LeaseReconcileJob");
}

test("03 §15: a worker finishes a chunked job of a server on another gRPC stack", async () => {
  const options = { generation: "chunked", execution } as const;
  await using server = await startGrpcJsServer(options);
  const events = await runOneJob(server, options);
  expect(events.at(-2)).toMatchObject({ type: "job-ended", end: { at: "done", outcome: "succeeded" } });
  expect(aboutJob(server).map(({ method }) => method)).toEqual([
    "StartLeasedReconcileJob",
    "GetReconcileCancellation",
    "GetLeasedFileGroupExecution",
    "SubmitLeasedFileGroupExecutionResult",
    "SubmitLeasedFileGroupExecutionResult",
  ]);
  const lease = server.received[0];
  const [start, , , chunk, success] = aboutJob(server);
  expect(lease?.request).toMatchObject({
    executor_id: "worker-1",
    executor_ids: ["worker-1", "remote_file_group_worker"],
    job_kinds: ["RJK_EXEC_FILE_GROUP"],
    lanes: ["*"],
  });
  expect(lease?.headers["x-floe-account"]).toBeUndefined();
  expect(start?.headers).toMatchObject({
    "x-correlation-id": "reconcile-job-job-1",
    "x-floe-account": "acct",
  });
  expect(chunk?.request).toMatchObject({
    outcome: "chunk",
    chunk: {
      result_id: "job-1:plan-1:group-1:lease-1:success",
      chunk_index: 0,
      stats_records: [{ target: { table: {} } }, { file: { file_path: FILE, row_count: "3" } }],
      index_artifacts: [{ content: Buffer.from([1, 2, 3]), content_type: "application/x-parquet" }],
    },
  });
  expect(success?.request).toMatchObject({
    outcome: "success",
    success: {
      chunk_count: 1,
      file_results: [
        {
          file_path: FILE,
          state: "RFRS_SUCCEEDED",
          stats_processed: "1",
          index_artifact: {
            artifact_uri: `${FILE}.idx`,
            artifact_format: "parquet",
            artifact_format_version: 1,
          },
        },
      ],
    },
  });
});

test("03 §15: a worker finishes an inline job of a server on another gRPC stack", async () => {
  const options = { generation: "inline", execution } as const;
  await using server = await startGrpcJsServer(options);
  const events = await runOneJob(server, options);
  expect(events.at(-2)).toMatchObject({ type: "job-ended", end: { at: "done", outcome: "succeeded" } });
  const calls = aboutJob(server).slice(3);
  expect(calls.map(({ method }) => method)).toEqual([
    "SubmitLeasedFileGroupExecutionResult",
    "ReportReconcileProgress",
    "CompleteLeasedReconcileJob",
  ]);
  const [submit, , complete] = calls;
  expect(submit?.request).toMatchObject({
    outcome: "success",
    success: {
      result_id: "job-1:plan-1:group-1:lease-1:success",
      index_artifacts: [{ content: Buffer.from([1, 2, 3]) }],
    },
  });
  expect(complete?.request).toMatchObject({
    state: "RCS_SUCCEEDED",
    stats_processed: "2",
    message: "Executed file group group-1",
    failure_retry_disposition: "RFRD_RETRYABLE",
    failure_retry_class: "RFRC_UNSPECIFIED",
  });
});

test("03 T12: against another stack too, what is sent again after a lost answer is the same", async () => {
  const options = {
    generation: "inline",
    execution,
    losesAnswers: { SubmitLeasedFileGroupExecutionResult: 1 },
  } as const;
  await using server = await startGrpcJsServer(options);
  await runOneJob(server, options);
  const submits = server.received.filter(({ method }) => method.startsWith("Submit"));
  expect(submits.length).toBe(2);
  expect(submits[1]?.request).toEqual(submits[0]?.request);
});

test.each(["chunked", "inline"] as const)(
  "03 §7.1 %s: renewals of a longer capture reach another stack's server",
  async (generation) => {
    const options = { generation, execution } as const;
    await using server = await startGrpcJsServer(options);
    const events = await runOneJob(server, options, 2300);
    expect(events.at(-2)).toMatchObject({ type: "job-ended", end: { at: "done", outcome: "succeeded" } });
    const renewals = server.received.filter(({ method }) => method === "RenewReconcileLease");
    expect(renewals.map(({ request }) => request)).toEqual(
      Array(2).fill({ job_id: "job-1", lease_epoch: "lease-1" }),
    );
    for (const { headers } of renewals) expect(headers["x-correlation-id"]).toBe("reconcile-job-job-1");
  },
);
