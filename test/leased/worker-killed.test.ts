import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workFolder } from "../support/run-cli.ts";
import {
  captured,
  enqueue,
  expectSameResult,
  GENERATIONS,
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

/** A worker that dies takes nothing with it. The lease time is mostly waited for, so both generations run side by side. */

describe.concurrent.each(GENERATIONS)("%s", (generation) => {
  it("02 §3.5: of a worker that is killed in the middle of a group, another one finishes it after the lease has run out", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, LONG_FILES);
    const data = join(folder.path, "data");
    const flags = ["--lease-ms", "1000", "--base-backoff-ms", "100", ...ROOMY.controlPlane];
    await using controlPlane = await startControlPlane({ generation, data, flags });
    const workerFlags = ["--lease-ms", "1000", "--allow-local", folder.path, ...ROOMY.worker];
    await using first = startWorker(controlPlane.url, ...workerFlags);
    const jobId = await enqueue(controlPlane.url, table, ...LONG_GROUP);
    const groupJob = await startedJob(controlPlane.url, first);
    first.kill("SIGKILL");
    expect(await first.ended()).toMatchObject({ exitCode: null });
    expect(first.count(OUTCOME)).toBe(0);

    await using second = startWorker(controlPlane.url, ...workerFlags);
    expect((await second.line(LEASED)).jobId).toBe(groupJob);
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({
      state: "succeeded",
      filesFinished: LONG_FILES,
    });
    const result = await resultOf(controlPlane.url, jobId, folder);
    expect(result.artifacts).toHaveLength(LONG_FILES);
    expectSameResult(result, await captured(folder, table, generation));
  });
});
