/** Three workers are replaced one after the other while there is work (03 §16, decision 26). */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  captured,
  enqueue,
  expectSameResult,
  GENERATIONS,
  LEASED,
  manyFiles,
  OUTCOME,
  resultOf,
  startControlPlane,
  startWorker,
  watchTable,
} from "../leased/loop.ts";
import { workFolder } from "../support/run-cli.ts";

const FILES = 60;
const WORKERS = 3;
/** Slow calls, so that the work lasts while workers come and go. */
const SLOW_CALLS = ["--chaos", "seed=1,delay=1,max-delay-ms=100"];

describe.concurrent.each(GENERATIONS)("%s", (generation) => {
  it("a rolling restart under load loses nothing, and no lease is left to run out", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, FILES);
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, flags: SLOW_CALLS });
    await using workers = new AsyncDisposableStack();
    const start = (instance: string) =>
      workers.use(
        startWorker(
          controlPlane.url,
          ...["--allow-local", folder.path, "--instance", instance],
          ...["--threads", "1", "--max-parallelism", "1"],
        ),
      );
    const before = Array.from({ length: WORKERS }, (_, index) => start(`before-${index}`));
    await Promise.all(before.map((worker) => worker.line("worker ready")));
    const jobId = await enqueue(controlPlane.url, table, "--files-per-group", "1");

    await Promise.all(before.map((worker) => worker.line(LEASED)));
    const after = [];
    for (const [index, worker] of before.entries()) {
      const next = start(`after-${index}`);
      await next.line("worker ready");
      worker.kill("SIGTERM");
      expect(await worker.ended()).toMatchObject({ exitCode: 0 });
      after.push(next);
    }
    // Leases live for 120 s and 30 s here, longer than this waits.
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({
      state: "succeeded",
      filesFinished: FILES,
    });
    for (const worker of after) worker.kill("SIGTERM");
    for (const worker of after) expect(await worker.ended()).toMatchObject({ exitCode: 0 });
    const outcomes = [...before, ...after].flatMap((worker) =>
      worker.lines.filter(({ msg }) => msg === OUTCOME).map(({ result }) => result),
    );
    expect(outcomes.filter((result) => result === "succeeded")).toHaveLength(FILES);
    expectSameResult(
      await resultOf(controlPlane.url, jobId, folder),
      await captured(folder, table, generation),
    );
  }, 120_000);
});
