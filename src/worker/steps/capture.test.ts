/** Decision 22, 08 §6: what becomes of a capture whose credentials have ended. */
import { expect, test } from "vitest";
import { pass, refuse } from "../../../test/support/fault-plan.ts";
import { WorkerHarness } from "../../../test/support/worker-harness.ts";
import { ServiceAnswerError, TableError } from "../../model/index.ts";

const ended = () =>
  new TableError("Failed to read parquet page indexes for s3://b/k", {
    cause: new ServiceAnswerError("S3 answered 400 ExpiredToken", { httpStatus: 400, code: "ExpiredToken" }),
  });

test.each(["inline", "chunked"] as const)(
  "decision 22 %s: credentials that have ended are fetched anew once",
  async (generation) => {
    await using harness = new WorkerHarness({ generation, capture: { errors: [ended()] } });
    const job = harness.plane.addJob();
    expect(await harness.runJobs()).toEqual({ at: "done", outcome: "succeeded" });
    expect(harness.plane.sent("G")).toHaveLength(2);
    expect(harness.capture.begun).toEqual(["group-1", "group-1"]);
    expect(job.state).toBe("succeeded");
  },
);

test("decision 22, 08 F6: credentials that have ended again fail the job for good", async () => {
  await using harness = new WorkerHarness({ capture: { errors: [ended(), ended()] } });
  harness.plane.addJob();
  await harness.runJobs();
  expect(harness.capture.begun).toHaveLength(2);
  expect(harness.plane.sent("X")).toEqual([
    {
      state: "failed",
      retryClass: "transient-error",
      errors: 1n,
      statsProcessed: 0n,
      disposition: "terminal",
      message: "ReconcileFailureException: S3 answered 400 ExpiredToken",
    },
  ]);
});

test("decision 22: a lease that is lost meanwhile ends the job without another call", async () => {
  await using harness = new WorkerHarness({ capture: { errors: [ended()] } });
  harness.plane.addJob();
  harness.plane.plan(
    "G",
    pass,
    refuse({ code: "FAILED_PRECONDITION", message: "reconcile lease is no longer valid" }),
  );
  expect((await harness.runJobs())?.at).toBe("dropped");
  expect(harness.capture.begun).toHaveLength(1);
});
