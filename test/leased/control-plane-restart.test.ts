import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaptureOutputFolder } from "../support/capture-output.ts";
import { type WorkFolder, workFolder } from "../support/run-cli.ts";
import {
  captured,
  enqueue,
  expectSameResult,
  freePort,
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

/** Control planes come and go while workers stay. */

describe.each(GENERATIONS)("%s", (generation) => {
  let tables: WorkFolder;
  let table: string;
  let own: CaptureOutputFolder;
  beforeAll(async () => {
    tables = await workFolder();
    table = await manyFiles(tables, LONG_FILES);
    own = await captured(tables, table, generation);
  });
  afterAll(async () => {
    await tables[Symbol.asyncDispose]();
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "02 §3.5: a control plane that ends by %s in the middle of a group takes its result after a restart",
    async (signal) => {
      await using folder = await workFolder();
      const options = { generation, data: join(folder.path, "data"), flags: ROOMY.controlPlane };
      const port = await freePort();
      await using before = await startControlPlane({ ...options, port });
      await using worker = startWorker(before.url, "--allow-local", table, ...ROOMY.worker);
      const jobId = await enqueue(before.url, table, ...LONG_GROUP);
      await startedJob(before.url, worker);
      before.kill(signal);
      await before.ended();
      expect(worker.count("File group captured")).toBe(0);

      await using after = await startControlPlane({ ...options, port });
      expect(await watchTable(after.url, jobId)).toMatchObject({ state: "succeeded" });
      expect((await worker.line(OUTCOME)).result).toBe("succeeded");
      expect(worker.count(LEASED)).toBe(1);
      expectSameResult(await resultOf(after.url, jobId, folder), own);
    },
  );

  it("a worker may be there before its control plane", async () => {
    await using folder = await workFolder();
    const port = await freePort();
    await using worker = startWorker(`http://127.0.0.1:${port}`, "--allow-local", table);
    await worker.line("the control plane doesn't answer yet");
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, port });
    expect(await worker.line("worker ready")).toMatchObject({ generation });
    const jobId = await enqueue(controlPlane.url, join(table, "f00000.parquet"));
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "succeeded" });
  });
});
