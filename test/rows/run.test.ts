/** 03 §19, the rows of a job's run, over gRPC against the embedded control plane. Row numbers as there; decisions as cited. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { AccessDeniedError, SourceMissingError, TableError } from "../../src/model/index.ts";
import { F1, F2, type Seeded } from "../support/control-plane/harness.ts";
import { everything, runRow, untilStopped } from "../support/rows-loop.ts";

const BOTH = ["inline", "chunked"] as const;
const FILE_STATS = { policy: { outputs: [2] } };
const FILE_STATS_AND_INDEX = { policy: { outputs: [2, 4] } };
const succeeded = { at: "done", outcome: "succeeded" };

/** As CancelReconcileJob does it. */
const cancel = (server: Seeded) => {
  server.context.engine.cancel("job-1", "stop");
  return undefined;
};
/** It ended longer ago than any grace. */
const loseLease = (server: Seeded) => {
  const { leases } = server.context.store;
  const lease = leases.get("job-1");
  if (lease === undefined) throw new Error("there is no lease");
  leases.put({ ...lease, expiresAtMs: server.clock.nowMs() - server.context.limits.leaseRenewGraceMs - 1 });
  return undefined;
};

describe.concurrent("the ordinary run", () => {
  test("03 R1: inline submits, reports progress and completes", async () => {
    await using row = await runRow({ generation: "inline", seed: { ...FILE_STATS, groups: [[F1, F2]] } });
    expect(row.end).toEqual(succeeded);
    expect(row.calls()).toEqual(["S", "C?", "G", "Submit", "P", "X"]);
    expect(row.job()).toMatchObject({
      state: "succeeded",
      counters: { statsProcessed: 2n, errors: 0n },
      executorId: "remote_file_group_worker",
    });
  });

  test("03 R2: chunked sends a chunk and the success, which ends the job", async () => {
    await using row = await runRow({ generation: "chunked", seed: FILE_STATS });
    expect(row.end).toEqual(succeeded);
    expect(row.calls()).toEqual(["S", "C?", "G", "Submit", "Submit"]);
    expect(row.job()).toMatchObject({ state: "succeeded", counters: { statsProcessed: 1n } });
    expect(row.server.context.store.results.results("job-1")).toMatchObject([
      { filePath: F1, statsProcessed: 1n },
    ]);
  });

  test.each(BOTH)("03 R22 %s: a policy without outputs: an empty success", async (generation) => {
    await using row = await runRow({ generation, seed: { policy: { outputs: [] } } });
    expect(row.end).toEqual(succeeded);
    expect(row.calls()).toEqual(["S", "C?", "G", "Submit", ...(generation === "inline" ? ["X"] : [])]);
    expect(row.job().state).toBe("succeeded");
  });

  test.each(BOTH)(
    "03 R21 %s: a payload without file paths fails for good, nothing is submitted",
    async (generation) => {
      await using row = await runRow({ generation, seed: { ...FILE_STATS, groups: [[" "]] } });
      expect(row.calls()).toEqual(["S", "C?", "G", "X"]);
      expect(row.job()).toMatchObject({
        state: "failed",
        message: "planned file group does not contain any file handles",
      });
    },
  );
});

describe.concurrent.each(BOTH)("%s: what ends a run early", (generation) => {
  test("03 R3: Start without an answer ends it: no further call", async () => {
    const unavailable = { before: () => "UNAVAILABLE" as const };
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      meetings: {
        "StartLeasedReconcileJob#1": { after: () => "lost" },
        "StartLeasedReconcileJob#2": unavailable,
      },
    });
    expect(row.end.at).toBe("abandoned");
    expect(row.calls()).toEqual(["S"]);
  });

  test("03 R4: a job cancelled before it began is completed as such", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      meetings: { "GetReconcileCancellation#1": { before: cancel } },
    });
    expect(row.calls()).toEqual(["S", "C?", "X"]);
    expect(row.job()).toMatchObject({ state: "cancelled" });
  });

  test("03 R5: a stop before the payload is there: cancelled, and nothing is captured", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      meetings: {
        "GetLeasedFileGroupExecution#1": {
          before: async (server) => {
            cancel(server);
            await sleep(1500);
            return undefined;
          },
        },
      },
    });
    expect(row.events.some(({ type }) => type === "capture-started")).toBe(false);
    expect(row.calls().at(-1)).toBe("X");
    expect(row.job().state).toBe("cancelled");
  });

  test("03 R6, R26: a stop while capturing: the capture ends, nothing is submitted, Complete says cancelled", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: untilStopped,
      meetings: { "RenewReconcileLease#1": { before: cancel } },
    });
    expect(row.end).toEqual({ at: "done", outcome: "cancelled" });
    expect(row.calls()).not.toContain("Submit");
    expect(row.job()).toMatchObject({ state: "cancelled" });
  });

  test("03 R7: a capture that fails when it is stopped is no failure of the group", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: async (group, signal) => {
        await untilStopped(group, signal).catch(() => {});
        throw new Error("broken off");
      },
      meetings: { "RenewReconcileLease#1": { before: cancel } },
    });
    expect(row.end).toEqual({ at: "done", outcome: "cancelled" });
    expect(row.calls()).not.toContain("Submit");
  });

  test("03 R8: a refused renewal stops everything: one Renew, no Complete", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: untilStopped,
      meetings: { "RenewReconcileLease#1": { before: loseLease } },
    });
    expect(row.end.at).toBe("dropped");
    await sleep(1200);
    expect(row.calls()).toEqual(["S", "C?", "G", "R"]);
  });

  test("03 R16 by decision 2: a lease that is lost when the payload is asked for is dropped", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      meetings: { "GetLeasedFileGroupExecution#1": { before: loseLease } },
    });
    expect(row.end.at).toBe("dropped");
    expect(row.calls()).toEqual(["S", "C?", "G"]);
  });
});

describe.concurrent.each(BOTH)("%s: renewals", (generation) => {
  test("01 C5, 03 T9, R9: one that isn't answered is repeated, the job goes on", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: async (group) => {
        await sleep(1300);
        return everything(group);
      },
      meetings: { "RenewReconcileLease#1": { before: () => "UNAVAILABLE" } },
    });
    expect(row.end).toEqual(succeeded);
    expect(row.calls().filter((call) => call === "R").length).toBe(2);
  });

  test("01 C6, 03 T10: CANCELLED passes in chunked and is definite in inline", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: async (group, signal) => {
        await sleep(1500, undefined, { signal });
        return everything(group);
      },
      meetings: { "RenewReconcileLease#1": { before: () => "CANCELLED" } },
    });
    expect(row.end.at).toBe(generation === "chunked" ? "done" : "dropped");
    expect(row.calls().filter((call) => call === "R").length).toBe(generation === "chunked" ? 2 : 1);
  });

  test("03 R10: none once the outcome is on its way", async () => {
    const slow = {
      before: async () => {
        await sleep(1800);
        return undefined;
      },
    };
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      meetings: {
        [generation === "inline" ? "CompleteLeasedReconcileJob#1" : "SubmitLeasedFileGroupExecutionResult#2"]:
          slow,
      },
    });
    expect(row.end).toEqual(succeeded);
    expect(row.calls()).not.toContain("R");
  });
});

describe.concurrent("the end of an inline job", () => {
  test("03 R11, T11 by decision 2: Complete without an answer is repeated, never turned into a failure", async () => {
    await using row = await runRow({
      generation: "inline",
      seed: FILE_STATS,
      meetings: { "CompleteLeasedReconcileJob#1": { before: () => "UNAVAILABLE" } },
    });
    expect(row.end).toEqual(succeeded);
    expect(row.calls().filter((call) => call === "X").length).toBe(2);
    expect(row.job().state).toBe("succeeded");
  });

  test("03 R12: a success refused for certain is completed a second time, as failed", async () => {
    await using row = await runRow({
      generation: "inline",
      seed: FILE_STATS,
      meetings: { "CompleteLeasedReconcileJob#1": { before: () => "FAILED_PRECONDITION" } },
    });
    expect(row.calls().filter((call) => call === "X").length).toBe(2);
    expect(row.job()).toMatchObject({ state: "queued", attempt: 1, counters: { errors: 1n } });
  });

  test("03 R13: accepted=false is told and left at that", async () => {
    await using row = await runRow({
      generation: "inline",
      seed: FILE_STATS,
      meetings: { "CompleteLeasedReconcileJob#1": { before: loseLease } },
    });
    expect(row.calls().filter((call) => call === "X").length).toBe(1);
    expect(row.events.some(({ type }) => type === "completion-rejected")).toBe(true);
  });

  test("03 R25: a cancel in the answer of Progress, after the success was stored: completed as cancelled, with its figures", async () => {
    await using row = await runRow({
      generation: "inline",
      seed: FILE_STATS,
      meetings: { "ReportReconcileProgress#1": { before: cancel } },
    });
    expect(row.end).toEqual({ at: "done", outcome: "cancelled" });
    expect(row.job()).toMatchObject({ state: "cancelled", counters: { statsProcessed: 1n } });
  });
});

describe.concurrent.each(BOTH)("%s: submissions and failures", (generation) => {
  test("01 C8, 03 T12: a submission that isn't answered is sent again, and stored once", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      meetings: {
        "SubmitLeasedFileGroupExecutionResult#1": { before: () => "UNAVAILABLE" },
        "SubmitLeasedFileGroupExecutionResult#2": { after: () => "lost" },
      },
    });
    expect(row.end).toEqual(succeeded);
    expect(row.job()).toMatchObject({ state: "succeeded", counters: { statsProcessed: 1n } });
  });

  test("03 R15: a failed capture is submitted with its text and completed for another try", async () => {
    const cause = new TableError("Unsupported parquet page type DICTIONARY_PAGE", {
      referenceType: "IllegalArgumentException",
    });
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: () => {
        throw new TableError("Delta stats compute failed (version 41)", { cause });
      },
    });
    expect(row.calls()).toEqual(["S", "C?", "G", "Submit", "X"]);
    expect(row.job()).toMatchObject({
      state: "queued",
      attempt: 1,
      counters: { errors: 1n },
      message:
        "File-group capture failed: RuntimeException: Delta stats compute failed (version 41) | caused by: IllegalArgumentException: Unsupported parquet page type DICTIONARY_PAGE",
    });
  });

  test("03 R17, R20: a source that is missing cancels the job; a wrapped one is an ordinary failure", async () => {
    await using missing = await runRow({
      generation,
      seed: FILE_STATS,
      capture: () => {
        throw new SourceMissingError("table missing");
      },
    });
    expect(missing.calls()).not.toContain("Submit");
    expect(missing.job()).toMatchObject({ state: "cancelled" });
    await using wrapped = await runRow({
      generation,
      seed: FILE_STATS,
      capture: () => {
        throw new TableError("planning failed", { cause: new SourceMissingError("HTTP 404 for x") });
      },
    });
    expect(wrapped.calls()).toContain("Submit");
    expect(wrapped.job()).toMatchObject({ state: "queued", attempt: 1 });
  });

  test("03 R18: a refused identity fails the job for good, no failure is submitted", async () => {
    await using row = await runRow({
      generation,
      seed: FILE_STATS,
      capture: () => {
        throw new AccessDeniedError("s3://bucket/k: ExpiredToken (400)");
      },
    });
    expect(row.calls()).not.toContain("Submit");
    expect(row.job()).toMatchObject({ state: "failed" });
  });

  test("03 R23, R24: page index asked for, sidecars missing: the failure names the planned paths that lack one", async () => {
    await using row = await runRow({
      generation,
      seed: { ...FILE_STATS_AND_INDEX, groups: [[F1, F2]] },
      capture: (group) => {
        const { statsRecords, artifacts } = everything(group);
        return { statsRecords, artifacts: artifacts.slice(1) };
      },
    });
    expect(row.job()).toMatchObject({ state: "queued", attempt: 1 });
    expect(row.job().message).toMatch(
      /IllegalStateException: .*for planned files in file group group-1: .*file-1/,
    );
    await using none = await runRow({
      generation,
      seed: FILE_STATS_AND_INDEX,
      capture: (group) => ({ ...everything(group), artifacts: [] }),
    });
    expect(none.job().message).toContain(
      "IllegalStateException: page-index capture produced no staged artifacts for file group group-1",
    );
  });
});

test.concurrent.each(["RESOURCE_EXHAUSTED", "INTERNAL", "UNAVAILABLE"] as const)(
  "03 T3, T4: a lease call that ends with %s costs a wait, and the next one leases",
  async (status) => {
    await using row = await runRow({
      generation: "chunked",
      seed: FILE_STATS,
      meetings: { "LeaseReconcileJob#1": { before: () => status } },
    });
    expect(row.end).toEqual(succeeded);
    expect(row.events[0]).toMatchObject({
      type: "lease-call-failed",
      overloaded: status === "RESOURCE_EXHAUSTED",
    });
    expect(row.events.filter(({ type }) => type === "leased").length).toBe(1);
  },
);

test("03 R14 by decision 2: a chunked success whose answer is lost is neither failed nor completed; the job succeeded once", async () => {
  await using row = await runRow({
    generation: "chunked",
    seed: FILE_STATS,
    meetings: { "SubmitLeasedFileGroupExecutionResult#2": { after: () => "lost" } },
  });
  expect(row.end).toEqual(succeeded);
  expect(row.job()).toMatchObject({ state: "succeeded", counters: { statsProcessed: 1n } });
  expect(row.events.some(({ type }) => type === "group-failed")).toBe(false);
});

test("03 M18: chunked file results are those of the planned paths, in their order, whatever was recorded", async () => {
  await using row = await runRow({
    generation: "chunked",
    seed: { ...FILE_STATS, groups: [[F1, F2]] },
    capture: (group) => {
      const { statsRecords } = everything(group);
      return { statsRecords: statsRecords.slice(0, 1), artifacts: [] };
    },
  });
  expect(row.server.context.store.results.results("job-1")).toMatchObject([
    { filePath: F1, statsProcessed: 1n },
    { filePath: F2, statsProcessed: 0n },
  ]);
});
