import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workFolder } from "../support/run-cli.ts";
import {
  captured,
  enqueue,
  expectSameResult,
  GENERATIONS,
  groupJobs,
  LEASED,
  LONG_FILES,
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

/** SIGTERM to a worker in the middle of a group. */

describe.each(GENERATIONS)("%s", (generation) => {
  it("03 §16, decision 26: what runs is finished, nothing more is leased, the worker leaves with 0", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, LONG_FILES);
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, flags: ROOMY.controlPlane });
    const flags = ["--allow-local", folder.path, "--max-parallelism", "1", ...ROOMY.worker];
    await using worker = startWorker(controlPlane.url, ...flags);
    await worker.line("worker ready");
    const quarters = ["--files-per-group", String(LONG_FILES / 4)];
    const jobId = await enqueue(controlPlane.url, table, ...quarters);
    await startedJob(controlPlane.url, worker);
    worker.kill("SIGTERM");
    expect(await worker.ended()).toMatchObject({ exitCode: 0 });
    const outcomes = worker.lines.filter(({ msg }) => msg === OUTCOME).map(({ result }) => result);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes).toEqual(outcomes.map(() => "succeeded"));
    // A job that an open lease call still brought is back in the queue.
    const jobs = await groupJobs(controlPlane, jobId);
    expect(jobs.map(({ state }) => state).sort()).toEqual([
      ...Array.from({ length: 4 - outcomes.length }, () => "queued"),
      ...outcomes,
    ]);
    expect(outcomes.length).toBeLessThan(4);
  });

  it("a second SIGTERM cuts the grace short: what runs is handed back, the worker leaves with 0", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, LONG_FILES);
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, flags: ROOMY.controlPlane });
    const flags = ["--allow-local", folder.path, ...ROOMY.worker];
    await using worker = startWorker(controlPlane.url, ...flags, "--drain-grace-ms", "600000");
    const jobId = await enqueue(controlPlane.url, table, ...LONG_GROUP);
    await startedJob(controlPlane.url, worker);
    worker.kill("SIGTERM");
    await worker.line("Draining");
    worker.kill("SIGTERM");
    expect(await worker.ended()).toMatchObject({ exitCode: 0 });
    expect(worker.count("Handing back unfinished jobs")).toBe(1);
    expect(worker.count("File group captured")).toBe(0);
    expect(await groupJobs(controlPlane, jobId)).toMatchObject([{ state: "queued" }]);
  });

  it("decision 26: what is not done in time is handed back at once, and another worker finishes it", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, LONG_FILES);
    const data = join(folder.path, "data");
    const backoff = ["--base-backoff-ms", "100", ...ROOMY.controlPlane];
    await using controlPlane = await startControlPlane({ generation, data, flags: backoff });
    const flags = ["--allow-local", folder.path, ...ROOMY.worker];
    await using first = startWorker(controlPlane.url, ...flags, "--drain-grace-ms", "0");
    const jobId = await enqueue(controlPlane.url, table, ...LONG_GROUP);
    await startedJob(controlPlane.url, first);
    first.kill("SIGTERM");
    expect(await first.ended()).toMatchObject({ exitCode: 0 });
    expect(first.count("Handing back unfinished jobs")).toBe(1);
    expect(first.count("File group captured")).toBe(0);
    expect(await groupJobs(controlPlane, jobId)).toMatchObject([{ state: "queued" }]);

    // The lease of two minutes is not waited for.
    await using second = startWorker(controlPlane.url, ...flags);
    await second.line(LEASED);
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "succeeded" });
    expectSameResult(
      await resultOf(controlPlane.url, jobId, folder),
      await captured(folder, table, generation),
    );
  });
});
