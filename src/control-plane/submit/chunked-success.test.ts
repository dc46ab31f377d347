/** 02 §13, success and failure of the chunked generation. */
import { describe, expect, it } from "vitest";
import {
  chunkedWorker,
  RECORD,
  rowCount,
  withRows,
} from "../../../test/support/control-plane/chunked-worker.ts";
import {
  ABORTED,
  ACCOUNT,
  F1,
  F2,
  FAILED_PRECONDITION,
  fileRecord,
  fileResult,
  INTERNAL,
  INVALID_ARGUMENT,
  LEASE_LOST,
  leaseOf,
  rootMessage,
  TABLE_ID,
  tablePartial,
} from "../../../test/support/control-plane/harness.ts";

describe("02 §5.3, §5.4 full rescan", () => {
  const publication = "full-rescan-parent";

  it("02 S4: records wait for the success, which replaces those of the planned files", async () => {
    const { chunk, success, stored, harness } = await chunkedWorker({ fullRescan: true });
    await chunk(0, { stats_records: [withRows(1), withRows(9)] });
    expect(stored(F1, publication)).toBeUndefined();
    expect((await success({ chunk_count: 1 })).code).toBe(0);
    expect(rowCount(stored(F1, publication))).toBe("9");
    expect(stored(F1)).toBeUndefined();
    expect(harness.job().state).toBe("succeeded");
  });

  it("02 S5: a record of a file that wasn't planned", async () => {
    const { chunk, success, stored } = await chunkedWorker({ fullRescan: true });
    await chunk(0, { stats_records: [fileRecord(), fileRecord(F2)] });
    const answer = await success({ chunk_count: 1 });
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe("file-group stats include an unplanned file");
    expect(stored(F1, publication)).toBeUndefined();
  });

  it.each([
    ["no target", { target: null }, "file-group stats must be file-target records"],
    ["another snapshot", { snapshot_id: "56" }, "file-group stats do not match file-group task"],
    [
      "another kind of id",
      { table_id: { ...TABLE_ID, kind: "RK_VIEW" } },
      "file-group stats do not match file-group task",
    ],
  ])("02 §5.3: %s", async (_, overrides, text) => {
    const { chunk } = await chunkedWorker({ fullRescan: true });
    const answer = await chunk(0, { stats_records: [fileRecord(F1, overrides)] });
    expect(rootMessage(answer)).toBe(text);
  });
});

describe("02 §5.4 success", () => {
  it("02 S6: a count that would drop a staged chunk", async () => {
    const { chunk, success } = await chunkedWorker();
    await chunk(0, { stats_records: [tablePartial(1)] });
    await chunk(1, { stats_records: [tablePartial(2)] });
    const low = await success({ chunk_count: 1 });
    expect(low.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(low)).toBe(
      "file-group success declared chunk_count=1 but a staged chunk exists at index 1 for result r1; the declared count is too low and would drop that chunk's partial aggregates",
    );
    expect((await success({ chunk_count: 2 })).response).toEqual({ accepted: true });
  });

  it("02 S7, QUIRK 12.3: a count that is too high blocks the result id", async () => {
    const { harness, chunk, success } = await chunkedWorker();
    await chunk(0, {});
    const high = await success({ chunk_count: 2 });
    expect(high.code).toBe(ABORTED);
    expect(high.error).toMatchObject({
      code: "MC_ABORT_RETRYABLE",
      message: "Conflict detected, retry.",
      params: {
        root_message:
          "idempotency record pending: key=/accounts/acct/idempotency/SubmitLeasedFileGroupExecutionResult/job-1%3Ar1",
      },
    });
    const mismatch = await success({ chunk_count: 1 });
    expect(mismatch.code).toBe(ABORTED);
    expect(mismatch.error).toMatchObject({ code: "MC_CONFLICT", message_key: "idempotency.mismatch" });
    expect(harness.job().state).toBe("running");
  });

  it("02 QUIRK 12.3, switched off: the id is free again at once", async () => {
    const { chunk, success } = await chunkedWorker({}, { pendingAfterAbort: false });
    await chunk(0, {});
    const high = await success({ chunk_count: 2 });
    expect(high.code).toBe(ABORTED);
    expect(rootMessage(high)).toBe("file-group result chunk not yet staged: key=job-1:r1:chunk:1");
    expect((await success({ chunk_count: 1 })).response).toEqual({ accepted: true });
  });

  it("02 S8: nothing staged and nothing declared", async () => {
    const { success } = await chunkedWorker();
    expect((await success({ chunk_count: 0 })).response).toEqual({ accepted: true });
  });

  it("02 S9, S10: the last partial of a target counts, byte for byte", async () => {
    const { harness, chunk, success } = await chunkedWorker();
    const sketch = { role: "SKETCH_ROLE_QUANTILES", sketch_type: "kll", data: Buffer.from([1, 2, 3]) };
    const column = {
      table_id: TABLE_ID,
      snapshot_id: "55",
      target: { column: { column_id: "4" } },
      scalar: { row_count: "1", sketches: [sketch] },
    };
    await chunk(0, { stats_records: [tablePartial(10), column] });
    await chunk(1, { stats_records: [tablePartial(5)] });
    await success({ chunk_count: 2 });
    const partials = harness.context.store.results
      .partials("job-1")
      .map((bytes) => harness.client.decode(RECORD, bytes));
    expect(partials).toHaveLength(2);
    expect(partials.find((record) => "table" in record && record.table)).toMatchObject({
      table: { row_count: "5" },
    });
    const stored = harness.context.store.results.partials("job-1");
    const sent = harness.client.encode(RECORD, {
      table_id: { ...TABLE_ID, kind: 4 },
      snapshot_id: 55,
      target: { column: { column_id: 4 } },
      scalar: { row_count: 1, sketches: [{ ...sketch, role: 4 }] },
    });
    expect(stored.some((bytes) => Buffer.from(bytes).equals(sent))).toBe(true);
  });

  it.each([
    ["missing", [], "file-group success file result count does not match plan"],
    [
      "duplicate",
      [fileResult(), fileResult(` ${F1} `)],
      `duplicate file-group success file result for ${F1}`,
    ],
    ["extra", [fileResult(), fileResult(F2)], "file-group success file result count does not match plan"],
    ["blank", [fileResult(" ")], "file-group success file_path is required"],
    ["other", [fileResult(F2)], `file-group success is missing file result for planned file ${F1}`],
  ])("02 S11: file results: %s", async (_, file_results, text) => {
    const { success, harness } = await chunkedWorker();
    const answer = await success({ file_results });
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe(text);
    expect(harness.job().state).toBe("running");
  });

  it("02 §5.4: results are kept in plan order", async () => {
    const { harness, success } = await chunkedWorker({ groups: [[F1, F2]] });
    await success({ file_results: [fileResult(F2, 2), fileResult(F1, 1)] });
    expect(harness.context.store.results.results("job-1")).toMatchObject([
      { filePath: F1, statsProcessed: 1n },
      { filePath: F2, statsProcessed: 2n },
    ]);
  });

  it("02 S12: the store refuses the outcome at the very last", async () => {
    const { harness, success } = await chunkedWorker();
    const { engine } = harness.context;
    const { complete } = engine;
    Object.assign(engine, { complete: () => false });
    const answer = await success({});
    Object.assign(engine, { complete });
    expect(answer.code).toBe(FAILED_PRECONDITION);
    expect(answer.error?.params.reason).toBe("RECONCILE_LEASE_PRECONDITION_FAILED");
    expect(answer.statuses[0]?.details["google.rpc.ErrorInfo"]).toMatchObject({
      reason: "RECONCILE_LEASE_PRECONDITION_FAILED",
      domain: "ai.floedb.floecat.reconciler",
    });
    expect(answer.statuses[0]?.message).toBe("reconcile lease is no longer valid for job job-1");
    // Nothing was stored, and the id is free again.
    expect(harness.context.store.results.results("job-1")).toBeUndefined();
    expect((await success({})).response).toEqual({ accepted: true });
  });

  it("02 S16: after the success the lease is gone, and Complete confirms what isn't more", async () => {
    const { harness, epoch, success } = await chunkedWorker();
    const file_results = [fileResult(F1, 3)];
    await success({ file_results });
    expect((await harness.call("RenewReconcileLease", leaseOf(epoch))).response.renewed).toBe(false);
    const again = await success({ file_results });
    expect(again.code).toBe(FAILED_PRECONDITION);
    expect(rootMessage(again)).toBe(LEASE_LOST);
    const complete = async (stats_processed: string) =>
      (
        await harness.call("CompleteLeasedReconcileJob", {
          ...leaseOf(epoch),
          state: "RCS_SUCCEEDED",
          stats_processed,
        })
      ).response.accepted;
    expect(await complete("3")).toBe(true);
    expect(await complete("4")).toBe(false);
  });

  it("02 S17: a job that is being cancelled takes no result", async () => {
    const { harness, epoch, chunk, success, failure } = await chunkedWorker();
    harness.context.engine.cancel("job-1", "stop");
    expect((await chunk(0, {})).response).toEqual({ accepted: true });
    for (const answer of [await success({ chunk_count: 1 }), await failure("boom")]) {
      expect(answer.code).toBe(INTERNAL);
      expect(rootMessage(answer)).toBe("Failed to update reconcile job result reference");
    }
    const { response } = await harness.call("CompleteLeasedReconcileJob", {
      ...leaseOf(epoch),
      state: "RCS_CANCELLED",
    });
    expect(response.accepted).toBe(true);
  });

  it("02 S18: a connector that is gone doesn't matter any more", async () => {
    const { harness, success } = await chunkedWorker();
    harness.context.store.catalog.removeConnector(ACCOUNT, "connector-1");
    expect((await success({})).response).toEqual({ accepted: true });
  });

  it("02 §4.7: only an ancestor is being cancelled", async () => {
    const { harness, success } = await chunkedWorker();
    harness.context.engine.cancel("root", "stop");
    expect((await success({})).response).toEqual({ accepted: true });
    expect(harness.job().state).toBe("succeeded");
  });

  it("02 S19: the finalizer comes with the last group, once", async () => {
    const { harness, success } = await chunkedWorker({ groups: [[F1], [F2]] });
    const finalizers = () =>
      harness.context.store.jobs.children("parent").filter((job) => job.kind === "finalize-snapshot-capture");
    await success({});
    expect(finalizers()).toEqual([]);
    const epoch = await harness.leaseGroup();
    await harness.call("SubmitLeasedFileGroupExecutionResult", {
      ...leaseOf(epoch, "job-2"),
      success: { result_id: "r2", file_results: [fileResult(F2)] },
    });
    expect(finalizers()).toMatchObject([{ state: "queued" }]);
  });

  it("02 S20: no outcome", async () => {
    const { harness, epoch } = await chunkedWorker();
    const answer = await harness.call("SubmitLeasedFileGroupExecutionResult", leaseOf(epoch));
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(answer.error?.params.field).toBe("outcome");
  });

  it("02 §4.7: no result id, after the lease check", async () => {
    const { harness, success } = await chunkedWorker();
    expect(rootMessage(await success({}, " "))).toBe(
      "INVALID_ARGUMENT: result_id is required for file-group result submission",
    );
    harness.context.store.leases.remove("job-1");
    expect(rootMessage(await success({}, " "))).toBe(LEASE_LOST);
  });

  it("02 §5.4 step 6: a partial of another snapshot, or of nothing known", async () => {
    const { chunk, success } = await chunkedWorker();
    await chunk(0, { stats_records: [{ ...tablePartial(1), snapshot_id: "56" }] }, "a");
    expect(rootMessage(await success({ chunk_count: 1 }, "a"))).toBe(
      "partial aggregate stats do not match file-group task",
    );
    await chunk(0, { stats_records: [{ ...tablePartial(1), target: { column: { column_id: "0" } } }] }, "b");
    expect(rootMessage(await success({ chunk_count: 1 }, "b"))).toBe("column_id must be positive");
    await chunk(0, { stats_records: [{ ...tablePartial(1), target: {} }] }, "c");
    expect(rootMessage(await success({ chunk_count: 1 }, "c"))).toBe("StatsTarget target is not set");
    await chunk(0, { stats_records: [{ ...tablePartial(1), target: null }] }, "d");
    expect((await success({ chunk_count: 1 }, "d")).code).toBe(0);
  });

  it("02 QUIRK 12.14: chunks of another account aren't seen", async () => {
    const { harness, epoch, chunk } = await chunkedWorker();
    await chunk(0, {});
    const request = {
      ...leaseOf(epoch),
      success: { result_id: "r1", chunk_count: 1, file_results: [fileResult()] },
    };
    const answer = await harness.client.call("executor", "SubmitLeasedFileGroupExecutionResult", request, {
      "x-floe-account": "other",
    });
    expect(answer.code).toBe(ABORTED);
  });

  it("02 §5.5, §6: a failure is stored, and shares its id with the success", async () => {
    const { harness, failure, success } = await chunkedWorker();
    expect((await failure(" boom ")).response).toEqual({ accepted: true });
    expect(harness.job().state).toBe("running");
    expect(harness.context.store.results.results("job-1")).toMatchObject([
      { filePath: F1, state: 2, message: "boom", artifact: { uri: "" } },
    ]);
    expect((await success({})).error?.message_key).toBe("idempotency.mismatch");
    expect((await success({}, "r2")).response).toEqual({ accepted: true });
  });
});
