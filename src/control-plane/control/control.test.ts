/** 02 §8: ReconcileControl. */
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it, test } from "vitest";
import {
  ACCOUNT,
  artifact,
  F1,
  F2,
  FAILED_PRECONDITION,
  fileRecord,
  fileResult,
  type Harness,
  INVALID_ARGUMENT,
  leaseOf,
  NOT_FOUND,
  PERMISSION_DENIED,
  rootMessage,
  seed,
  start,
  tablePartial,
} from "../../../test/support/control-plane/harness.ts";
import type { Fields } from "../../../test/support/control-plane/independent-client.ts";
import {
  ConnectorSchema,
  ConnectorState,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { developmentAuthenticator, type Permission } from "../auth/index.ts";

const BOTH = ["inline", "chunked"] as const;

const control = (harness: Harness, method: string, request: Fields) =>
  harness.client.call("control", method, request);

/** Leases job-1 and submits a success with one FILE record and one sidecar. */
async function succeed(harness: Harness): Promise<string> {
  const epoch = await harness.leaseGroup();
  const submit = (outcome: Fields) =>
    harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), ...outcome });
  const content = { stats_records: [fileRecord(), tablePartial(3)], index_artifacts: [artifact()] };
  if (harness.generation === "inline") {
    await submit({ success: { result_id: "r", ...content } });
    await harness.call("CompleteLeasedReconcileJob", { ...leaseOf(epoch), state: "RCS_SUCCEEDED" });
  } else {
    await submit({ chunk: { result_id: "r", ...content } });
    const indexed = { ...fileResult(), index_artifact: { artifact_uri: "/x", artifact_format: "parquet" } };
    await submit({ success: { result_id: "r", chunk_count: 1, file_results: [indexed] } });
  }
  return epoch;
}

describe.each(BOTH)("02 §8 %s", (generation) => {
  test("02 §8: a file group with its results", async () => {
    const harness = await start(generation);
    seed(harness);
    await succeed(harness);
    const { response } = await control(harness, "GetReconcileJob", { job_id: "job-1" });
    expect(response).toMatchObject({
      job_id: "job-1",
      connector_id: "connector-1",
      state: "JS_SUCCEEDED",
      kind: "RJK_EXEC_FILE_GROUP",
      parent_job_id: "parent",
      stats_processed: "1",
      file_groups_total: "1",
      file_groups_completed: "1",
      file_groups_failed: "0",
      files_total: "1",
      files_completed: "1",
      files_failed: "0",
      indexes_processed: "1",
      file_group_task: { file_paths: [F1], file_results: [{ file_path: F1, state: "RFRS_SUCCEEDED" }] },
    });
    const { file_group_task: task } = response;
    const partials =
      typeof task === "object" && task !== null ? Reflect.get(task, "partial_aggregate_records") : [];
    expect(partials ?? []).toHaveLength(generation === "chunked" ? 1 : 0);
  });

  test("02 §8: before a result, and after a failure", async () => {
    const harness = await start(generation);
    seed(harness, { groups: [[F1, F2]] });
    const counts = async () => (await control(harness, "GetReconcileJob", { job_id: "job-1" })).response;
    expect(await counts()).toMatchObject({
      state: "JS_QUEUED",
      started_at: { seconds: "0" },
      duration_ms: "0",
      files_total: "2",
      files_completed: "0",
      files_failed: "0",
    });
    const epoch = await harness.leaseGroup();
    await harness.clock.advance(70);
    expect(await counts()).toMatchObject({ state: "JS_RUNNING", duration_ms: "70" });
    const failed = { ...leaseOf(epoch), state: "RCS_FAILED", failure_retry_disposition: "RFRD_TERMINAL" };
    await harness.call("CompleteLeasedReconcileJob", failed);
    expect(await counts()).toMatchObject({ state: "JS_FAILED", file_groups_failed: "1", files_failed: "2" });
  });

  test("02 §8: an unknown job, and one of another account", async () => {
    const harness = await start(generation);
    seed(harness);
    const unknown = await control(harness, "GetReconcileJob", { job_id: "nobody" });
    expect(unknown.code).toBe(NOT_FOUND);
    expect(unknown.error).toMatchObject({ code: "MC_NOT_FOUND", message: "Job not found: nobody." });
    const foreign = await harness.client.call(
      "control",
      "GetReconcileJob",
      { job_id: "job-1" },
      { "x-floe-account": "other" },
    );
    expect(foreign.error?.message).toBe("Job not found: job-1.");
  });

  test("02 §1.3, §8: the permission for a worker's calls isn't enough", async () => {
    const permissions: ReadonlySet<Permission> = new Set(["reconcile-executor-control.internal"]);
    const options = { accountId: ACCOUNT, accountHeader: "x-floe-account", permissions };
    const harness = await start(generation, { authenticate: developmentAuthenticator(options) });
    const answer = await control(harness, "GetReconcileJob", { job_id: "x" });
    expect(answer.code).toBe(PERMISSION_DENIED);
    expect(rootMessage(answer)).toBe("PERMISSION_DENIED: missing permissions: [connector.manage]");
  });

  test("02 §8: pages of the list, newest first, by state and by root; counters are left at 0", async () => {
    const harness = await start(generation);
    seed(harness, { groups: [[F1], [F2]] });
    const ids = async (request: Fields) => {
      const { response } = await control(harness, "ListReconcileJobs", request);
      const jobs = Array.isArray(response.jobs) ? response.jobs : [];
      return { ids: jobs.map((job) => job.job_id), response, jobs };
    };
    expect((await ids({ roots_only: true })).ids).toEqual(["root"]);
    const queued = await ids({ states: ["JS_QUEUED", "JS_UNSPECIFIED"] });
    expect(queued.ids).toEqual(expect.arrayContaining(["job-1", "job-2"]));
    expect(queued.jobs[0]).toMatchObject({ files_total: "0" });
    expect((await ids({ connector_id: "other" })).ids).toEqual([]);
    const seen: string[] = [];
    let token = "";
    do {
      const { ids: page, response } = await ids({ page: { page_size: 2, page_token: token } });
      seen.push(...page);
      const next = response.page;
      token = typeof next === "object" && next !== null ? Reflect.get(next, "next_page_token") : "";
    } while (token !== "");
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(generation === "inline" ? 5 : 4);
  });

  test("02 §8: a tree is the job and everything below it", async () => {
    const harness = await start(generation);
    seed(harness);
    const { response } = await control(harness, "GetReconcileJobTree", { job_id: "root" });
    const jobs = Array.isArray(response.jobs) ? response.jobs.map((job) => job.job_id) : [];
    expect(jobs).toEqual(expect.arrayContaining(["root", "parent", "job-1"]));
  });

  test("02 §8: cancelling a file group that has ended isn't found, a plan that has ended stays", async () => {
    const harness = await start(generation);
    seed(harness);
    await succeed(harness);
    const group = await control(harness, "CancelReconcileJob", { job_id: "job-1" });
    expect(group.code).toBe(NOT_FOUND);
    await harness.maintenance.runExecutors();
    const { response } = await control(harness, "CancelReconcileJob", { job_id: "root" });
    expect(response).toMatchObject({ cancelled: false, job: { state: "JS_SUCCEEDED" } });
  });

  test("02 §8: StartCapture plans a known table again, once", async () => {
    const harness = await start(generation);
    seed(harness);
    const request = { scope: captureScope(), mode: "CM_CAPTURE_ONLY" };
    const first = await control(harness, "StartCapture", request);
    expect(first.code).toBe(0);
    const again = await control(harness, "StartCapture", request);
    expect(again.response.job_id).toBe(first.response.job_id);
    const other = await control(harness, "StartCapture", { ...request, full_rescan: true });
    expect(other.response.job_id).not.toBe(first.response.job_id);
    expect(harness.job(String(first.response.job_id))).toMatchObject({
      kind: "plan-connector",
      state: "queued",
    });
    // Nobody else is to have it.
    expect(
      (await harness.call("LeaseReconcileJob", { job_kinds: ["RJK_PLAN_CONNECTOR"] })).response.found,
    ).toBe(false);
  });
});

function captureScope(overrides: Fields = {}): Fields {
  return {
    connector_id: { account_id: "ignored", id: "connector-1", kind: "RK_CONNECTOR" },
    capture_policy: { outputs: ["CO_FILE_STATS"] },
    ...overrides,
  };
}

describe("02 §8 StartCapture, in the order of its checks", () => {
  const policy = { capture_policy: { outputs: ["CO_FILE_STATS"] } };
  const bad = (text: string) => ({ code: INVALID_ARGUMENT, root: text });
  const field = (name: string) => ({ code: INVALID_ARGUMENT, field: name });

  it.each<[string, Fields, { code: number; root?: string; field?: string; message?: string }]>([
    [
      "kind",
      { scope: { connector_id: { id: "x" } } },
      { code: INVALID_ARGUMENT, message: "Invalid kind for connector_id." },
    ],
    [
      "unknown connector",
      { scope: captureScope({ connector_id: { id: "x", kind: "RK_CONNECTOR" } }) },
      { code: NOT_FOUND, message: "Connector not found: x." },
    ],
    ["mode", { scope: captureScope(), mode: "CM_UNSPECIFIED" }, bad("capture mode must be specified")],
    ["policy", { scope: captureScope({ capture_policy: null }) }, field("scope.capture_policy")],
    ["outputs", { scope: captureScope({ capture_policy: {} }) }, field("scope.capture_policy.outputs")],
    [
      "an output",
      { scope: captureScope({ capture_policy: { outputs: ["CO_UNSPECIFIED"] } }) },
      bad("capture output is required"),
    ],
    [
      "table and namespaces",
      { scope: captureScope({ ...policy, destination_table_id: "t", destination_namespace_ids: ["n"] }) },
      bad("destinationTableId cannot be combined with destinationNamespaceIds"),
    ],
    [
      "latest",
      { scope: captureScope({ snapshot_selection: { kind: "SSK_LATEST_N" } }) },
      bad("LATEST_N requires latestN > 0 and no explicit ids"),
    ],
    [
      "explicit",
      { scope: captureScope({ snapshot_selection: { kind: "SSK_EXPLICIT" } }) },
      bad("EXPLICIT requires snapshotIds and cannot carry latestN"),
    ],
    ["view", { scope: captureScope({ destination_view_id: "v" }) }, field("scope.destination_view_id")],
    [
      "requests and namespaces",
      {
        scope: captureScope({
          destination_namespace_ids: ["n"],
          destination_capture_requests: [{ table_id: "t" }],
        }),
      },
      field("scope.destination_namespace_ids"),
    ],
  ])("02 §8: %s", async (_, request, expected) => {
    const harness = await start("chunked");
    seed(harness);
    const answer = await control(harness, "StartCapture", { mode: "CM_CAPTURE_ONLY", ...request });
    expect(answer.code).toBe(expected.code);
    if (expected.root !== undefined) expect(rootMessage(answer)).toBe(expected.root);
    if (expected.field !== undefined) expect(answer.error?.params.field).toBe(expected.field);
    if (expected.message !== undefined) expect(answer.message).toBe(expected.message);
  });

  it("02 §8: a connector that is paused", async () => {
    const harness = await start("chunked");
    seed(harness);
    const paused = create(ConnectorSchema, { state: ConnectorState.CS_PAUSED });
    harness.context.store.catalog.putConnector(ACCOUNT, "connector-1", toBinary(ConnectorSchema, paused));
    const answer = await control(harness, "StartCapture", { scope: captureScope(), mode: "CM_CAPTURE_ONLY" });
    expect(answer.code).toBe(FAILED_PRECONDITION);
    expect(answer.error?.params).toEqual({ field: "connector.state", state: "CS_PAUSED" });
  });

  it("02 §8: CaptureNow names the field of a mode that isn't there, and refuses to wait for nothing", async () => {
    const harness = await start("chunked");
    seed(harness);
    const mode = await control(harness, "CaptureNow", { scope: captureScope() });
    expect(mode.error?.params.field).toBe("mode");
    const wait = { scope: captureScope(), mode: "CM_CAPTURE_ONLY", max_wait: { seconds: "0" } };
    expect((await control(harness, "CaptureNow", wait)).error?.params.field).toBe("max_wait");
  });

  it("01 §4.6: CaptureNow waits for the end, but not longer than it is told", async () => {
    const harness = await start("chunked");
    seed(harness);
    const sleepers = harness.clock.sleepers;
    const request = { scope: captureScope(), mode: "CM_CAPTURE_ONLY", max_wait: { seconds: "3" } };
    const late = control(harness, "CaptureNow", request);
    await expect.poll(() => harness.clock.sleepers).toBeGreaterThan(sleepers);
    await harness.clock.advance(3000);
    expect((await late).code).toBe(4);
    const answer = control(harness, "CaptureNow", { ...request, max_wait: { seconds: "60" } });
    await expect.poll(() => harness.clock.sleepers).toBeGreaterThan(sleepers);
    const [job] = harness.context.store.jobs
      .activeOfConnector(ACCOUNT, "connector-1", "plan-connector")
      .filter((each) => each.state === "queued");
    harness.context.engine.cancel(job?.jobId ?? "", "stop");
    expect((await answer).code).toBe(0);
  });
});
