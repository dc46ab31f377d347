/** 02 §1.4: how a refusal looks on the wire; 02 §13 X1–X4. */
import { describe, expect, it, test } from "vitest";
import { INVALID_ARGUMENT, seed, start } from "../../../test/support/control-plane/harness.ts";
import { clampText } from "./clamp-text.ts";

describe.each(["inline", "chunked"] as const)("02 §1.4 %s", (generation) => {
  test("02 X1: a blank id, in both trailer values", async () => {
    const harness = await start(generation);
    const answer = await harness.client.call(
      "executor",
      "RenewReconcileLease",
      { job_id: " " },
      { "x-correlation-id": "corr-1" },
    );
    expect(answer.code).toBe(INVALID_ARGUMENT);
    expect(answer.message).toBe("Invalid value for job_id.");
    const correlation_id = generation === "chunked" ? "corr-1" : "";
    const error = {
      code: "MC_INVALID_ARGUMENT",
      message: "Invalid value for job_id.",
      message_key: "field",
      params: { field: "job_id" },
      correlation_id,
    };
    expect(answer.error).toEqual(error);
    const [original, localised] = answer.statuses;
    expect(answer.statuses).toHaveLength(2);
    expect(original?.details).toMatchObject({
      "ai.floedb.floecat.common.Error": { message_key: "field" },
      "google.rpc.BadRequest": {
        field_violations: [{ field: "job_id", description: "Invalid value for job_id." }],
      },
      "google.rpc.ErrorInfo": {
        reason: "MC_INVALID_ARGUMENT",
        domain: "ai.floedb.floecat",
        metadata: { correlation_id: "corr-1", grpc_status: "INVALID_ARGUMENT" },
      },
    });
    expect(Object.keys(localised?.details ?? {})).toEqual(["ai.floedb.floecat.common.Error"]);
    expect(answer.headers["x-correlation-id"]).toBe("corr-1");
    expect(answer.trailers["x-correlation-id"]).toBe("corr-1");
  });

  test("02 §1.4: without a correlation id the server makes one", async () => {
    const harness = await start(generation, { newId: () => "made-up" });
    const answer = await harness.call("GetReconcileCancellation", { job_id: "x" });
    expect(answer.code).toBe(0);
    expect(answer.headers["x-correlation-id"]).toBe("made-up");
  });

  test("02 §1.4: a specific text is in the params alone", async () => {
    const harness = await start(generation);
    seed(harness);
    const answer = await harness.call("GetLeasedFileGroupExecution", { job_id: "job-1", lease_epoch: "x" });
    expect(answer.message).toBe("Precondition failed.");
    expect(answer.error).toMatchObject({
      code: "MC_PRECONDITION_FAILED",
      params: {
        error_class: "io.grpc.StatusRuntimeException",
        root_class: "io.grpc.StatusRuntimeException",
        cause: "StatusRuntimeException",
        root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid",
      },
    });
  });

  test("02 §1.4: a defect is INTERNAL; its original text names the correlation id in chunked", async () => {
    const harness = await start(generation, { log: { error() {} } });
    Object.assign(harness.context.store.jobs, {
      get: () => {
        throw new Error("  on\n fire ");
      },
    });
    const answer = await harness.client.call(
      "executor",
      "GetReconcileCancellation",
      { job_id: "x" },
      { "x-correlation-id": "c" },
    );
    const cause = "java.lang.IllegalStateException";
    const text = generation === "chunked" ? "on fire" : "  on\n fire ";
    expect(answer.message).toBe(
      `Internal error: IllegalStateException (root=${cause}, error=${cause}, message=${text}).`,
    );
    expect(answer.error).toMatchObject({ code: "MC_INTERNAL", params: { root_message: text } });
    expect(answer.statuses[0]?.message).toBe(
      generation === "chunked" ? "Internal error. correlation_id=c" : "Internal error.",
    );
  });

  test("01 §10.3: a message that can't be parsed is refused without details", async () => {
    const harness = await start(generation);
    const path = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl/GetReconcileCancellation";
    const answer = await harness.client.send(path, Buffer.from("0a02ff", "hex"));
    expect(answer.code).toBe(2);
    expect({ ...answer.headers, ...answer.trailers }).not.toHaveProperty("grpc-status-details-bin");
    // Strings must be UTF-8 (01 §3).
    expect((await harness.client.send(path, Buffer.from("0a02fffe", "hex"))).code).toBe(2);
  });

  test("an unknown method is UNIMPLEMENTED", async () => {
    const harness = await start(generation);
    const path = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl/GetLeasedSnapshotFinalizeInput";
    expect((await harness.client.send(path, new Uint8Array())).code).toBe(12);
  });
});

describe("02 §1.4 clamped text", () => {
  it("02 X2: white space collapses", () => {
    expect(clampText("a\n\t b   c ", 512)).toBe("a b c");
  });

  it("02 X3: a long text keeps its head and its tail", () => {
    const text = `${"a".repeat(20_000)}${"b".repeat(20_000)}`;
    const clamped = clampText(text, 512);
    expect(clamped.length).toBeLessThanOrEqual(512);
    // Budget 512 − (5 + 5 + 18) = 484.
    expect(clamped).toBe(`${"a".repeat(242)} ...[39516 chars elided]... ${"b".repeat(242)}`);
  });
});
