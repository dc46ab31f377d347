import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createCapturePool } from "../../src/capture/index.ts";
import { captureTable } from "../../src/cli/capture/capture-table.ts";
import type { CaptureOptions } from "../../src/cli/capture/options.ts";
import { resolveSources } from "../../src/cli/capture/sources.ts";
import { createOutputFolder } from "../../src/cli/output-folder.ts";
import { ProgressLine } from "../../src/cli/terminal/progress.ts";
import { systemClock } from "../../src/model/index.ts";
import { readFooter } from "../../src/parquet/index.ts";
import { openStore } from "../../src/storage/index.ts";
import type { Contender, Run, RunReport } from "./contender.ts";

/**
 * One contender in a process of its own, so that its memory is its own. Arguments: contender as JSON, then `once` (runs, prints
 * its report and ends) or `serve` (a run for every line on stdin, a report on stdout).
 */
const [contenderJson = "{}", mode = "once"] = process.argv.slice(2);
const contender: Contender = JSON.parse(contenderJson);
const { signal } = new AbortController();
await using pool = createCapturePool({ threads: contender.threads });

const work = contender.work === "footers" ? readFooters : capture;
if (mode === "once") {
  await run();
} else {
  console.log("ready");
  for await (const _line of createInterface({ input: process.stdin })) await run();
}

async function run(): Promise<void> {
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const done = await work();
  const report: RunReport = {
    ...done,
    ms: performance.now() - startMs,
    cpuMs: cpuMsSince(cpuBefore),
    peakRssMiB: Math.round(peakRssKiB() / 1024),
  };
  console.log(JSON.stringify(report));
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Not `maxRSS`, which on Linux begins with the memory of the process that started this one. */
function peakRssKiB(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}

/** What any reader of statistics has to do at least: every footer read and parsed, one after the other. */
async function readFooters(): Promise<Run> {
  const store = openStore({ local: { kind: "anywhere" } });
  let files = 0;
  let requests = 0;
  let bytesRead = 0;
  for (const path of contender.files) {
    await using handle = await store.open(path, { signal });
    const counted = {
      path,
      size: handle.size,
      read: (...range: Parameters<typeof handle.read>) => {
        requests++;
        bytesRead += range[1];
        return handle.read(...range);
      },
    };
    await readFooter(counted, { signal });
    files++;
  }
  return { files, requests, bytesRead };
}

/** `floecat-capture capture --outputs table,file,column`, records written to disk. */
async function capture(): Promise<Run> {
  const options: CaptureOptions = {
    format: contender.format,
    snapshot: "latest",
    outputs: new Set(["table", "file", "column"]),
    ndv: false,
    statsFormat: new Set<never>(),
    resume: false,
    columns: [],
    wire: contender.wire,
    out: contender.out,
    force: true,
    crc: "error",
    json: true,
    catalogAuth: "auto",
    vendedCredentials: true,
    catalogOption: [],
  };
  const out = await createOutputFolder(options.out, { force: true });
  const progress = new ProgressLine({ isTTY: false, columns: 80, write() {} }, systemClock);
  const [source] = await resolveSources(
    [contender.uri],
    { store: { local: { kind: "anywhere" } }, options: options },
    signal,
  );
  if (source === undefined) throw new Error(`${contender.uri} is no table`);
  const report = await captureTable(source, { options, pool, out, progress, signal, clock: systemClock });
  await out.commit();
  const [failure] = report.failures;
  if (failure !== undefined) throw failure.error;
  return {
    files: report.files.length,
    requests: report.files.reduce((sum, file) => sum + (file.requests ?? 0), 0),
    bytesRead: report.files.reduce((sum, file) => sum + (file.bytesRead ?? 0), 0),
  };
}
