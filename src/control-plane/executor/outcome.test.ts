/** 02 §13, lease outcome: what Complete, Renew, Progress and Cancel do to a job. */
import { describe, expect, it, test } from "vitest";
import {
  type Harness,
  INVALID_ARGUMENT,
  leaseOf,
  seed,
  start,
} from "../../../test/support/control-plane/harness.ts";

const BOTH = ["inline", "chunked"] as const;

async function leased(
  generation: (typeof BOTH)[number],
  limits = {},
): Promise<{ harness: Harness; epoch: string }> {
  const harness = await start(generation, { limits });
  seed(harness);
  return { harness, epoch: await harness.leaseGroup() };
}

async function complete(harness: Harness, epoch: string, fields: object): Promise<unknown> {
  const request = { ...leaseOf(epoch), state: "RCS_SUCCEEDED", ...fields };
  return (await harness.call("CompleteLeasedReconcileJob", request)).response.accepted;
}

async function cancel(harness: Harness, reason: string, job_id = "job-1") {
  return await harness.client.call("control", "CancelReconcileJob", { job_id, reason });
}

const TERMINAL = { state: "RCS_FAILED", failure_retry_disposition: "RFRD_TERMINAL", message: "boom" };

describe.each(BOTH)("02 §13 %s", (generation) => {
  test("02 O1, §3.7: success, with the message of the server's own", async () => {
    const { harness, epoch } = await leased(generation);
    expect(await complete(harness, epoch, { message: "mine", stats_processed: "4", errors: "2" })).toBe(true);
    expect(harness.job()).toMatchObject({
      state: "succeeded",
      message: "Succeeded",
      counters: { statsProcessed: 4n, errors: 0n },
    });
    expect(harness.context.store.leases.get("job-1")).toBeUndefined();
  });

  test("02 O2: success of a job that is being cancelled cancels it, with the reason and the counters", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop");
    const counters = {
      tables_scanned: "3",
      tables_changed: "2",
      views_scanned: "1",
      snapshots_processed: "5",
      stats_processed: "7",
    };
    expect(await complete(harness, epoch, counters)).toBe(true);
    expect(harness.job()).toMatchObject({
      state: "cancelled",
      message: "stop",
      counters: {
        tablesScanned: 3n,
        tablesChanged: 2n,
        viewsScanned: 1n,
        snapshotsProcessed: 5n,
        statsProcessed: 7n,
      },
    });
    expect(harness.context.store.leases.get("job-1")).toBeUndefined();
  });

  test("02 O3: so does a terminal failure", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop");
    expect(await complete(harness, epoch, TERMINAL)).toBe(true);
    expect(harness.job()).toMatchObject({ state: "cancelled", message: "stop" });
  });

  test("02 §3.7: a cancel outcome keeps its own message, also while cancelling", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop");
    expect(await complete(harness, epoch, { state: "RCS_CANCELLED", message: "gone" })).toBe(true);
    expect(harness.job()).toMatchObject({ state: "cancelled", message: "gone" });
  });

  test("02 O4: a stale epoch changes nothing", async () => {
    const { harness } = await leased(generation);
    expect(await complete(harness, "stale-epoch", {})).toBe(false);
    expect(harness.job().state).toBe("running");
  });

  test("02 O5: an unknown job", async () => {
    const { harness, epoch } = await leased(generation);
    const request = { ...leaseOf(epoch, "nobody"), state: "RCS_SUCCEEDED" };
    expect((await harness.call("CompleteLeasedReconcileJob", request)).response.accepted).toBe(false);
  });

  test("02 O6: a failure can't undo a success", async () => {
    const { harness, epoch } = await leased(generation);
    await complete(harness, epoch, {});
    expect(await complete(harness, epoch, TERMINAL)).toBe(false);
    expect(harness.job().state).toBe("succeeded");
  });

  test("02 O7: a repeated success with the same or lower counters is accepted by chunked alone, whatever its epoch", async () => {
    const { harness, epoch } = await leased(generation);
    const progress = { tables_scanned: "100", stats_processed: "80" };
    await harness.call("ReportReconcileProgress", { ...leaseOf(epoch), ...progress });
    await complete(harness, epoch, { stats_processed: "40" });
    expect(await complete(harness, "another", { tables_scanned: "50", stats_processed: "80" })).toBe(
      generation === "chunked",
    );
    expect(await complete(harness, epoch, { stats_processed: "81" })).toBe(false);
  });

  test("02 O10: an unspecified or unknown state is refused by name", async () => {
    const { harness, epoch } = await leased(generation);
    const answer = await harness.call("CompleteLeasedReconcileJob", leaseOf(epoch));
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(answer.error).toMatchObject({
      code: "MC_INVALID_ARGUMENT",
      message: "Invalid argument.",
      message_key: "",
      params: { field: "state", cause: "unknown" },
    });
  });

  test("02 O11: waiting on a dependency spends no attempt and comes back after 500 ms", async () => {
    const { harness, epoch } = await leased(generation);
    const outcome = {
      state: "RCS_FAILED",
      failure_retry_disposition: "RFRD_RETRYABLE",
      failure_retry_class: "RFRC_DEPENDENCY_NOT_READY",
      message: "later",
    };
    expect(await complete(harness, epoch, outcome)).toBe(true);
    expect(harness.job()).toMatchObject({
      state: "queued",
      attempt: 0,
      message: "later",
      executorId: "",
      nextAttemptAtMs: harness.clock.nowMs() + 500,
    });
  });

  test("02 §3.7: a terminal failure is final at once and counts as an attempt", async () => {
    const { harness, epoch } = await leased(generation);
    expect(await complete(harness, epoch, TERMINAL)).toBe(true);
    expect(harness.job()).toMatchObject({ state: "failed", attempt: 1, message: "boom" });
  });

  test("02 O12: the first reason of a cancel stays", async () => {
    const { harness } = await leased(generation);
    await cancel(harness, "first stop");
    const { response } = await cancel(harness, "second stop");
    expect(response).toMatchObject({
      cancelled: true,
      job: { state: "JS_CANCELLING", message: "first stop" },
    });
  });

  test("02 O13, §3.8: a renew in time restores the lease of a job that is being cancelled", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop");
    await harness.clock.advance(500);
    const renew = async () => (await harness.call("RenewReconcileLease", leaseOf(epoch))).response;
    expect(await renew()).toEqual({ renewed: true, cancellation_requested: true });
    await harness.clock.advance(2000);
    expect(await renew()).toEqual({ renewed: true, cancellation_requested: true });
  });

  test("02 O13: a later one says so; Complete is taken in both", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop");
    await harness.clock.advance(2000);
    const { response } = await harness.call("RenewReconcileLease", leaseOf(epoch));
    // Inline: within the grace of 5 s.
    expect(response).toEqual({ renewed: generation === "inline", cancellation_requested: true });
    expect(await complete(harness, epoch, { state: "RCS_CANCELLED" })).toBe(true);
    expect(harness.job()).toMatchObject({ state: "cancelled", message: "Cancelled" });
  });

  test("02 O14: progress is a heartbeat, stored while the job is running", async () => {
    const { harness, epoch } = await leased(generation);
    await harness.clock.advance(10_000);
    const progress = {
      ...leaseOf(epoch),
      tables_scanned: "4",
      tables_changed: "2",
      errors: "1",
      snapshots_processed: "3",
      stats_processed: "5",
      message: "working",
    };
    const { response } = await harness.call("ReportReconcileProgress", progress);
    expect(response).toEqual({ lease_valid: true, cancellation_requested: false });
    expect(harness.job()).toMatchObject({
      message: "working",
      counters: {
        tablesScanned: 4n,
        tablesChanged: 2n,
        errors: 1n,
        snapshotsProcessed: 3n,
        statsProcessed: 5n,
      },
    });
    const leaseMs = harness.context.limits.leaseMs;
    expect(harness.context.store.leases.get("job-1")?.expiresAtMs).toBe(harness.clock.nowMs() + leaseMs);
    // Blank keeps the message, lower counters don't count, errors do.
    await harness.call("ReportReconcileProgress", { ...leaseOf(epoch), stats_processed: "1", message: " " });
    expect(harness.job()).toMatchObject({ message: "working", counters: { statsProcessed: 5n, errors: 0n } });
  });

  test("02 §4.4: progress of a job that is being cancelled is valid, but not stored", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop");
    const { response } = await harness.call("ReportReconcileProgress", { ...leaseOf(epoch), message: "on" });
    expect(response).toEqual({ lease_valid: true, cancellation_requested: true });
    expect(harness.job().message).toBe("stop");
  });

  test("02 §4.2: Start is silent about a lease that is gone", async () => {
    const { harness, epoch } = await leased(generation);
    await complete(harness, epoch, {});
    const answer = await harness.call("StartLeasedReconcileJob", { ...leaseOf(epoch), executor_id: "w" });
    expect(answer.code).toBe(0);
    expect(harness.job().executorId).toBe("");
  });

  test("02 §4.2: Start checks its ids in order", async () => {
    const { harness, epoch } = await leased(generation);
    const field = async (request: object) =>
      (await harness.call("StartLeasedReconcileJob", { ...request })).error?.params.field;
    expect(await field({})).toBe("job_id");
    expect(await field({ job_id: "job-1" })).toBe("lease_epoch");
    expect(await field(leaseOf(epoch))).toBe("executor_id");
  });

  test("02 §3.5: a job that is being cancelled and is abandoned ends cancelled", async () => {
    const { harness } = await leased(generation);
    await cancel(harness, "stop");
    await harness.clock.advance(12_000);
    await harness.maintenance.tick();
    expect(harness.job()).toMatchObject({ state: "cancelled", message: "stop" });
  });

  test("02 §3.5: a lease isn't reclaimed within the grace", async () => {
    const { harness } = await leased(generation, { leaseMs: 10_000 });
    await harness.clock.advance(14_900);
    await harness.maintenance.tick();
    expect(harness.job().state).toBe("running");
    await harness.clock.advance(5200);
    await harness.maintenance.tick();
    expect(harness.job()).toMatchObject({ state: "queued", attempt: 1 });
  });

  test("02 §3.5: expired leases spend attempts until the job fails", async () => {
    const { harness } = await leased(generation, { leaseMs: 1000, maxAttempts: 1 });
    await harness.clock.advance(12_000);
    await harness.maintenance.tick();
    expect(harness.job()).toMatchObject({ state: "failed", message: "Lease expired repeatedly; failed" });
  });

  test("02 §3.8: a queued job is cancelled at once", async () => {
    const harness = await start(generation);
    seed(harness);
    const { response } = await cancel(harness, "");
    expect(response).toMatchObject({ cancelled: true, job: { state: "JS_CANCELLED", message: "Cancelled" } });
  });

  test("02 §3.8: cancelling a plan reaches its file groups", async () => {
    const { harness, epoch } = await leased(generation);
    await cancel(harness, "stop", "root");
    const renewed = await harness.call("RenewReconcileLease", leaseOf(epoch));
    expect(renewed.response).toEqual({ renewed: true, cancellation_requested: true });
    const { response } = await harness.call("GetReconcileCancellation", { job_id: "job-1" });
    expect(response).toEqual({ cancellation_requested: true });
    expect(harness.job().state).toBe(generation === "inline" ? "cancelling" : "running");
  });

  test("02 §4.5: nobody is cancelled who isn't known or has ended well", async () => {
    const { harness, epoch } = await leased(generation);
    await complete(harness, epoch, {});
    for (const job_id of ["job-1", "nobody"]) {
      const { response } = await harness.call("GetReconcileCancellation", { job_id });
      expect(response).toEqual({ cancellation_requested: false });
    }
  });

  test("02 §3.6: a retryable failure needs a lease that is alive, a final one doesn't", async () => {
    const { harness, epoch } = await leased(generation, { leaseMs: 1000 });
    await harness.clock.advance(1001);
    expect(await complete(harness, epoch, { state: "RCS_FAILED", message: "boom" })).toBe(false);
    expect(await complete(harness, epoch, TERMINAL)).toBe(true);
  });
});

it("02 O8: chunked takes a success of an expired lease until it is reclaimed, but doesn't renew it", async () => {
  const { harness, epoch } = await leased("chunked", {
    leaseMs: 1000,
    leaseRenewGraceMs: 0,
    reclaimIntervalMs: 60_000,
  });
  await harness.clock.advance(30_000);
  const { response } = await harness.call("RenewReconcileLease", leaseOf(epoch));
  expect(response.renewed).toBe(false);
  expect(await complete(harness, epoch, {})).toBe(true);
  expect(harness.job().state).toBe("succeeded");
});

it("02 I8: inline renews within 5 s after expiry, and takes an ending that long", async () => {
  const { harness, epoch } = await leased("inline", { leaseMs: 1000, reclaimIntervalMs: 60_000 });
  await harness.clock.advance(4000);
  expect((await harness.call("RenewReconcileLease", leaseOf(epoch))).response.renewed).toBe(true);
  await harness.clock.advance(1000 + 5001);
  expect((await harness.call("RenewReconcileLease", leaseOf(epoch))).response.renewed).toBe(false);
  expect(await complete(harness, epoch, {})).toBe(false);
});

it("02 O9: chunked cancels a job whose ancestor is being cancelled instead of retrying it", async () => {
  const { harness, epoch } = await leased("chunked");
  await cancel(harness, "stop", "root");
  expect(await complete(harness, epoch, { state: "RCS_FAILED", message: "boom" })).toBe(true);
  expect(harness.job()).toMatchObject({ state: "cancelled", message: "boom" });
});

it("02 §3.6: chunked never revives an expired lease", async () => {
  const { harness, epoch } = await leased("chunked", { leaseMs: 1000 });
  await harness.clock.advance(1000);
  expect((await harness.call("RenewReconcileLease", leaseOf(epoch))).response.renewed).toBe(false);
});
