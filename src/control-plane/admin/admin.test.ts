/** The admin service: tables in, their state, their results. Only what a worker delivers is made up. */
import { cp, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import {
  artifact,
  fileRecord,
  fileResult,
  type Harness,
  isFields,
  leaseOf,
  start,
  tablePartial,
  temporaryFolder,
} from "../../../test/support/control-plane/harness.ts";
import type { Fields } from "../../../test/support/control-plane/independent-client.ts";
import { connectAdmin, type EnqueuedTable, type TableProgress } from "../client.ts";

const BOTH = ["inline", "chunked"] as const;
const DEMO = resolve("demo/orders");
const signal = new AbortController().signal;

/** Leases the next group and reports a success for every file of it. */
async function workGroup(harness: Harness, table: EnqueuedTable): Promise<Fields> {
  const { response } = await harness.call("LeaseReconcileJob", { job_kinds: ["RJK_EXEC_FILE_GROUP"] });
  if (!isFields(response.job)) throw new Error("nothing to lease");
  const lease = leaseOf(String(response.job.lease_epoch), String(response.job.job_id));
  const payload = (await harness.call("GetLeasedFileGroupExecution", lease)).response.execution;
  if (!isFields(payload) || !Array.isArray(payload.file_paths)) throw new Error("no payload");
  const table_id = { account_id: table.accountId, id: table.tableId, kind: "RK_TABLE" };
  const ids = { table_id, snapshot_id: String(table.snapshotId) };
  const content = {
    stats_records: [
      { ...tablePartial(1), ...ids },
      ...payload.file_paths.map((path) => fileRecord(path, ids)),
    ],
    index_artifacts: payload.file_paths.map((path) => artifact(path, {}, ids)),
  };
  const submit = (outcome: Fields) =>
    harness.call("SubmitLeasedFileGroupExecutionResult", { ...lease, ...outcome });
  if (harness.generation === "inline") {
    const answer = await submit({ success: { result_id: "r", ...content } });
    expect(answer.code).toBe(0);
    await harness.call("CompleteLeasedReconcileJob", { ...lease, state: "RCS_SUCCEEDED" });
  } else {
    expect((await submit({ chunk: { result_id: "r", ...content } })).code).toBe(0);
    const file_results = payload.file_paths.map((path) => fileResult(path));
    expect((await submit({ success: { result_id: "r", chunk_count: 1, file_results } })).code).toBe(0);
  }
  return payload;
}

/** Of a capture with this selection, oldest first. */
async function plannedSnapshots(harness: Harness, { tableId }: EnqueuedTable, selection: Fields) {
  const scope = {
    connector_id: { id: tableId, kind: "RK_CONNECTOR" },
    capture_policy: { outputs: ["CO_FILE_STATS"] },
    snapshot_selection: selection,
  };
  const request = { scope, mode: "CM_CAPTURE_ONLY" };
  const { response } = await harness.client.call("control", "StartCapture", request);
  await harness.maintenance.runExecutors();
  const jobId = String(response.job_id);
  expect(harness.job(jobId)).toMatchObject({ state: "waiting", message: "Planned" });
  const snapshots = harness.store.jobs.children(jobId).map(({ snapshot }) => snapshot?.snapshotId);
  return [...new Set(snapshots)].sort((a = 0n, b = 0n) => (a < b ? -1 : 1));
}

describe.each(BOTH)("%s", (generation) => {
  test("a Delta table: its plan, its progress, its result", async () => {
    const harness = await start(generation);
    const admin = connectAdmin(harness.url);
    const table = await admin.enqueue({ tableUri: `${DEMO}/`, filesPerGroup: 2 }, { signal });
    expect(table).toMatchObject({ snapshotId: 2n, fileCount: 3, groupCount: 2, accountId: "acct" });
    const seen: TableProgress[] = [];
    const watched = (async () => {
      for await (const progress of admin.watch(table.jobId, { signal })) seen.push(progress);
    })();
    await expect(admin.readResult(table.jobId, { includeSidecars: true, signal }).next()).rejects.toThrow(
      /is waiting/,
    );
    await harness.clock.advance(10);
    const payload = await workGroup(harness, table);
    expect(payload).toMatchObject({
      source_namespace: "local",
      source_table: "orders",
      source_connector: {
        kind: "CK_DELTA",
        properties: { "delta.source": "filesystem", "delta.table-root": `file://${DEMO}` },
        auth: { scheme: "none" },
      },
      capture_policy: { default_column_scope: "DCS_ALL", outputs: { length: 4 } },
      group_id: "snapshot-2-group-0",
    });
    expect(payload.file_paths).toHaveLength(2);
    await workGroup(harness, table);
    await harness.maintenance.runExecutors();
    const lastState = async () => {
      await harness.clock.advance(100);
      return seen.at(-1)?.state;
    };
    await expect.poll(lastState).toBe("succeeded");
    await watched;
    expect(seen[0]).toMatchObject({ state: "queued", groupCount: 2, fileCount: 3, groupsFinished: 0 });
    expect(seen.at(-1)).toMatchObject({ state: "succeeded", groupsFinished: 2, filesFinished: 3 });

    const kinds: string[] = [];
    const contents: Uint8Array[] = [];
    for await (const item of admin.readResult(table.jobId, { includeSidecars: true, signal })) {
      kinds.push(item.kind);
      if (item.kind === "artifact") contents.push(item.content);
      if (item.kind === "header") {
        expect(item).toMatchObject({
          generation,
          tableUri: `file://${DEMO}`,
          snapshotId: 2n,
          statsRecordCount: 4,
          indexArtifactCount: 3,
        });
      }
    }
    expect(kinds).toEqual(["header", "stats", "stats", "stats", "stats", "artifact", "artifact", "artifact"]);
    expect(contents.map((content) => Buffer.from(content).toString())).toEqual([
      "sidecar",
      "sidecar",
      "sidecar",
    ]);
  });

  test("decision 37: bare Parquet travels as delta.source=parquet, snapshot 0", async () => {
    const harness = await start(generation);
    const folder = join(await temporaryFolder(), "lake");
    await mkdir(folder);
    for (const day of ["01", "02"]) {
      await cp(join(DEMO, `orders-2026-03-${day}.parquet`), join(folder, `${day}.parquet`));
    }
    const admin = connectAdmin(harness.url);
    const table = await admin.enqueue({ tableUri: folder }, { signal });
    expect(table).toMatchObject({ snapshotId: 0n, fileCount: 2, groupCount: 1 });
    await harness.clock.advance(10);
    expect(await workGroup(harness, table)).toMatchObject({
      source_connector: {
        kind: "CK_DELTA",
        properties: { "delta.source": "parquet", "delta.table-root": `file://${folder}` },
      },
    });
  });

  test("the policy, the ids and the options are the caller's", async () => {
    const harness = await start(generation);
    const admin = connectAdmin(harness.url);
    const table = await admin.enqueue(
      {
        tableUri: DEMO,
        format: "delta",
        snapshotId: 1n,
        outputs: ["file", "page-index"],
        columns: [{ selector: "#3", captureStats: true, captureIndex: false }],
        columnScope: "first-n",
        maxDefaultColumns: 5,
        fullRescan: true,
        properties: { "stats.ndv.enabled": "true" },
        accountId: "mine",
        tableId: "orders-id",
      },
      { signal },
    );
    expect(table).toMatchObject({ snapshotId: 1n, accountId: "mine", tableId: "orders-id" });
    await harness.clock.advance(10);
    const { response } = await harness.call("LeaseReconcileJob", {});
    expect(response.job).toMatchObject({
      full_rescan: true,
      connector_id: { account_id: "mine" },
      scope: { destination_table_id: "orders-id" },
    });
    const job = isFields(response.job) ? response.job : {};
    const lease = leaseOf(String(job.lease_epoch), String(job.job_id));
    expect((await harness.call("GetLeasedFileGroupExecution", lease)).response.execution).toMatchObject({
      table_id: { account_id: "mine", id: "orders-id", kind: "RK_TABLE" },
      source_connector: { properties: { "stats.ndv.enabled": "true" } },
      capture_policy: {
        columns: [{ selector: "#3", capture_stats: true, capture_index: false }],
        outputs: ["CO_FILE_STATS", "CO_PARQUET_PAGE_INDEX"],
        default_column_scope: "DCS_FIRST_N",
        max_default_columns: 5,
      },
    });
  });

  test("02 §8: StartCapture plans the snapshots that it names", async () => {
    const harness = await start(generation);
    const admin = connectAdmin(harness.url);
    const table = await admin.enqueue({ tableUri: DEMO, outputs: ["page-index"] }, { signal });
    const scope = {
      connector_id: { id: table.tableId, kind: "RK_CONNECTOR" },
      capture_policy: { outputs: ["CO_PARQUET_PAGE_INDEX"] },
      snapshot_selection: { kind: "SSK_EXPLICIT", snapshot_ids: ["0", "1"] },
    };
    const request = { scope, mode: "CM_CAPTURE_ONLY" };
    const { response } = await harness.client.call("control", "StartCapture", request);
    await harness.maintenance.runExecutors();
    const jobId = String(response.job_id);
    expect(harness.job(jobId)).toMatchObject({ state: "waiting", message: "Planned" });
    const plans = harness.store.jobs.children(jobId);
    expect(new Set(plans.map((plan) => plan.snapshot?.snapshotId))).toEqual(new Set([0n, 1n]));
    for (const plan of plans) harness.engine.cancel(plan.jobId, "stop");
    await harness.clock.advance(6000);
    await harness.maintenance.tick();
    await harness.maintenance.runExecutors();
    expect(harness.job(jobId)).toMatchObject({ state: "cancelled", message: "stop" });
  });

  test.each([
    ["SSK_CURRENT", {}, [2n]],
    ["SSK_LATEST_N", { latest_n: 2 }, [1n, 2n]],
    ["SSK_LATEST_N", { latest_n: 9 }, [0n, 1n, 2n]],
    ["SSK_ALL", {}, [0n, 1n, 2n]],
  ])(
    "02 §8: StartCapture with %s %j plans the snapshots that the table has",
    async (kind, more, expected) => {
      const harness = await start(generation);
      const table = await connectAdmin(harness.url).enqueue(
        { tableUri: DEMO, snapshotId: 0n, outputs: ["file"] },
        { signal },
      );
      expect(await plannedSnapshots(harness, table, { kind, ...more })).toEqual(expected);
    },
  );

  test("a capture that has ended is retried for the same snapshot, from any job of it", async () => {
    const harness = await start(generation);
    const admin = connectAdmin(harness.url);
    const table = await admin.enqueue({ tableUri: DEMO, snapshotId: 1n, outputs: ["file"] }, { signal });
    await expect(admin.retry(table.jobId, { signal })).rejects.toThrow(/is waiting: cancel it first/);
    harness.engine.cancel(table.jobId, "stop");
    await harness.clock.advance(6000);
    await harness.maintenance.tick();
    await harness.maintenance.runExecutors();
    const [plan] = harness.store.jobs.children(table.jobId);
    const retried = await admin.retry(plan?.jobId ?? "", { signal });
    expect(retried).not.toBe(table.jobId);
    await harness.maintenance.runExecutors();
    expect(harness.job(retried)).toMatchObject({ state: "waiting", message: "Planned" });
    expect(harness.store.jobs.children(retried)).toMatchObject([{ snapshot: { snapshotId: 1n } }]);
    await expect(admin.retry("nobody", { signal })).rejects.toThrow(/no job nobody/);
  });

  test("a capture that can't be planned fails with the reason", async () => {
    const harness = await start(generation);
    const admin = connectAdmin(harness.url);
    const table = await admin.enqueue({ tableUri: DEMO }, { signal });
    const scope = {
      connector_id: { id: table.tableId, kind: "RK_CONNECTOR" },
      capture_policy: { outputs: ["CO_FILE_STATS"] },
      snapshot_selection: { kind: "SSK_EXPLICIT", snapshot_ids: ["99"] },
    };
    const { response } = await harness.client.call("control", "StartCapture", {
      scope,
      mode: "CM_CAPTURE_ONLY",
    });
    await harness.maintenance.runExecutors();
    expect(harness.job(String(response.job_id))).toMatchObject({
      state: "failed",
      message: expect.stringContaining("Cannot load table version 99"),
    });
  });
});

it.each([
  ["a table that isn't there", { tableUri: "/nowhere/at/all" }, /\[not_found\]/],
  ["a snapshot that isn't there", { tableUri: DEMO, snapshotId: 99n }, /99/],
  ["a relative path", { tableUri: "demo/orders" }, /\[invalid_argument\]/],
  ["nothing", { tableUri: " " }, /an empty URI names no table/],
  ["a store that is not supported", { tableUri: "abfss://c@a/t" }, /\[invalid_argument\]/],
])("%s is refused in words, and nothing is stored", async (_, request, text) => {
  const harness = await start("chunked");
  await expect(connectAdmin(harness.url).enqueue(request, { signal })).rejects.toThrow(text);
  expect(harness.store.jobs.unfinished()).toEqual([]);
});

it("a job that nobody knows", async () => {
  const harness = await start("chunked");
  const admin = connectAdmin(harness.url);
  await expect(admin.watch("nobody", { signal }).next()).rejects.toThrow(/no job nobody/);
  await expect(admin.readResult("nobody", { includeSidecars: false, signal }).next()).rejects.toThrow(
    /no job nobody/,
  );
});

test("02 §8: the latest snapshots of an Iceberg table are the latest by their time", async () => {
  const harness = await start("chunked");
  // A table of pyiceberg, whose paths begin with `s3://fixtures`.
  const testRoot = resolve("test/fixtures/data/iceberg");
  const table = await connectAdmin(harness.url).enqueue(
    {
      tableUri: "s3://fixtures/evolved",
      outputs: ["file"],
      properties: { "fs.floecat.test-root": testRoot },
    },
    { signal },
  );
  const latest = await plannedSnapshots(harness, table, { kind: "SSK_LATEST_N", latest_n: 1 });
  expect(latest).toEqual([table.snapshotId]);
  const all = await plannedSnapshots(harness, table, { kind: "SSK_ALL" });
  expect(all.length).toBeGreaterThan(1);
});
