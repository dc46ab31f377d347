/** 02 §13, lease and queue: through gRPC, with an independent client and the test's clock. */
import { describe, expect, it, test } from "vitest";
import {
  isFields,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  seed,
  start,
} from "../../../test/support/control-plane/harness.ts";
import { developmentAuthenticator } from "../auth/index.ts";
import type { Interception } from "../index.ts";

const GROUP_KIND = { job_kinds: ["RJK_EXEC_FILE_GROUP"] };

describe.each(["inline", "chunked"] as const)("02 §13 %s", (generation) => {
  test("02 L1: a principal without the permission is refused before anything else", async () => {
    const harness = await start(generation, {
      authenticate: developmentAuthenticator({
        accountId: "acct",
        accountHeader: "x-floe-account",
        permissions: new Set(),
      }),
    });
    seed(harness);
    const answer = await harness.call("LeaseReconcileJob", {});
    expect(answer.code).toBe(PERMISSION_DENIED);
    expect(answer.error).toMatchObject({
      code: "MC_PERMISSION_DENIED",
      params: {
        root_message: "PERMISSION_DENIED: missing permissions: [reconcile-executor-control.internal]",
      },
    });
  });

  test("02 L2: an unpinned job of the default class", async () => {
    const harness = await start(generation);
    seed(harness);
    const { response } = await harness.call("LeaseReconcileJob", {
      execution_classes: ["EC_DEFAULT"],
      lanes: ["*"],
      executor_ids: ["w"],
      ...GROUP_KIND,
    });
    expect(response).toMatchObject({
      found: true,
      job: {
        job_id: "job-1",
        connector_id: { account_id: "acct", id: "connector-1", kind: "RK_CONNECTOR" },
        mode: "CM_CAPTURE_ONLY",
        pinned_executor_id: "",
        executor_id: "",
        kind: "RJK_EXEC_FILE_GROUP",
        parent_job_id: "parent",
        execution_policy: { execution_class: "EC_DEFAULT" },
        // 01 §4.3: the tasks of other kinds are not empty.
        table_task: { mode: "STRICT" },
        view_task: { mode: "STRICT" },
        snapshot_task: { snapshot_id: "18446744073709551615", completion_mode: "RSCM_FILE_GROUPS" },
        file_group_task: { plan_id: "plan-1", group_id: "group-1", table_id: "table-1", snapshot_id: "55" },
      },
    });
    expect(harness.job()).toMatchObject({ state: "running", message: "Leased" });
  });

  test("02 L3: class and pin must match", async () => {
    const harness = await start(generation);
    seed(harness, {
      job: {
        policy: { executionClass: 4, lane: "remote", attributes: {} },
        laneKey: "remote",
        pinnedExecutorId: "remote-executor",
      },
    });
    const ask = (executor: string) =>
      harness.call("LeaseReconcileJob", {
        execution_classes: ["EC_HEAVY"],
        lanes: ["remote"],
        executor_ids: [executor],
      });
    expect((await ask("other")).response).toMatchObject({ found: false });
    expect((await ask("remote-executor")).response).toMatchObject({ found: true });
  });

  test("02 L4: executor_id alone routes pins in inline only (QUIRK 12.7)", async () => {
    const harness = await start(generation);
    seed(harness, { job: { pinnedExecutorId: "pinned" } });
    const { response } = await harness.call("LeaseReconcileJob", { executor_id: "pinned" });
    expect(response.found).toBe(generation === "inline");
  });

  test("02 L5, QUIRK 12.6: a named lane is looked up as a lane key in chunked, as a policy lane in inline", async () => {
    const harness = await start(generation);
    seed(harness, { job: { policy: { executionClass: 1, lane: "my-lane", attributes: {} } } });
    const ask = async (lanes: string[]) =>
      (await harness.call("LeaseReconcileJob", { lanes, ...GROUP_KIND })).response.found;
    expect(await ask(["my-lane", "*"])).toBe(generation === "inline");
    expect(await ask(["file-group|table-1|55|group-1"])).toBe(generation === "chunked");
  });

  test("02 L6: two groups of one snapshot at once, with different epochs", async () => {
    const harness = await start(generation);
    seed(harness, { groups: [["a"], ["b"]] });
    const epochs = [await harness.leaseGroup(), await harness.leaseGroup()];
    expect(new Set(epochs).size).toBe(2);
    expect((await harness.call("LeaseReconcileJob", GROUP_KIND)).response.found).toBe(false);
  });

  test("02 §3.4: inline keeps two jobs of one group apart, chunked doesn't", async () => {
    const harness = await start(generation);
    seed(harness, { groups: [["a"], ["a"]], job: { laneKey: "file-group|table-1|55|group-1" } });
    await harness.leaseGroup();
    const second = await harness.call("LeaseReconcileJob", GROUP_KIND);
    expect(second.response.found).toBe(generation === "chunked");
  });

  test("02 §3.3: siblings are handed out in plan order", async () => {
    const harness = await start(generation);
    seed(harness, { groups: Array.from({ length: 12 }, (_, index) => [`file-${index}`]) });
    await harness.clock.advance(100);
    const order: string[] = [];
    for (let found = true; found; ) {
      const { response } = await harness.call("LeaseReconcileJob", GROUP_KIND);
      found = response.found === true;
      if (isFields(response.job)) order.push(String(response.job.job_id));
    }
    expect(order).toEqual(Array.from({ length: 12 }, (_, index) => `job-${index + 1}`));
  });

  test("02 §3.3: a job isn't handed out before it is due", async () => {
    const harness = await start(generation);
    seed(harness, { job: { nextAttemptAtMs: harness.clock.nowMs() + 1000 } });
    expect((await harness.call("LeaseReconcileJob", {})).response.found).toBe(false);
    await harness.clock.advance(1000);
    expect((await harness.call("LeaseReconcileJob", {})).response.found).toBe(true);
  });

  test("02 §3.2, QUIRK 12.12: kinds that nobody knows ask for every kind", async () => {
    const harness = await start(generation);
    seed(harness);
    const bytes = harness.client.encode("ai.floedb.floecat.reconciler.LeaseReconcileJobRequest", {
      job_kinds: [0, 99],
    });
    const path = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl/LeaseReconcileJob";
    const { body } = await harness.client.send(path, bytes);
    const type = "ai.floedb.floecat.reconciler.LeaseReconcileJobResponse";
    expect(harness.client.decode(type, body ?? new Uint8Array())).toMatchObject({ found: true });
    expect((await harness.call("LeaseReconcileJob", { job_kinds: ["RJK_PLAN_VIEW"] })).response.found).toBe(
      false,
    );
  });

  test("02 §3.2: an unspecified class counts as the default one", async () => {
    const harness = await start(generation);
    seed(harness);
    const ask = async (execution_classes: string[]) =>
      (await harness.call("LeaseReconcileJob", { execution_classes })).response.found;
    expect(await ask(["EC_BATCH"])).toBe(false);
    expect(await ask(["EC_UNSPECIFIED"])).toBe(true);
  });

  test("02 L10: an expired lease is reclaimed and handed out again with a new epoch", async () => {
    const harness = await start(generation, { limits: { leaseRenewGraceMs: 0, leaseMs: 1000 } });
    seed(harness);
    const first = await harness.leaseGroup();
    await harness.call("StartLeasedReconcileJob", { job_id: "job-1", lease_epoch: first, executor_id: "w" });
    expect(harness.job()).toMatchObject({ message: "Running", executorId: "w" });
    await harness.clock.advance(6000);
    await harness.maintenance.tick();
    expect(harness.job()).toMatchObject({
      state: "queued",
      message: "Lease expired; requeued",
      attempt: 1,
      executorId: "",
    });
    await harness.clock.advance(500);
    expect(await harness.leaseGroup()).not.toBe(first);
    const { response } = await harness.call("RenewReconcileLease", { job_id: "job-1", lease_epoch: first });
    expect(response).toEqual({ renewed: false, cancellation_requested: false });
  });

  test("02 L11: the last attempt that fails is final, with its message", async () => {
    const harness = await start(generation, { limits: { maxAttempts: 2 } });
    seed(harness);
    for (const message of ["first", "second"]) {
      const lease_epoch = await harness.leaseGroup();
      const request = { job_id: "job-1", lease_epoch, state: "RCS_FAILED", message, errors: "1" };
      expect((await harness.call("CompleteLeasedReconcileJob", request)).response.accepted).toBe(true);
      if (message === "first") {
        expect(harness.job()).toMatchObject({ state: "queued", message, attempt: 1 });
        await harness.clock.advance(500);
      }
    }
    expect(harness.job()).toMatchObject({ state: "failed", message: "second", attempt: 2 });
  });

  test("02 L12: an error that was overcome doesn't count in the end", async () => {
    const harness = await start(generation);
    seed(harness);
    const failed = { state: "RCS_FAILED", message: "boom", errors: "1" };
    const lease = async () => ({ job_id: "job-1", lease_epoch: await harness.leaseGroup() });
    await harness.call("CompleteLeasedReconcileJob", { ...(await lease()), ...failed });
    await harness.clock.advance(500);
    await harness.call("CompleteLeasedReconcileJob", { ...(await lease()), state: "RCS_SUCCEEDED" });
    const { response } = await harness.client.call("control", "GetReconcileJob", { job_id: "job-1" });
    expect(response).toMatchObject({ state: "JS_SUCCEEDED", errors: "0", message: "Succeeded" });
  });
});

it("02 L7: without a free scan permit, past the budget, or when the caller goes", async () => {
  let release = () => {};
  const harness = await start("chunked", {
    limits: { leaseMaxConcurrency: 1 },
    beforeScan: () => new Promise((resolve) => (release = resolve)),
  });
  seed(harness);
  const first = harness.call("LeaseReconcileJob", {});
  await expect.poll(() => harness.clock.sleepers).toBeGreaterThan(1);
  const second = harness.call("LeaseReconcileJob", {});
  await expect.poll(() => harness.clock.sleepers).toBeGreaterThan(2);
  await harness.clock.advance(250);
  const refused = await second;
  expect(refused.code).toBe(RESOURCE_EXHAUSTED);
  expect(refused.error).toMatchObject({
    code: "MC_RATE_LIMITED",
    params: { root_message: "RESOURCE_EXHAUSTED: reconcile lease scan capacity exhausted cap=1" },
  });
  await harness.clock.advance(8000);
  const late = await first;
  expect(late.error?.params.root_message).toBe(
    "RESOURCE_EXHAUSTED: reconcile lease scan deadline exceeded budget_ms=8000",
  );
  release();
});

it("02 L8: chunked ends a job whose connector is gone", async () => {
  const harness = await start("chunked");
  seed(harness);
  harness.context.store.catalog.removeConnector("acct", "connector-1");
  expect((await harness.call("LeaseReconcileJob", {})).response.found).toBe(false);
  expect(harness.job()).toMatchObject({ state: "cancelled", message: "connector deleted: connector-1" });
});

it("02 L9: a fault of the store is INTERNAL", async () => {
  const harness = await start("chunked", { log: { error() {} } });
  const { store } = harness.context;
  const queued = store.jobs.queued;
  Object.assign(store.jobs, {
    queued: () => {
      throw new Error("disk on fire");
    },
  });
  const answer = await harness.call("LeaseReconcileJob", {});
  Object.assign(store.jobs, { queued });
  expect(answer.code).toBe(13);
  expect(answer.error).toMatchObject({ code: "MC_INTERNAL" });
});

it("02 §3.3: chunked doesn't hand out a job below a cancelled one", async () => {
  const harness = await start("chunked");
  seed(harness);
  harness.context.engine.cancel("root", "enough");
  expect((await harness.call("LeaseReconcileJob", {})).response.found).toBe(false);
  expect(harness.job().state).toBe("queued");
  await harness.clock.advance(5000);
  await harness.maintenance.tick();
  expect(harness.job()).toMatchObject({ state: "cancelled", message: "enough" });
});

it("02 §3.3: with paged scans a call may find nothing although there is work", async () => {
  const harness = await start("chunked", { quirks: { pagedScans: true } });
  // 16 jobs of another class stand in front.
  seed(harness, { groups: Array.from({ length: 17 }, (_, index) => [`file-${index}`]) });
  const { engine, store } = harness.context;
  const front = Array.from({ length: 16 }, (_, index) => `job-${index + 1}`);
  for (const jobId of front) {
    const job = harness.job(jobId);
    engine.save({ ...job, policy: { ...job.policy, lane: "other" } });
  }
  const ask = async () => (await harness.call("LeaseReconcileJob", { lanes: [" "] })).response;
  expect(await ask()).toMatchObject({ found: false });
  expect(await ask()).toMatchObject({ found: true, job: { job_id: "job-17" } });
  // The end was reached: from the beginning again.
  expect(await ask()).toMatchObject({ found: false });
  expect(store.leases.liveCount(harness.clock.nowMs())).toBe(1);
});

it("01 §10.2: a call whose answer is lost has had its effect; a call that is refused hasn't", async () => {
  const faults = { before: "pass", after: "pass" } satisfies Record<string, Interception>;
  const set = (fault: Partial<Record<keyof typeof faults, Interception>>) => Object.assign(faults, fault);
  const harness = await start("chunked", {
    intercept: { before: async () => faults.before, after: async () => faults.after },
  });
  seed(harness, { groups: [["a"], ["b"]] });
  set({ before: "drop" });
  await expect(harness.call("LeaseReconcileJob", {})).rejects.toThrow();
  expect(harness.job("job-1").state).toBe("queued");
  set({ before: "pass", after: "drop" });
  await expect(harness.call("LeaseReconcileJob", {})).rejects.toThrow();
  expect(harness.job("job-1").state).toBe("running");
  set({ after: "pass" });
  expect((await harness.call("LeaseReconcileJob", {})).response).toMatchObject({ job: { job_id: "job-2" } });
});
