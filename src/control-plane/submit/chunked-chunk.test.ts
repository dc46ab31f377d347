/** 02 §13, chunks of the chunked generation. */
import { describe, expect, it } from "vitest";
import {
  chunkedWorker,
  fileOf,
  KEY,
  rowCount,
  withRows,
} from "../../../test/support/control-plane/chunked-worker.ts";
import {
  ABORTED,
  artifact,
  F1,
  fileRecord,
  fileResult,
  INVALID_ARGUMENT,
  leaseOf,
  rootMessage,
  tablePartial,
} from "../../../test/support/control-plane/harness.ts";

describe("02 §5.3 chunks", () => {
  it("02 S1: a chunk stores nothing on the job; the success ends it", async () => {
    const { harness, chunk, success } = await chunkedWorker();
    expect((await chunk(0, { stats_records: [tablePartial(1)] })).response).toEqual({ accepted: true });
    expect(harness.context.store.results.partials("job-1")).toEqual([]);
    const answer = await success({ chunk_count: 1, file_results: [fileResult(F1, 3)] });
    expect(answer.response).toEqual({ accepted: true });
    expect(harness.job()).toMatchObject({ state: "succeeded", counters: { statsProcessed: 3n } });
    expect(harness.context.store.results.partials("job-1")).toHaveLength(1);
    expect(harness.context.store.leases.get("job-1")).toBeUndefined();
  });

  it("02 S2: of an incremental capture the first record of a file stays", async () => {
    const { chunk, stored } = await chunkedWorker();
    await chunk(0, { stats_records: [withRows(1)] });
    expect((await chunk(1, { stats_records: [withRows(2)] })).code).toBe(0);
    expect(rowCount(stored(F1))).toBe("1");
  });

  it("02 S3: a record of another snapshot", async () => {
    const { chunk, stored } = await chunkedWorker();
    const answer = await chunk(0, { stats_records: [fileRecord(F1, { snapshot_id: "56" })] });
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe("target stats replacement record belongs to a different table snapshot");
    expect(stored(F1)).toBeUndefined();
  });

  it("02 §5.3: the target of an incremental record is repaired, a blank path isn't", async () => {
    const { chunk, stored } = await chunkedWorker();
    await chunk(0, { stats_records: [fileRecord(F1, { target: { table: {} }, properties: { a: "b" } })] });
    expect(stored(F1)).toMatchObject({ target: { file: { file_path: F1 } }, properties: {} });
    const answer = await chunk(1, { stats_records: [fileRecord(" ")] });
    expect(rootMessage(answer)).toBe("filePath must not be blank");
  });

  it("02 §5.3: the same file twice in a chunk, equal but for names and times, or different", async () => {
    const { chunk } = await chunkedWorker();
    const column = (display_name: string) => ({
      ...fileRecord(),
      file: { ...fileOf(fileRecord()), columns: [{ column_id: "1", scalar: { display_name } }] },
    });
    expect((await chunk(0, { stats_records: [column("a"), column("b")] })).code).toBe(0);
    const answer = await chunk(1, { stats_records: [withRows(1), withRows(2)] });
    expect(answer.code).toBe(ABORTED);
    expect(answer.error).toMatchObject({ code: "MC_CONFLICT", message: "Conflict detected." });
  });

  it("02 §5.3: the stored form has its lists in order", async () => {
    const { chunk, stored } = await chunkedWorker();
    const columns = [{ column_id: "2" }, { column_id: "-1" }];
    const file = { ...fileOf(fileRecord()), columns, equality_field_ids: [3, 1], snapshot_id: "7" };
    await chunk(0, { stats_records: [{ ...fileRecord(), file }] });
    expect(stored(F1)?.file).toMatchObject({
      snapshot_id: "55",
      equality_field_ids: [1, 3],
      columns: [{ column_id: "-1" }, { column_id: "2" }],
    });
  });

  it("02 S13: an artifact without content whose blob isn't there keeps its etag", async () => {
    const { harness, chunk } = await chunkedWorker();
    const uri = "s3://floescan-sidecars/x.parquet";
    const sent = artifact(F1, { content: Buffer.alloc(0) }, { artifact_uri: uri, content_etag: "" });
    expect((await chunk(0, { index_artifacts: [sent] })).code).toBe(0);
    expect(harness.context.store.blobs.stat(uri)).toBeUndefined();
    const [stored] = harness.context.store.statistics.artifacts(KEY);
    const type = "ai.floedb.floecat.catalog.IndexArtifactRecord";
    expect(harness.client.decode(type, stored?.record ?? new Uint8Array()).content_etag).toBe("");
  });

  it("02 §5.3: content goes under the artifact's uri, and its etag into the record", async () => {
    const { harness, chunk } = await chunkedWorker();
    await chunk(0, { index_artifacts: [artifact(F1, { content_type: " " })] });
    const { blobs, statistics } = harness.context.store;
    const uri = `accounts/acct/tables/table-1/index-sidecars/${encodeURIComponent(F1)}.parquet`;
    expect(blobs.stat(`/${uri}`)).toMatchObject({ contentType: "application/x-parquet", size: 7 });
    expect(Buffer.from((await blobs.read(uri)) ?? []).toString()).toBe("sidecar");
    const [stored] = statistics.artifacts(KEY);
    const type = "ai.floedb.floecat.catalog.IndexArtifactRecord";
    expect(harness.client.decode(type, stored?.record ?? new Uint8Array()).content_etag).toBe(
      blobs.stat(uri)?.etag,
    );
  });

  it.each([
    [
      "02 S14: neither content nor uri",
      artifact(F1, { content: Buffer.alloc(0) }, { artifact_uri: " " }),
      "inline index artifact content is required when artifact_uri is blank",
    ],
    ["02 §5.3: no target", artifact(F1, {}, { target: null }), "target must be set on IndexArtifactRecord"],
    [
      "02 §5.3: no table",
      artifact(F1, {}, { table_id: null }),
      "table_id must be set on IndexArtifactRecord",
    ],
  ])("%s", async (_, sent, text) => {
    const { chunk } = await chunkedWorker();
    const answer = await chunk(0, { index_artifacts: [sent] });
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(answer)).toBe(text);
  });

  it("02 S15: the same chunk again is accepted, other bytes under its index are not", async () => {
    const { chunk } = await chunkedWorker();
    await chunk(0, { stats_records: [tablePartial(1)] });
    expect((await chunk(0, { stats_records: [tablePartial(1)] })).response).toEqual({ accepted: true });
    const answer = await chunk(0, { stats_records: [tablePartial(2)] });
    expect(answer.code).toBe(ABORTED);
    const key = "job-1:r1:chunk:0";
    expect(answer.error).toMatchObject({
      code: "MC_CONFLICT",
      message_key: "idempotency.mismatch",
      message: `Idempotency key mismatch for SubmitLeasedFileGroupExecutionResult: key=${key}.`,
      params: { op: "SubmitLeasedFileGroupExecutionResult", key },
    });
  });

  it("02 §5.3: an index that the peer reads as negative counts as 0", async () => {
    const { chunk } = await chunkedWorker();
    await chunk(0, { stats_records: [tablePartial(1)] });
    const answer = await chunk(2 ** 31, { stats_records: [tablePartial(2)] });
    expect(answer.error?.message_key).toBe("idempotency.mismatch");
  });

  it("02 §6: an expired chunk is forgotten", async () => {
    const { harness, chunk, success, epoch } = await chunkedWorker();
    await chunk(0, { stats_records: [tablePartial(1)] });
    for (let minute = 0; minute < 17; minute++) {
      await harness.clock.advance(60_000);
      await harness.call("RenewReconcileLease", leaseOf(epoch));
    }
    await harness.maintenance.tick();
    expect((await success({ chunk_count: 1 })).code).toBe(ABORTED);
  });
});
