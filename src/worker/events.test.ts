import { expect, test } from "vitest";
import { FAILED_PRECONDITION } from "../../test/support/fault-plan.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import { ControlPlaneError, type LeasedJob } from "../protocol/port.ts";
import { eventText, type WorkerEvent } from "./events.ts";

const job: LeasedJob = {
  jobId: "job-1",
  leaseEpoch: "lease-1",
  accountId: "acct",
  kind: "exec-file-group",
  connectorId: "connector-1",
  parentJobId: "parent-1",
  pinnedExecutorId: "",
  fullRescan: false,
  planId: "plan-1",
  groupId: "group-1",
};
const error = new ControlPlaneError("refused", "renewReconcileLease", FAILED_PRECONDITION);

test.each<[WorkerEvent, string, string]>([
  [{ type: "leased", job }, "info", "Leased remote reconcile job"],
  [
    { type: "beat-failed", job, call: "renewReconcileLease", error, effect: "tolerated" },
    "warn",
    "Remote reconcile lease heartbeat failed; continuing with last confirmed lease state",
  ],
  [
    { type: "beat-failed", job, call: "getReconcileCancellation", error, effect: "uncertain" },
    "warn",
    "Remote reconcile cancellation check state is uncertain",
  ],
  [
    { type: "beat-refused", job, call: "reportReconcileProgress", cancellationRequested: true },
    "warn",
    "Remote reconcile progress heartbeat rejected",
  ],
  [{ type: "group-failed", job, group: undefined, error }, "error", "File-group capture failed"],
  [
    { type: "job-ended", job, end: { at: "done", outcome: "succeeded" }, durationMs: 5 },
    "info",
    "Remote reconcile job outcome",
  ],
  [
    { type: "job-ended", job, end: { at: "dropped", reason: "taken" }, durationMs: 5 },
    "warn",
    "Remote reconcile lease lost",
  ],
  [
    { type: "lease-call-failed", error, overloaded: true },
    "debug",
    "Skipping reconcile poll cycle due to lease scan backpressure",
  ],
])("03 §17.1: an event is told at its level, under the reference's name (%#)", (event, level, message) => {
  const text = eventText(event);
  expect(text.level).toBe(level);
  expect(text.message).toBe(message);
});

test("a duration is told in whole milliseconds", () => {
  const event = {
    type: "job-ended",
    job,
    end: { at: "done", outcome: "succeeded" },
    durationMs: 387.932,
  } as const;
  expect(eventText(event).fields).toMatchObject({ durationMs: 388 });
});

test("03 §17.1: what is told names the job and the group, and no credential of its connector", () => {
  const group = aFileGroup();
  const secret = {
    ...group,
    connector: { ...group.connector, properties: { "s3.secret-access-key": "hunter2" } },
  };
  const text = eventText({ type: "group-failed", job, group: secret, error });
  expect(text.fields).toMatchObject({
    jobId: "job-1",
    planId: "plan-1",
    groupId: "group-1",
    snapshotId: "41",
  });
  expect(JSON.stringify(text)).not.toContain("hunter2");
});
