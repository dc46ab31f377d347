import { cp, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEMO_TABLE, runCli, workFolder } from "../support/run-cli.ts";
import {
  captured,
  copyOfDemo,
  enqueue,
  enqueueAndWait,
  expectSameResult,
  GENERATIONS,
  groupJobs,
  jsonOf,
  LEASED,
  QUICK,
  resultOf,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";

/** What can't be captured: how its job ends, what it says, what it leaves. */

const DAMAGED = "orders-2026-03-02.parquet";

/** The magic at the end of a file, overwritten. */
async function damage(path: string): Promise<void> {
  const { size } = await stat(path);
  await using file = await open(path, "r+");
  await file.write("XXXX", size - 4);
}

describe.each(GENERATIONS)("%s", (generation) => {
  it("03 §12, R15: a damaged file fails its group, which is tried as often as allowed, then the table; the file and the cause are told", async () => {
    await using folder = await workFolder();
    const table = await copyOfDemo(folder);
    const path = join(table, DAMAGED);
    await damage(path);
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, flags: QUICK });
    await using worker = startWorker(controlPlane.url, "--allow-local", folder.path);
    const result = await enqueueAndWait(controlPlane.url, table, "--files-per-group", "1", "--json");
    expect(result.exitCode).toBe(1);
    const { jobId, state, message } = jsonOf(result);
    expect({ state, message }).toEqual({
      state: "failed",
      message: expect.stringMatching(
        /^Snapshot finalization blocked by failed file-group jobs \[.+\/snapshot-2-group-1\]$/,
      ),
    });
    const jobs = await groupJobs(controlPlane, jobId);
    expect(jobs.map((job) => job.state).sort()).toEqual(["failed", "succeeded", "succeeded"]);
    const failed = jobs.find((job) => job.state === "failed");
    expect(failed?.message).toMatch(
      /^File-group capture failed: RuntimeException: Delta stats compute failed \(version 2\) \| caused by: /,
    );
    expect(failed?.message).toContain(path);
    const told = worker.lines.filter(({ msg }) => msg === "File-group capture failed");
    expect(told.map((line) => line.jobId)).toEqual([failed?.jobId, failed?.jobId]);
    for (const line of told) expect(line.error).toContain(path);
    const shown = await runCli([
      ...["jobs", "show", failed?.jobId ?? "", "--control-plane", controlPlane.url, "--json"],
    ]);
    expect(jsonOf(shown).fileResults).toMatchObject([
      { filePath: `file://${path}`, state: "failed", message: expect.stringContaining("RuntimeException") },
    ]);
  });

  it("03 §12: once the file is whole again, the next attempt succeeds", async () => {
    await using folder = await workFolder();
    const table = await copyOfDemo(folder);
    const data = join(folder.path, "data");
    const own = await captured(folder, table, generation);
    await damage(join(table, DAMAGED));
    await using controlPlane = await startControlPlane({ generation, data });
    await using worker = startWorker(controlPlane.url, "--allow-local", folder.path);
    const jobId = await enqueue(controlPlane.url, table);
    await worker.line("File-group capture failed");
    await cp(join(DEMO_TABLE, DAMAGED), join(table, DAMAGED));
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "succeeded", filesFailed: 0 });
    expectSameResult(await resultOf(controlPlane.url, jobId, folder), own);
  });

  it("05 §13: a data file that is gone is an ordinary failure; 03 §12.1: a table that is gone cancels its job", async () => {
    await using folder = await workFolder();
    const table = await copyOfDemo(folder);
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, flags: QUICK });
    await rm(join(table, DAMAGED));
    const withoutFile = await enqueue(controlPlane.url, table, "--files-per-group", "1");
    await using worker = startWorker(controlPlane.url, "--allow-local", folder.path);
    expect(await watchTable(controlPlane.url, withoutFile)).toMatchObject({ state: "failed" });
    expect((await groupJobs(controlPlane, withoutFile)).map(({ state }) => state).sort()).toEqual([
      "failed",
      "succeeded",
      "succeeded",
    ]);
    worker.kill("SIGTERM");
    await worker.ended();

    const withoutTable = await enqueue(controlPlane.url, table);
    await rm(table, { recursive: true });
    await using next = startWorker(controlPlane.url, "--allow-local", folder.path);
    expect(await watchTable(controlPlane.url, withoutTable)).toMatchObject({ state: "cancelled" });
    expect(await groupJobs(controlPlane, withoutTable)).toMatchObject([
      { state: "cancelled", message: "ReconcileFailureException: source object missing" },
    ]);
    expect(next.count(LEASED)).toBe(1);
  });
});
