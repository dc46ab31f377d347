import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";
import {
  captured,
  enqueue,
  expectSameResult,
  freePort,
  resultOf,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";

describe("01 §11.4: servers are upgraded in place", () => {
  it("a worker whose control plane comes back as another generation drains and serves that one", async () => {
    await using folder = await workFolder();
    const port = await freePort();
    const start = (generation: "inline" | "chunked") =>
      startControlPlane({ generation, port, data: join(folder.path, generation) });
    await using before = await start("inline");
    await using worker = startWorker(before.url, "--allow-local", DEMO_TABLE);
    expect(await worker.line("worker ready")).toMatchObject({ generation: "inline", foundBy: "reflection" });
    before.kill("SIGTERM");
    await before.ended();

    await using after = await start("chunked");
    await worker.line("draining: the control plane now speaks the chunked generation");
    expect(await worker.line("worker ready", { nth: 2 })).toMatchObject({ generation: "chunked" });
    const jobId = await enqueue(after.url, DEMO_TABLE);
    await watchTable(after.url, jobId);
    const result = await resultOf(after.url, jobId, folder);
    expectSameResult(result, await captured(folder, DEMO_TABLE, "chunked"));

    worker.kill("SIGTERM");
    expect(await worker.ended()).toMatchObject({ exitCode: 0 });
  });
});

describe("decision 20", () => {
  it("a worker without settings for a token warns once and goes on", async () => {
    await using folder = await workFolder();
    await using controlPlane = await startControlPlane({
      generation: "chunked",
      data: join(folder.path, "data"),
    });
    await using worker = startWorker(
      controlPlane.url,
      ...["--set", "floecat.reconciler.worker.auth.required=true"],
    );
    await worker.line("worker ready");
    const warnings = worker.lines.filter(({ level }) => level === "warn");
    expect(warnings.map(({ msg }) => msg)).toEqual([expect.stringContaining("calls carry no token")]);
  });
});
