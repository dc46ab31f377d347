import { join } from "node:path";
import { expect, it } from "vitest";
import type { Service } from "../support/processes.ts";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";
import { enqueueAndWait, GENERATIONS, QUICK, startControlPlane, startWorker } from "./loop.ts";

/** Health and metrics of real processes: what a cluster's probes and Prometheus see. */

const HTTP = ["--http", "127.0.0.1:0"] as const;

async function addressOf(service: Service): Promise<string> {
  const { url } = await service.line("status page");
  if (typeof url !== "string") throw new Error("the process tells no address of its status page");
  return url;
}

/** By name and labels as they stand in the text. */
async function metricsOf(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

it.each(GENERATIONS)(
  "%s: worker and control plane tell probes and Prometheus how they are, and what they did",
  async (generation) => {
    await using folder = await workFolder();
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({
      generation,
      data,
      flags: [...QUICK, ...HTTP],
    });
    await using worker = startWorker(controlPlane.url, "--allow-local", DEMO_TABLE, ...HTTP);
    await worker.line("worker ready");
    const [ofControlPlane, ofWorker] = [await addressOf(controlPlane), await addressOf(worker)];
    for (const url of [ofControlPlane, ofWorker]) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    }

    expect(await enqueueAndWait(controlPlane.url, DEMO_TABLE, "--files-per-group", "1")).toMatchObject({
      exitCode: 0,
    });

    const worked = await metricsOf(ofWorker);
    expect(worked.get("floecat_capture_ready")).toBe(1);
    expect(worked.get("floecat_capture_jobs_leased_total")).toBe(3);
    expect(worked.get("floecat_capture_files_captured_total")).toBe(3);
    expect(worked.get("floecat_capture_rows_captured_total")).toBe(18_000);
    expect(worked.get("floecat_capture_pages_captured_total")).toBe(96);
    expect(worked.get('floecat_capture_jobs_ended_total{outcome="succeeded"}')).toBe(3);
    const submits =
      'rpc_client_duration_seconds_count{rpc_system="grpc",rpc_method="SubmitLeasedFileGroupExecutionResult",rpc_grpc_status_code="OK"}';
    expect(worked.get(submits)).toBeGreaterThanOrEqual(3);
    const kept = await metricsOf(ofControlPlane);
    expect(kept.get('floecat_capture_control_plane_jobs{kind="exec-file-group",state="succeeded"}')).toBe(3);
    expect(kept.get("floecat_capture_control_plane_leases")).toBe(0);

    const ask = async (path: string, query: Readonly<Record<string, string>> = {}) =>
      JSON.parse(await (await fetch(`${ofControlPlane}${path}?${new URLSearchParams(query)}`)).text());
    expect(await ask("/api/status")).toMatchObject({
      role: "control-plane",
      generation,
      queue: { queued: 0, succeeded: 3, failed: 0 },
      totals: { files: 3 },
      failures: [],
    });
    const { tables } = await ask("/api/tables");
    expect(tables).toMatchObject([
      { name: expect.stringContaining("orders"), snapshotId: "2", fileCount: 3 },
    ]);
    const filter = "placed_at >= '2026-03-02 06:00:00' and placed_at < '2026-03-02 07:00:00'";
    expect(await ask("/api/table/filter", { table: tables[0].key, filter })).toMatchObject({
      files: { all: 3, kept: 1 },
      pages: { all: 96, kept: 10 },
      undecided: [],
    });
  },
);

it("a worker without a control plane is healthy and not ready", async () => {
  await using worker = startWorker("http://127.0.0.1:9", ...HTTP);
  const url = await addressOf(worker);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, "the control plane has not answered yet\n"]);
});

it("an address that others reach needs a token", async () => {
  await using worker = startWorker("http://127.0.0.1:9", "--http", "0.0.0.0:0");
  expect(await worker.ended()).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("floecat.capture.status-page.token"),
  });
});
