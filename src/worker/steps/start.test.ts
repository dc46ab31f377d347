import { expect, test } from "vitest";
import { hang, loseAnswer, refuse } from "../../../test/support/fault-plan.ts";
import { WorkerHarness } from "../../../test/support/worker-harness.ts";

test("03 §3.6: a Start that is never answered ends with its lease, long before its deadline", async () => {
  await using harness = new WorkerHarness({ leaseMs: 30_000 });
  harness.plane.addJob();
  harness.plane.plan("S", hang);
  expect((await harness.runJobs())?.at).toBe("abandoned");
  expect(harness.clock.monotonicMs()).toBeLessThanOrEqual(31_000);
});

test("03 §3.5: a Start that never left is sent again; one whose answer was lost is not", async () => {
  await using harness = new WorkerHarness();
  harness.plane.addJob();
  harness.plane.plan("S", refuse({ code: "UNAVAILABLE", message: "connection refused", unsent: true }));
  expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
  expect(harness.plane.sequence()).toEqual(["L", "S", "S", "C?", "G", "K", "OK"]);

  await using other = new WorkerHarness();
  other.plane.addJob();
  other.plane.plan("S", loseAnswer());
  expect((await other.runJobs())?.at).toBe("abandoned");
  expect(other.plane.sequence()).toEqual(["L", "S"]);
});
