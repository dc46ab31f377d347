/** 02 §7, 07 §10: finalisation of snapshots, end to end but for the capture. */
import { describe, expect, it, test } from "vitest";
import {
  ACCOUNT,
  F1,
  F2,
  fileRecord,
  fileResult,
  type Harness,
  leaseOf,
  type Seed,
  seed,
  start,
  TABLE_ID,
  tablePartial,
} from "../../../test/support/control-plane/harness.ts";
import type { Fields } from "../../../test/support/control-plane/independent-client.ts";
import { seedPlan } from "../../../test/support/control-plane/seed-plan.ts";

const KEY = { accountId: ACCOUNT, tableId: "table-1", snapshotId: 55n };
const RECORD = "ai.floedb.floecat.catalog.TargetStatsRecord";

function stored(harness: Harness, storageId: string, publication = ""): Fields | undefined {
  const bytes = harness.context.store.statistics.get(KEY, publication, storageId);
  return bytes && harness.client.decode(RECORD, bytes);
}

function finalizer(harness: Harness) {
  return harness.context.store.jobs
    .children("parent")
    .find((job) => job.kind === "finalize-snapshot-capture");
}

function columnRecord(columnId: number, scalar: Fields): Fields {
  return {
    table_id: TABLE_ID,
    snapshot_id: "55",
    target: { column: { column_id: String(columnId) } },
    metadata: { producer: "SPROD_SOURCE_NATIVE" },
    scalar: { row_count: "3", logical_type: "INT", ...scalar },
  };
}

describe("02 §7 chunked", () => {
  async function groups(options: Seed, partials: readonly (readonly Fields[])[]): Promise<Harness> {
    const harness = await start("chunked");
    seed(harness, options);
    for (const [index, records] of partials.entries()) {
      const epoch = await harness.leaseGroup();
      const submit = (outcome: Fields) =>
        harness.call("SubmitLeasedFileGroupExecutionResult", {
          ...leaseOf(epoch, `job-${index + 1}`),
          ...outcome,
        });
      await submit({ chunk: { result_id: "r", stats_records: records } });
      const path = options.groups?.[index]?.[0] ?? F1;
      await submit({ success: { result_id: "r", chunk_count: 1, file_results: [fileResult(path)] } });
    }
    await harness.maintenance.runExecutors();
    return harness;
  }

  it("07 §10: the groups' partials become the snapshot's TABLE and COLUMN", async () => {
    const column = (min: string, max: string) => columnRecord(5, { min, max, null_count: "1" });
    const harness = await groups({ groups: [[F1], [F2]] }, [
      [tablePartial(3), column("-3", "9"), fileRecord()],
      [tablePartial(4), column("10", "7000"), fileRecord(F2)],
    ]);
    expect(finalizer(harness)).toMatchObject({
      state: "succeeded",
      executorId: "embedded_snapshot_finalizer",
    });
    expect(stored(harness, "table")).toMatchObject({
      table: { row_count: "7", data_file_count: "2", total_size_bytes: "20" },
    });
    expect(stored(harness, "column-0000000000000000005")).toMatchObject({
      scalar: { row_count: "6", null_count: "2", min: "-3", max: "7000" },
    });
    expect(harness.job("parent").state).toBe("succeeded");
    expect(harness.job("root")).toMatchObject({ state: "succeeded", message: "Succeeded" });
  });

  it("07 §9.4: what one group alone says of distinct values stays as it came", async () => {
    const metadata = { producer: "SPROD_SOURCE_NATIVE", captured_at: { seconds: "7", nanos: 0 } };
    const ndv = {
      exact: "4",
      sketches: [
        { role: "SKETCH_ROLE_NDV", sketch_type: "hll", data: Uint8Array.of(2), params: { lg: "x" } },
      ],
    };
    const harness = await groups({}, [[fileRecord(), { ...columnRecord(5, { ndv }), metadata }]]);
    expect(stored(harness, "column-0000000000000000005")).toMatchObject({ metadata, scalar: { ndv } });
  });

  it("02 §7: no partial, no aggregate", async () => {
    const harness = await groups({}, [[fileRecord()]]);
    expect(finalizer(harness)?.state).toBe("succeeded");
    expect(stored(harness, "table")).toBeUndefined();
  });

  it("02 §7: without a statistics output nothing is rolled up", async () => {
    const harness = await groups({ policy: { outputs: [4] } }, [[tablePartial(1)]]);
    expect(finalizer(harness)?.state).toBe("succeeded");
    expect(stored(harness, "table")).toBeUndefined();
  });

  it("07 §10: a full rescan is published as a whole and keeps sketches that it has no new ones for", async () => {
    const harness = await start("chunked");
    seed(harness, { fullRescan: true });
    const { store } = harness.context;
    const sketch = { role: "SKETCH_ROLE_QUANTILES", sketch_type: "kll", data: Uint8Array.of(1) };
    const old = { ...columnRecord(5, {}), table_id: { ...TABLE_ID, kind: 4 }, metadata: null };
    store.statistics.put(KEY, "", {
      storageId: "column-0000000000000000005",
      filePath: undefined,
      record: harness.client.encode(RECORD, {
        ...old,
        scalar: { row_count: 1, sketches: [{ ...sketch, role: 4 }] },
      }),
    });
    const epoch = await harness.leaseGroup();
    const submit = (outcome: Fields) =>
      harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), ...outcome });
    await submit({ chunk: { result_id: "r", stats_records: [fileRecord(), columnRecord(5, {})] } });
    await submit({ success: { result_id: "r", chunk_count: 1, file_results: [fileResult()] } });
    await harness.maintenance.runExecutors();
    expect(store.statistics.activePublication(KEY)).toBe("full-rescan-parent");
    expect(stored(harness, "column-0000000000000000005", "full-rescan-parent")).toMatchObject({
      scalar: { row_count: "3", sketches: [sketch] },
    });
    expect(store.statistics.all(KEY, "")).toEqual([]);
  });

  it("02 §7: a file that failed inside a success ends the snapshot", async () => {
    const harness = await start("chunked");
    seed(harness);
    const epoch = await harness.leaseGroup();
    const success = { result_id: "r", file_results: [{ ...fileResult(), state: "RFRS_SKIPPED" }] };
    await harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), success });
    await harness.maintenance.runExecutors();
    const message =
      "Snapshot finalization found succeeded file-group jobs without persisted success results [plan-1/group-1]";
    expect(finalizer(harness)).toMatchObject({ state: "failed", message });
    expect(harness.job("root")).toMatchObject({ state: "failed", message });
  });

  it("a group that fails for good ends the table without a finalizer", async () => {
    const harness = await start("chunked");
    seed(harness, { groups: [[F1], [F2]] });
    const epochs = [await harness.leaseGroup(), await harness.leaseGroup()];
    const end = (index: number, fields: Fields) =>
      harness.call("CompleteLeasedReconcileJob", {
        ...leaseOf(epochs[index] ?? "", `job-${index + 1}`),
        ...fields,
      });
    await end(0, { state: "RCS_FAILED", failure_retry_disposition: "RFRD_TERMINAL", message: "boom" });
    expect(harness.job("root").state).toBe("waiting");
    await end(1, { state: "RCS_SUCCEEDED" });
    expect(finalizer(harness)).toBeUndefined();
    expect(harness.job("root")).toMatchObject({
      state: "failed",
      message: "Snapshot finalization blocked by failed file-group jobs [plan-1/group-1]",
    });
  });

  it("02 §8: GetFinalizedSnapshotStatus", async () => {
    const harness = await start("chunked");
    seed(harness);
    const status = async () =>
      (
        await harness.client.call("control", "GetFinalizedSnapshotStatus", {
          table_id: TABLE_ID,
          snapshot_id: "55",
        })
      ).response;
    expect(await status()).toMatchObject({ status: "FSS_PENDING", finalizer_job_id: "" });
    const epoch = await harness.leaseGroup();
    const success = { result_id: "r", file_results: [fileResult()] };
    await harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), success });
    await harness.maintenance.runExecutors();
    expect(await status()).toMatchObject({
      status: "FSS_FINALIZED",
      finalizer_job_id: finalizer(harness)?.jobId,
    });
  });
});

describe("02 §7 inline", () => {
  async function finished(options: Seed, records: readonly Fields[], extra: Fields = {}): Promise<Harness> {
    const harness = await start("inline");
    seed(harness, options);
    const epoch = await harness.leaseGroup();
    const success = { result_id: "r", stats_records: records, ...extra };
    await harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), success });
    await harness.call("CompleteLeasedReconcileJob", { ...leaseOf(epoch), state: "RCS_SUCCEEDED" });
    await harness.maintenance.runExecutors();
    return harness;
  }

  it("07 §9.5: TABLE and COLUMN from all FILE records of the snapshot", async () => {
    const file = (path: string, min: string): Fields => {
      const record = fileRecord(path);
      const columns = [{ column_id: "5", scalar: { row_count: "3", logical_type: "INT", min, max: min } }];
      return { ...record, file: { ...(isObject(record.file) ? record.file : {}), columns } };
    };
    const harness = await finished({ groups: [[F1, F2]] }, [file(F1, "9"), file(F2, "10")]);
    expect(finalizer(harness)?.state).toBe("succeeded");
    expect(stored(harness, "table")).toMatchObject({ table: { row_count: "6", data_file_count: "2" } });
    expect(stored(harness, "column-0000000000000000005")).toMatchObject({ scalar: { min: "9", max: "10" } });
    expect(harness.job("root").state).toBe("succeeded");
  });

  it("07 T62, §8.5: a COLUMN record that a worker completed its list with is dropped; the files alone say what the column is", async () => {
    const scalar = { row_count: "3", logical_type: "INT", min: "9", max: "9" };
    const base = fileRecord();
    const file = { ...(isObject(base.file) ? base.file : {}), columns: [{ column_id: "5", scalar }] };
    const ofConnector = [columnRecord(5, { row_count: "100", min: "0", max: "0" }), columnRecord(6, {})];
    const harness = await finished({}, [tablePartial(100), ...ofConnector, { ...base, file }]);
    expect(stored(harness, "table")).toMatchObject({ table: { row_count: "3" } });
    expect(stored(harness, "column-0000000000000000005")).toMatchObject({ scalar });
    expect(stored(harness, "column-0000000000000000006")).toBeUndefined();
  });

  it("02 I9: a planned file without its record", async () => {
    const harness = await finished({ groups: [[F1, F2]], policy: { outputs: [3] } }, [fileRecord()]);
    expect(finalizer(harness)).toMatchObject({
      state: "failed",
      message: `Snapshot finalization coverage mismatch missing=[${F2}]`,
    });
  });

  it("02 §7: a record of a file that isn't planned", async () => {
    const harness = await finished({}, [fileRecord(), fileRecord("s3://bucket/dv.bin")]);
    expect(finalizer(harness)?.message).toBe(
      "Snapshot finalization coverage mismatch unexpected=[s3://bucket/dv.bin]",
    );
  });

  it("02 §7: a manifest that can't be had is tried again", async () => {
    const harness = await finished({}, [], { file_stats_blob_uri: "/x.json", file_stats_record_count: 1 });
    expect(finalizer(harness)).toMatchObject({
      state: "queued",
      attempt: 1,
      message: "File-group stats blob ingest failed for snapshot 55: no blob at /x.json",
    });
    const record = harness.client.encode(RECORD, {
      table_id: { ...TABLE_ID, kind: 4 },
      snapshot_id: 55,
      target: { file: { file_path: F1 } },
      file: { file_path: F1, row_count: 8 },
    });
    const document = JSON.stringify({ records: [Buffer.from(record).toString("base64")] });
    await harness.context.store.blobs.write("/x.json", Buffer.from(document), "application/json");
    await harness.clock.advance(500);
    await harness.maintenance.runExecutors();
    expect(finalizer(harness)?.state).toBe("succeeded");
    expect(stored(harness, "table")).toMatchObject({ table: { row_count: "8" } });
  });

  it("02 §7: the finalizer waits for its groups without spending an attempt", async () => {
    const harness = await start("inline");
    seed(harness, { groups: [[F1], [F2]] });
    await harness.maintenance.runExecutors();
    expect(finalizer(harness)).toMatchObject({ state: "queued", attempt: 0 });
  });

  it("02 §7: a cancelled group cancels the finalizer", async () => {
    const harness = await start("inline");
    seed(harness);
    harness.context.engine.cancel("job-1", "stop");
    await harness.maintenance.runExecutors();
    expect(finalizer(harness)?.state).toBe("cancelled");
    expect(harness.job("root").state).toBe("cancelled");
  });
});

test.each(["inline", "chunked"] as const)(
  "07 §10 %s: an empty plan has a TABLE record of zeros",
  async (generation) => {
    const harness = await start(generation);
    seed(harness);
    const parent = seedPlan(harness, []);
    await harness.maintenance.runExecutors();
    expect(harness.job(parent).state).toBe("succeeded");
    expect(stored(harness, "table")).toMatchObject({
      table: { row_count: "0", data_file_count: "0", total_size_bytes: "0" },
      metadata: null,
    });
  },
);

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
