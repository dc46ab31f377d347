import { copyFile, cp, link, mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { readResults } from "../../src/cli/enqueue/results.ts";
import { createOutputFolder } from "../../src/cli/output-folder.ts";
import { connectAdmin, type TableProgress } from "../../src/control-plane/client.ts";
import type { Generation } from "../../src/model/index.ts";
import { connectJobControl, type JobControl } from "../../src/protocol/index.ts";
import { type CaptureOutputFolder, readOutput } from "../support/capture-output.ts";
import { type Service, startService } from "../support/processes.ts";
import { type CliResult, DEMO_TABLE, runCli, type WorkFolder } from "../support/run-cli.ts";

/** The leased loop as its operator runs it: `control-plane`, `worker`, `enqueue` and `jobs`, each a process of its own. */

export const GENERATIONS = ["chunked", "inline"] as const;

/** What the worker logs. */
export const LEASED = "Leased remote reconcile job";
export const OUTCOME = "Remote reconcile job outcome";

const DEADLINE_MS = 25_000;

export interface ControlPlaneService extends Service {
  readonly url: string;
}

export interface ControlPlaneFlags {
  readonly generation: Generation;
  readonly data: string;
  /** A free one by default. */
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function startControlPlane(options: ControlPlaneFlags): Promise<ControlPlaneService> {
  const args = [
    "control-plane",
    ...["--listen", `127.0.0.1:${options.port ?? 0}`],
    ...["--data", options.data],
    ...["--wire", options.generation],
    ...(options.flags ?? []),
  ];
  const service = startService(args, options.env);
  const { url } = await service.line("control plane ready");
  if (typeof url !== "string") throw new Error("the control plane tells no URL");
  return { ...service, url };
}

export function startWorker(url: string, ...flags: readonly string[]): Service {
  const noToken = ["--set", "floecat.reconciler.worker.auth.required=false"];
  return startService(["worker", "--control-plane", url, "--log-level", "debug", ...noToken, ...flags]);
}

/** Gives a table to the control plane and tells its job. */
export async function enqueue(url: string, table: string, ...flags: readonly string[]): Promise<string> {
  const result = await runCli(["enqueue", table, "--control-plane", url, "--json", ...flags]);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return jsonOf(result).jobId;
}

export function enqueueAndWait(url: string, table: string, ...flags: readonly string[]): Promise<CliResult> {
  return runCli(["enqueue", table, "--control-plane", url, "--wait", ...flags]);
}

/** The last line of `--json` output. */
export function jsonOf(result: CliResult) {
  return JSON.parse(result.stdout);
}

/** Waits until a table is finished, or until it is as `until` asks. */
export async function watchTable(
  url: string,
  jobId: string,
  until: (status: TableProgress) => boolean = () => false,
): Promise<TableProgress> {
  let last: TableProgress | undefined;
  for await (const status of connectAdmin(url).watch(jobId, { signal: AbortSignal.timeout(DEADLINE_MS) })) {
    last = status;
    if (until(status)) break;
  }
  if (last === undefined) throw new Error(`nothing is told about ${jobId}`);
  return last;
}

/** The result of a finished table, read as `enqueue --wait --out` reads it. */
export async function resultOf(url: string, jobId: string, folder: WorkFolder): Promise<CaptureOutputFolder> {
  const path = join(folder.path, `result-${jobId}`);
  const out = await createOutputFolder(path, { force: false });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    await readResults(connectAdmin(url).readResult(jobId, { includeSidecars: true, signal }), 0, out);
    await out.commit();
  } catch (error) {
    await out.discard();
    throw error;
  }
  return await readOutput(path);
}

/** What `capture` makes of a table. */
export async function captured(
  folder: WorkFolder,
  table: string,
  generation: Generation,
  ...flags: readonly string[]
): Promise<CaptureOutputFolder> {
  const result = await folder.run(
    ...["capture", table, "--wire", generation, "--out", "captured", "--force"],
    ...flags,
  );
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return await readOutput(join(folder.path, "captured"));
}

/** Record by record, sidecar by sidecar; of times only that they are there. */
export function expectSameResult(leased: CaptureOutputFolder, own: CaptureOutputFolder): void {
  expect(jsonLines(leased.timeless)).toEqual(jsonLines(own.timeless));
  expect([...leased.sidecars.keys()]).toEqual([...own.sidecars.keys()]);
  expect(leased.sidecars).toEqual(own.sidecars);
}

/** A chunked server keeps equality ids in ascending order (07 §8.8), whatever order they were sent in. */
function jsonLines(text: string): readonly unknown[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line): unknown =>
    JSON.parse(line, (key, value) =>
      key === "equalityFieldIds" && Array.isArray(value) ? value.toSorted((a, b) => a - b) : value,
    ),
  );
}

/** A copy that a test may damage. */
export async function copyOfDemo(folder: WorkFolder): Promise<string> {
  const table = join(folder.path, "orders");
  await cp(DEMO_TABLE, table, { recursive: true });
  return table;
}

/** The file-group jobs of a table, as `jobs show` tells them. */
export async function groupJobs(controlPlane: { readonly url: string }, jobId: string) {
  const shown = await runCli(["jobs", "show", jobId, "--control-plane", controlPlane.url, "--json"]);
  const jobs: { jobId: string; kind: string; state: string; message: string }[] = jsonOf(shown).descendants;
  return jobs.filter(({ kind }) => kind === "exec_file_group");
}

/** Failures are not waited for. */
export const QUICK = ["--max-attempts", "2", "--base-backoff-ms", "100"];

/** Bare Parquet of `count` files: small ones, so that a group of them takes a while and can be stopped anywhere. */
export async function manyFiles(folder: WorkFolder, count: number): Promise<string> {
  const table = join(folder.path, "many");
  await mkdir(table);
  const source = join(folder.path, "source.parquet");
  await copyFile(join(DEMO_TABLE, "orders-2026-03-01.parquet"), source);
  for (let index = 0; index < count; index++) {
    await link(source, join(table, `f${String(index).padStart(5, "0")}.parquet`));
  }
  return table;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A group that takes a second and more on one thread, so that what happens after its start happens in the middle of it. */
export const LONG_FILES = 300;
export const LONG_GROUP = ["--files-per-group", "10000"];

/** Inline's limit of a message would divide the long group (02 §2). */
const MESSAGE_BYTES = String(64 << 20);
export const ROOMY = {
  controlPlane: ["--max-message-bytes", MESSAGE_BYTES],
  worker: ["--max-request-bytes", MESSAGE_BYTES, "--threads", "1"],
};

/** Waits until the worker has a job in hand: it was leased, and its Start has come (02 §4.3). */
export async function startedJob(url: string, worker: Service): Promise<string> {
  const { jobId } = await worker.line(LEASED);
  if (typeof jobId !== "string") throw new Error("the worker leased a job without an id");
  const signal = AbortSignal.timeout(DEADLINE_MS);
  await withJobs(url, async (jobs) => {
    let executorId = "";
    while (executorId === "") ({ executorId } = await jobs.get(jobId, { signal, timeoutMs: DEADLINE_MS }));
  });
  return jobId;
}

/** As `jobs cancel` does it, without the time that a process takes to start. */
export async function cancelJob(url: string, jobId: string, reason: string): Promise<boolean> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  return await withJobs(url, (jobs) => jobs.cancel(jobId, reason, { signal, timeoutMs: DEADLINE_MS }));
}

async function withJobs<T>(url: string, work: (jobs: JobControl) => Promise<T>): Promise<T> {
  const { jobs, close } = await connectJobControl({ url });
  try {
    return await work(jobs);
  } finally {
    close();
  }
}
