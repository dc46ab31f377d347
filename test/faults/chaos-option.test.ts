/** `control-plane --chaos` as its operator uses it: a worker against it does its work, and what was done to it is told. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  enqueue,
  GENERATIONS,
  manyFiles,
  startControlPlane,
  startWorker,
  watchTable,
} from "../leased/loop.ts";
import { runCli, workFolder } from "../support/run-cli.ts";

const FILES = 12;
/** What a lost call held comes back soon. */
const STORE = "floecat.reconciler.job-store";
const QUICK_RECLAIM = [
  "--set",
  `${STORE}.lease-renew-grace-ms=300`,
  "--set",
  `${STORE}.reclaim-interval-ms=1000`,
];
const CHAOS = "seed=5,rate=0.2,silence-ms=200,max-delay-ms=100,jump-every-ms=300,max-jump-ms=500";

describe.concurrent.each(GENERATIONS)("%s", (generation) => {
  it("a table is captured whole through faults of its calls and jumps of the server's clock", async () => {
    await using folder = await workFolder();
    const table = await manyFiles(folder, FILES);
    const lease = ["--lease-ms", "2000"];
    await using controlPlane = await startControlPlane({
      generation,
      data: join(folder.path, "data"),
      flags: [
        "--chaos",
        CHAOS,
        "--max-attempts",
        "100",
        "--base-backoff-ms",
        "100",
        ...QUICK_RECLAIM,
        ...lease,
      ],
    });
    await controlPlane.line("this control plane makes faults on purpose");
    await using worker = startWorker(controlPlane.url, "--allow-local", folder.path, ...lease);
    const jobId = await enqueue(controlPlane.url, table, "--files-per-group", "1");
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({
      state: "succeeded",
      filesFinished: FILES,
    });
    worker.kill("SIGTERM");
    expect(await worker.ended()).toMatchObject({ exitCode: 0 });
    controlPlane.kill("SIGTERM");
    expect(await controlPlane.ended()).toMatchObject({ exitCode: 0 });
    const counts = controlPlane.lines.find(({ msg }) => msg === "faults on purpose");
    expect(counts).toMatchObject({ "drop-response": expect.any(Number), "clock-jump": expect.any(Number) });
    const struck = Object.entries(counts ?? {}).filter(
      ([name, count]) => /-|reset/.test(name) && Number(count) > 0,
    );
    expect(struck.length).toBeGreaterThan(3);
  });
});

it("a spec that makes no sense is wrong use", async () => {
  await using folder = await workFolder();
  const data = join(folder.path, "data");
  const result = await runCli([
    "control-plane",
    "--listen",
    "127.0.0.1:0",
    "--data",
    data,
    "--chaos",
    "drop=1",
  ]);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain('--chaos: "drop" is none of');
});
