import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createControlPlaneServer } from "../../src/control-plane/index.ts";
import { readOutput } from "../support/capture-output.ts";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";
import {
  captured,
  enqueue,
  enqueueAndWait,
  expectSameResult,
  GENERATIONS,
  jsonOf,
  LEASED,
  manyFiles,
  OUTCOME,
  resultOf,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";

/** A table goes through control plane and workers, processes of their own, over gRPC. */

describe.each(GENERATIONS)("%s", (generation) => {
  it("one worker captures every group, and the result is what capture writes", async () => {
    await using folder = await workFolder();
    await using controlPlane = await startControlPlane({ generation, data: join(folder.path, "data") });
    await using worker = startWorker(controlPlane.url, "--allow-local", DEMO_TABLE);
    const out = join(folder.path, "leased");
    const result = await enqueueAndWait(controlPlane.url, DEMO_TABLE, "--files-per-group", "1", "--out", out);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toMatch(/3 files +18,000/);
    expectSameResult(await readOutput(out), await captured(folder, DEMO_TABLE, generation));
    await worker.line(OUTCOME, { nth: 3 });
    expect(worker.lines.filter(({ msg }) => msg.includes(OUTCOME)).map(({ result }) => result)).toEqual([
      "succeeded",
      "succeeded",
      "succeeded",
    ]);
    expect(worker.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);

    for (const service of [worker, controlPlane]) {
      service.kill("SIGTERM");
      expect(await service.ended()).toMatchObject({ exitCode: 0 });
    }
  });

  it("03 §4: two workers share the groups, each of them leased once", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, 40);
    await using controlPlane = await startControlPlane({ generation, data: join(folder.path, "data") });
    const flags = ["--allow-local", folder.path, "--threads", "1", "--max-parallelism", "1"];
    const jobId = await enqueue(controlPlane.url, table, "--files-per-group", "5");
    await using first = startWorker(controlPlane.url, "--instance", "a", ...flags);
    await first.line(LEASED);
    first.kill("SIGSTOP");
    await using second = startWorker(controlPlane.url, "--instance", "b", ...flags);
    await second.line(LEASED);
    first.kill("SIGCONT");
    const done = { state: "succeeded", groupCount: 8, filesFinished: 40 };
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject(done);
    const leased = [...first.lines, ...second.lines].filter(({ msg }) => msg.includes(LEASED));
    expect(leased).toHaveLength(8);
    expect(new Set(leased.map((line) => line.jobId)).size).toBe(8);
    expectSameResult(
      await resultOf(controlPlane.url, jobId, folder),
      await captured(folder, table, generation),
    );
  });

  it("03 §9.1, R22: a group of which nothing is asked is skipped and succeeds without a record", async () => {
    await using folder = await workFolder();
    const controlPlane = await createControlPlaneServer({
      generation,
      dataDir: join(folder.path, "data"),
      listen: { host: "127.0.0.1", port: 0 },
    });
    try {
      const enqueued = await folder.run("enqueue", DEMO_TABLE, "--control-plane", controlPlane.url, "--json");
      const { jobId } = jsonOf(enqueued);
      // No command asks for nothing; a planner of another control plane may.
      for (const plan of controlPlane.store.jobs.children(jobId)) {
        for (const job of controlPlane.store.jobs.children(plan.jobId)) {
          const { scope } = job;
          if (scope.capturePolicy === undefined) continue;
          const asksNothing = { ...scope, capturePolicy: { ...scope.capturePolicy, outputs: [] } };
          controlPlane.engine.save({ ...job, scope: asksNothing });
        }
      }
      await using worker = startWorker(controlPlane.url, "--allow-local", DEMO_TABLE);
      expect(await watchTable(controlPlane.url, jobId)).toMatchObject({
        state: "succeeded",
        filesFinished: 3,
        groupsFailed: 0,
      });
      await worker.line(OUTCOME);
      expect(worker.count("File group captured")).toBe(0);
    } finally {
      await controlPlane.close();
    }
  });
});
