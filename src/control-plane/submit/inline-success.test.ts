/** 02 §13, submission of the inline generation. */
import { describe, expect, it } from "vitest";
import {
  ABORTED,
  ACCOUNT,
  artifact,
  F1,
  F2,
  fileRecord,
  type Harness,
  INVALID_ARGUMENT,
  LEASE_LOST,
  leaseOf,
  NOT_FOUND,
  RESOURCE_EXHAUSTED,
  rootMessage,
  type Seed,
  seed,
  start,
  TABLE_ID,
  tablePartial,
} from "../../../test/support/control-plane/harness.ts";
import type { Answer, Fields } from "../../../test/support/control-plane/independent-client.ts";

const KEY = { accountId: ACCOUNT, tableId: "table-1", snapshotId: 55n };

interface Worker {
  readonly harness: Harness;
  readonly epoch: string;
  success(fields: Fields, resultId?: string): Promise<Answer>;
  storedFiles(): number;
}

async function worker(options: Seed = {}): Promise<Worker> {
  const harness = await start("inline");
  seed(harness, options);
  const epoch = await harness.leaseGroup();
  return {
    harness,
    epoch,
    success: (fields, result_id = "r1") =>
      harness.call("SubmitLeasedFileGroupExecutionResult", {
        ...leaseOf(epoch),
        success: { result_id, ...fields },
      }),
    storedFiles: () => harness.context.store.statistics.all(KEY, "").length,
  };
}

describe("02 §5.2 success", () => {
  it("02 I1: only FILE records are stored, and Complete ends the job", async () => {
    const { harness, epoch, success, storedFiles } = await worker();
    const answer = await success({ stats_records: [fileRecord(), tablePartial(3)] });
    expect(answer.response).toEqual({ accepted: true });
    expect(storedFiles()).toBe(1);
    expect(harness.job().state).toBe("running");
    expect(harness.context.store.results.results("job-1")).toMatchObject([
      { filePath: F1, state: 1, statsProcessed: 1n },
    ]);
    const complete = { ...leaseOf(epoch), state: "RCS_SUCCEEDED" };
    expect((await harness.call("CompleteLeasedReconcileJob", complete)).response.accepted).toBe(true);
    expect(harness.job().state).toBe("succeeded");
  });

  it("02 I2: an artifact that the worker has uploaded itself", async () => {
    const { harness, success } = await worker();
    const uri = "s3://bucket/artifacts/file-1.parquet.idx";
    const content = Buffer.alloc(0);
    const sent = artifact(F1, { content, uploaded_artifact_uri: ` ${uri} ` }, { artifact_uri: uri });
    expect((await success({ index_artifacts: [sent] })).response).toEqual({ accepted: true });
    expect(harness.context.store.blobs.stat(uri)).toBeUndefined();
    expect(harness.context.store.statistics.artifacts(KEY)).toHaveLength(1);
    expect(harness.context.store.results.results("job-1")).toMatchObject([
      { artifact: { uri, format: "parquet", formatVersion: 1 }, statsProcessed: 0n },
    ]);
  });

  it("02 I3: uploaded and with content, before the lease check", async () => {
    const { harness, success } = await worker();
    harness.context.store.leases.remove("job-1");
    const answer = await success({ index_artifacts: [artifact(F1, { uploaded_artifact_uri: "s3://x" })] });
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe("uploaded index artifact manifest must not include inline content");
    expect(rootMessage(await success({}))).toBe(LEASE_LOST);
  });

  it("02 I4: a manifest instead of records", async () => {
    const { harness, success } = await worker();
    const manifest = { file_stats_blob_uri: "/accounts/acct/x.json", file_stats_record_count: 4 };
    expect((await success(manifest)).response).toEqual({ accepted: true });
    expect(harness.context.store.results.manifest("job-1")).toEqual({
      uri: "/accounts/acct/x.json",
      recordCount: 4,
    });
  });

  it.each([
    [
      "with a record",
      { file_stats_blob_uri: "x", file_stats_record_count: 1, stats_records: [fileRecord()] },
      "file-group success must provide either inline file stats or a file stats blob manifest",
    ],
    [
      "count without uri",
      { file_stats_record_count: 1 },
      "file stats blob uri is required when record count is set",
    ],
    ["uri without count", { file_stats_blob_uri: "x" }, "file stats blob record count must be positive"],
  ])("02 I5: manifest %s", async (_, fields, text) => {
    const { success } = await worker();
    const answer = await success(fields);
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe(text);
  });

  it("02 I6, X4: the same success twice is written once", async () => {
    const { harness, success } = await worker();
    const fields = { stats_records: [fileRecord()], index_artifacts: [artifact()] };
    expect((await success(fields)).response).toEqual({ accepted: true });
    const { putResults } = harness.context.store.results;
    Object.assign(harness.context.store.results, {
      putResults: () => {
        throw new Error("written again");
      },
    });
    expect(
      (await success({ ...fields, stats_records: [...fields.stats_records, tablePartial(1)] })).code,
    ).toBe(0);
    Object.assign(harness.context.store.results, { putResults });
  });

  it("02 I7: a record with another time after a re-lease, under the same id", async () => {
    const { harness, success } = await worker();
    const at = (seconds: string) =>
      fileRecord(F1, { metadata: { producer: "SPROD_SOURCE_NATIVE", captured_at: { seconds } } });
    await success({ stats_records: [at("1")] });
    await harness.clock.advance(45_000);
    await harness.maintenance.tick();
    await harness.clock.advance(500);
    const epoch = await harness.leaseGroup();
    const again = (result_id: string) =>
      harness.call("SubmitLeasedFileGroupExecutionResult", {
        ...leaseOf(epoch),
        success: { result_id, stats_records: [at("2")] },
      });
    const mismatch = await again("r1");
    expect(mismatch.code).toBe(ABORTED);
    expect(mismatch.error).toMatchObject({ code: "MC_CONFLICT", message_key: "idempotency.mismatch" });
    // QUIRK 12.4: under another id the stored record still refuses other bytes.
    const conflict = await again("r2");
    expect(conflict.code).toBe(ABORTED);
    expect(conflict.error).toMatchObject({
      code: "MC_CONFLICT",
      message_key: "",
      message: "Conflict detected.",
    });
    expect(rootMessage(conflict)).toMatch(/^pointer bound to different blob: /);
  });

  it("02 §5.2 step 6: two records of one file, equal or different", async () => {
    const { success, storedFiles } = await worker();
    expect((await success({ stats_records: [fileRecord(), fileRecord()] })).code).toBe(0);
    expect(storedFiles()).toBe(1);
    const other = fileRecord(F1, { properties: { a: "b" } });
    const answer = await success({ stats_records: [fileRecord(), other] }, "r2");
    expect(answer.code).toBe(ABORTED);
    expect(answer.error?.message_key).toBe("idempotency.mismatch");
    expect(answer.error?.params.key).toMatch(/^r2:target:/);
  });

  it.each([
    ["no target kind", { target: {} }, "StatsTarget target is not set"],
    ["blank path", { target: { file: { file_path: " " } } }, "file_path must not be blank"],
    ["no value", { file: null }, "incompatible target/value: file target requires file value"],
    ["no table", { table_id: null }, "key arg 'account_id' is null/blank"],
    ["no table id", { table_id: { ...TABLE_ID, id: " " } }, "key arg 'table_id' is null/blank"],
    ["negative snapshot", { snapshot_id: "-1" }, "key arg 'snapshot_id' must be >= 0"],
  ])("02 §5.2 step 6: %s", async (_, overrides, text) => {
    const { success, storedFiles } = await worker();
    const answer = await success({ stats_records: [fileRecord(F1, overrides)] });
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe(text);
    expect(storedFiles()).toBe(0);
  });

  it("02 §5.2 step 6: a record of another snapshot isn't found", async () => {
    const { success } = await worker();
    const answer = await success({ stats_records: [fileRecord(F1, { snapshot_id: "56" })] });
    expect(answer.code).toBe(NOT_FOUND);
    expect(answer.error).toMatchObject({ code: "MC_NOT_FOUND", message: "Resource not found." });
  });

  it("02 §5.2 step 7, QUIRK: empty content is written as an empty blob", async () => {
    const { harness, success } = await worker();
    const sent = artifact(F1, { content: Buffer.alloc(0) }, { artifact_uri: "/x" });
    expect((await success({ index_artifacts: [sent] })).code).toBe(0);
    expect(harness.context.store.blobs.stat("/x")).toMatchObject({ size: 0 });
  });

  it("02 §5.2 step 8: an upload that names another uri", async () => {
    const { success } = await worker();
    const content = Buffer.alloc(0);
    const other = artifact(F1, { content, uploaded_artifact_uri: "s3://y" });
    expect(rootMessage(await success({ index_artifacts: [other] }))).toBe(
      "uploaded index artifact uri must match record artifact uri",
    );
    const none = artifact(F1, { content, uploaded_artifact_uri: "s3://y" }, { artifact_uri: "" });
    expect(rootMessage(await success({ index_artifacts: [none] }))).toBe(
      "index artifact record uri is required",
    );
  });

  it("02 §4.7: a job that is being cancelled still takes its result", async () => {
    const { harness, success } = await worker();
    harness.context.engine.cancel("job-1", "stop");
    expect((await success({ stats_records: [fileRecord()] })).response).toEqual({ accepted: true });
    expect(harness.job().state).toBe("cancelling");
  });

  it("02 §5.5: a failure is stored on every planned file", async () => {
    const { harness, epoch } = await worker({ groups: [[F1, F2]] });
    const failure = { result_id: "r1", message: " boom " };
    await harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), failure });
    expect(harness.context.store.results.results("job-1")).toMatchObject([
      { filePath: F1, state: 2, message: "boom" },
      { filePath: F2, state: 2, message: "boom" },
    ]);
  });
});

it("01 G11, §10.3: a message of the limit passes, one byte more is refused without details", async () => {
  const harness = await start("inline");
  const path = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl/StartLeasedReconcileJob";
  // job_id as the only field: tag, three bytes of length, text.
  const ofSize = (bytes: number) => {
    const message = harness.client.encode("ai.floedb.floecat.reconciler.StartLeasedReconcileJobRequest", {
      job_id: "x".repeat(bytes - 4),
    });
    expect(message).toHaveLength(bytes);
    return message;
  };
  const passed = await harness.client.send(path, ofSize(262_144));
  expect(passed.code).toBe(INVALID_ARGUMENT);
  const refused = await harness.client.send(path, ofSize(262_145));
  expect(refused.code).toBe(RESOURCE_EXHAUSTED);
  expect(refused.message).toBe("");
  expect({ ...refused.headers, ...refused.trailers }).not.toHaveProperty("grpc-status-details-bin");
});
