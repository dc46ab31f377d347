/** A worker on @grpc/grpc-js, with nothing of ours but the .proto files: a table from the queue to its finalisation. */
import {
  type Client,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, test } from "vitest";
import {
  artifact,
  F1,
  F2,
  fileRecord,
  fileResult,
  isFields,
  seed,
  start,
  tablePartial,
} from "../../test/support/control-plane/harness.ts";
import type { Fields } from "../../test/support/control-plane/independent-client.ts";

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function worker(url: string, generation: string) {
  const definition = loadSync("floecat/reconciler/reconciler.proto", {
    includeDirs: [`proto/${generation}`],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    defaults: true,
  });
  const root = loadPackageDefinition(definition);
  const service = "ai.floedb.floecat.reconciler.ReconcileExecutorControl"
    .split(".")
    .reduce<unknown>(
      (at, name) => (isFields(at) || typeof at === "function" ? Reflect.get(at, name) : undefined),
      root,
    );
  if (!isConstructor(service)) throw new Error("service not loaded");
  const client = new service(url.slice("http://".length), credentials.createInsecure());
  clients.push(client);
  return (method: string, request: Fields) =>
    new Promise<Fields>((resolve, reject) => {
      client[method]?.(request, (error: Error | null, response: Fields) =>
        error === null ? resolve(response) : reject(error),
      );
    });
}

function isConstructor(value: unknown): value is ServiceClientConstructor {
  return typeof value === "function";
}

describe.each(["inline", "chunked"] as const)("%s", (generation) => {
  test("lease, start, renew, get, submit, complete, finalisation", async () => {
    const harness = await start(generation, { runExecutors: true });
    seed(harness, { groups: [[F1], [F2]] });
    const call = worker(harness.url, generation);
    for (const path of [F1, F2]) {
      const leased = await call("LeaseReconcileJob", {
        executor_ids: ["w"],
        job_kinds: ["RJK_EXEC_FILE_GROUP"],
      });
      expect(leased.found).toBe(true);
      const job = isFields(leased.job) ? leased.job : {};
      const lease = { job_id: job.job_id, lease_epoch: job.lease_epoch };
      await call("StartLeasedReconcileJob", { ...lease, executor_id: "w" });
      expect(await call("RenewReconcileLease", lease)).toEqual({
        renewed: true,
        cancellation_requested: false,
      });
      const payload = await call("GetLeasedFileGroupExecution", lease);
      expect(payload.execution).toMatchObject({ file_paths: [path], snapshot_id: "55" });
      const records = [tablePartial(3), fileRecord(path)];
      const content = { stats_records: records, index_artifacts: [artifact(path)] };
      const submit = (outcome: Fields) =>
        call("SubmitLeasedFileGroupExecutionResult", { ...lease, ...outcome });
      if (generation === "inline") {
        expect(await submit({ success: { result_id: "r", ...content } })).toEqual({ accepted: true });
        const complete = { ...lease, state: "RCS_SUCCEEDED", stats_processed: "1" };
        expect(await call("CompleteLeasedReconcileJob", complete)).toEqual({ accepted: true });
      } else {
        expect(await submit({ chunk: { result_id: "r", ...content } })).toEqual({ accepted: true });
        const success = { result_id: "r", chunk_count: 1, file_results: [fileResult(path)] };
        expect(await submit({ success })).toEqual({ accepted: true });
      }
    }
    await expect.poll(() => harness.job("root").state).toBe("succeeded");
    const table = harness.store.statistics.get(
      { accountId: "acct", tableId: "table-1", snapshotId: 55n },
      "",
      "table",
    );
    expect(
      table && harness.client.decode("ai.floedb.floecat.catalog.TargetStatsRecord", table),
    ).toMatchObject({
      table: { row_count: "6" },
    });
    expect(harness.store.leases.liveCount(harness.clock.nowMs())).toBe(0);
  });
});
