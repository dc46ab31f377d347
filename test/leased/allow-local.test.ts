import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEMO_TABLE, runCli, workFolder } from "../support/run-cli.ts";
import {
  copyOfDemo,
  enqueue,
  GENERATIONS,
  groupJobs,
  LEASED,
  QUICK,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";

/** Whoever plans must not make a worker read the files of its own machine. */

describe.each(GENERATIONS)("%s", (generation) => {
  it("decision 38: a leased path of this machine is refused, unless it lies below --allow-local", async () => {
    await using folder = await workFolder();
    const table = await copyOfDemo(folder);
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, flags: QUICK });
    const refusal = async (...flags: readonly string[]) => {
      const jobId = await enqueue(controlPlane.url, table);
      await using worker = startWorker(controlPlane.url, ...flags);
      expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "failed" });
      return { jobs: await groupJobs(controlPlane, jobId), attempts: worker.count(LEASED) };
    };
    const outside = await refusal("--allow-local", join(table, "_delta_log"));
    expect(outside.jobs).toMatchObject([{ state: "failed" }]);
    expect(outside.jobs[0]?.message).toMatch(/^ReconcileFailureException: .* lies outside .*_delta_log/);
    expect(outside.attempts).toBe(1);
    const none = await refusal();
    expect(none.jobs).toMatchObject([{ state: "failed" }]);
    expect(none.jobs[0]?.message).toContain(`Unsupported file system path: file://${table}`);
    expect(none.attempts).toBe(2);
  });
});

it("--allow-local names a folder that is there", async () => {
  const result = await runCli([
    ...["worker", "--control-plane", "http://127.0.0.1:1", "--allow-local", join(DEMO_TABLE, "none")],
  ]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("there is no such folder");
});
