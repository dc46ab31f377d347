/** 02 §13, execution payload (§4.6). */
import { describe, expect, it, test } from "vitest";
import {
  F1,
  F2,
  FAILED_PRECONDITION,
  type Harness,
  isFields,
  LEASE_LOST,
  leaseOf,
  NOT_FOUND,
  rootMessage,
  type Seed,
  seed,
  start,
  TABLE_ID,
} from "../../../test/support/control-plane/harness.ts";
import { ConnectorKind } from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { SNAPSHOT_METADATA_PROPERTY } from "./storage-location.ts";

const BOTH = ["inline", "chunked"] as const;

async function payload(generation: (typeof BOTH)[number], options: Seed = {}) {
  const harness = await start(generation);
  seed(harness, options);
  const epoch = await harness.leaseGroup();
  return { harness, epoch, answer: await get(harness, epoch) };
}

async function get(harness: Harness, epoch: string, jobId = "job-1") {
  return await harness.call("GetLeasedFileGroupExecution", leaseOf(epoch, jobId));
}

async function execution(generation: (typeof BOTH)[number], options: Seed = {}) {
  const { answer } = await payload(generation, options);
  const { execution: found } = answer.response;
  if (!isFields(found)) throw new Error(`no payload: ${answer.message}`);
  return found;
}

describe.each(BOTH)("02 §13 %s", (generation) => {
  test("02 E1: the group's paths come from the parent's plan", async () => {
    const { answer, epoch } = await payload(generation, { groups: [[` ${F1} `, " ", F2, F2]] });
    expect(answer.response.execution).toMatchObject({
      job_id: "job-1",
      lease_epoch: epoch,
      parent_job_id: "parent",
      source_namespace: "cat.sales",
      source_table: "orders",
      table_id: TABLE_ID,
      snapshot_id: "55",
      plan_id: "plan-1",
      group_id: "group-1",
      file_paths: [F1, F2, F2],
    });
  });

  test("02 E2: a group that the plan lacks", async () => {
    const { answer } = await payload(generation, { job: { group: { planId: "plan-1", groupId: "other" } } });
    expect(answer.code).toBe(FAILED_PRECONDITION);
    expect(rootMessage(answer)).toBe(
      "FAILED_PRECONDITION: planned file group could not be resolved from parent snapshot plan",
    );
  });

  test("02 E3, §4.6: the policy with its defaults, enabled columns once each", async () => {
    const column = { selector: " a ", captureStats: true, captureIndex: false };
    const found = await execution(generation, {
      policy: {
        columns: [
          column,
          { ...column, selector: "a" },
          { selector: "b", captureStats: false, captureIndex: false },
          { selector: " ", captureStats: true, captureIndex: true },
        ],
        outputs: [2, 4, 2],
        defaultColumnScope: 0,
        maxDefaultColumns: 0,
      },
    });
    expect(found.capture_policy).toMatchObject({
      columns: [{ selector: "a", capture_stats: true, capture_index: false }],
      outputs: ["CO_FILE_STATS", "CO_PARQUET_PAGE_INDEX"],
      default_column_scope: "DCS_FIRST_N",
      max_default_columns: 32,
    });
  });

  test("02 §4.6 step 10: no policy", async () => {
    const { answer } = await payload(generation, { policy: "none" });
    expect(rootMessage(answer)).toBe("capture policy is required for capture reconcile modes");
    const empty = await execution(generation, { policy: "none", mode: 1 });
    expect(empty.capture_policy).toMatchObject({ outputs: [], columns: [] });
  });

  test("02 E4: a Delta table's location", async () => {
    const found = await execution(generation, { tableProperties: { storage_location: "s3://b/t" } });
    if (generation === "chunked") {
      expect(found).toMatchObject({
        source_connector: { kind: "CK_DELTA", properties: { storage_location: "s3://b/t" } },
        storage_location: "s3://b/t",
      });
    } else {
      expect(found).toMatchObject({
        source_connector: {
          properties: {
            "delta.table-root.hint.full-name": "cat.sales.orders",
            "delta.table-root.hint.location": "s3://b/t",
          },
        },
      });
    }
  });

  test("02 §4.6 step 2: a lost lease is told by text", async () => {
    const { harness, epoch } = await payload(generation);
    const stale = await get(harness, "stale");
    expect(stale.code).toBe(FAILED_PRECONDITION);
    expect(stale.error).toMatchObject({ code: "MC_PRECONDITION_FAILED", message: "Precondition failed." });
    expect(rootMessage(stale)).toBe(LEASE_LOST);
    expect(rootMessage(await get(harness, epoch, "nobody"))).toBe(LEASE_LOST);
  });

  test("02 §4.6: reading renews the lease", async () => {
    const { harness, epoch } = await payload(generation);
    await harness.clock.advance(5000);
    await get(harness, epoch);
    const { leaseMs } = harness.context.limits;
    expect(harness.context.store.leases.get("job-1")?.expiresAtMs).toBe(harness.clock.nowMs() + leaseMs);
  });

  test("02 §4.6 step 4: another kind of job", async () => {
    const { answer } = await payload(generation, { job: { kind: "exec-file-group", group: undefined } });
    expect(rootMessage(answer)).toBe("FAILED_PRECONDITION: reconcile job is not an EXEC_FILE_GROUP job");
  });

  test("02 §4.6 steps 7–9, QUIRK 12.9: what the catalog lacks, with a literal {id}", async () => {
    const { harness, epoch } = await payload(generation, {
      job: { snapshot: { tableId: "gone", snapshotId: 55n } },
    });
    const table = await get(harness, epoch);
    expect(table.code).toBe(NOT_FOUND);
    expect(table.error).toMatchObject({
      code: "MC_NOT_FOUND",
      message_key: "table",
      message: "Table not found: {id}.",
      params: { table_id: "gone" },
    });
    const { catalog } = harness.context.store;
    const entry = catalog.table("acct", "table-1");
    if (entry === undefined) throw new Error("no table");
    catalog.putTable({ ...entry, tableId: "gone", connectorId: "" });
    expect(rootMessage(await get(harness, epoch))).toBe(
      "FAILED_PRECONDITION: table upstream connector metadata is required for file-group execution",
    );
    catalog.putTable({ ...entry, tableId: "gone", connectorId: "nobody" });
    expect((await get(harness, epoch)).error).toMatchObject({
      message: "Connector not found: {id}.",
      params: { connector_id: "nobody" },
    });
  });
});

it.each([
  [
    "02 E5: the metadata of an Iceberg snapshot",
    { [SNAPSHOT_METADATA_PROPERTY]: "s3://b/wh/t/metadata/v3.metadata.json" },
    "s3://b/wh/t",
  ],
  [
    "02 §4.6: properties before everything else",
    { location: " ", "external.location": " s3://b/x " },
    "s3://b/x",
  ],
  ["02 §4.6: a Delta log's folder", { source_metadata_location: "s3://b/t/_delta_log" }, "s3://b/t"],
  ["02 §4.6: the upstream uri at last", {}, "s3://bucket/data"],
])("%s", async (_, tableProperties, expected) => {
  const found = await execution("chunked", { tableProperties, connectorKind: ConnectorKind.CK_ICEBERG });
  expect(found.storage_location).toBe(expected);
});
