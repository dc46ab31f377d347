import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, workFolder } from "../support/run-cli.ts";
import {
  cancelJob,
  enqueue,
  enqueueAndWait,
  GENERATIONS,
  groupJobs,
  jsonOf,
  LONG_GROUP,
  manyFiles,
  OUTCOME,
  ROOMY,
  resultOf,
  startControlPlane,
  startedJob,
  startWorker,
  watchTable,
} from "./loop.ts";

/** Cancelling a table while a worker is in the middle of it. */

describe.each(GENERATIONS)("%s", (generation) => {
  it("03 §7.2, decision 28: a cancel reaches the worker with a heartbeat and stops its capture; no result is left", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, 1500);
    const data = join(folder.path, "data");
    const flags = ["--lease-ms", "1000", ...ROOMY.controlPlane];
    await using controlPlane = await startControlPlane({ generation, data, flags });
    const workerFlags = ["--lease-ms", "1000", "--allow-local", folder.path, ...ROOMY.worker];
    await using worker = startWorker(controlPlane.url, ...workerFlags);
    const jobId = await enqueue(controlPlane.url, table, ...LONG_GROUP);
    await startedJob(controlPlane.url, worker);
    expect(await cancelJob(controlPlane.url, jobId, "not needed any more")).toBe(true);

    const outcome = await worker.line(OUTCOME);
    expect(outcome.result).toBe("cancelled");
    expect(worker.count("File group captured")).toBe(0);
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "cancelled", filesFinished: 0 });
    const jobs = await groupJobs(controlPlane, jobId);
    expect(jobs).toMatchObject([{ state: "cancelled" }]);
    await expect(resultOf(controlPlane.url, jobId, folder)).rejects.toThrow(/cancelled/);

    // The worker is free for the next table.
    const next = await enqueueAndWait(controlPlane.url, join(table, "f00000.parquet"), "--json");
    expect(jsonOf(next)).toMatchObject({ state: "succeeded", fileCount: 1 });
    const late = await runCli(["jobs", "cancel", jsonOf(next).jobId, "--control-plane", controlPlane.url]);
    expect(late).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("had ended already") });
  });

  it("whoever waits for a cancelled table is told and leaves with exit code 1", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, 1);
    await using controlPlane = await startControlPlane({ generation, data: join(folder.path, "data") });
    const waiting = enqueueAndWait(controlPlane.url, table);
    const listed = async () =>
      jsonOf(await runCli(["jobs", "list", "--roots", "--json", "--control-plane", controlPlane.url]));
    let [root] = await listed();
    while (root === undefined) [root] = await listed();
    const cancel = await runCli(["jobs", "cancel", root.jobId, "--control-plane", controlPlane.url]);
    expect(cancel).toMatchObject({ exitCode: 0, stdout: `cancelling ${root.jobId}\n` });
    expect(await waiting).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`${root.jobId} cancelled`),
    });
  });
});
