import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { createInterface } from "node:readline";
import { createCapturePool } from "../../src/capture/index.ts";
import { captureTable } from "../../src/cli/capture/capture-table.ts";
import type { CaptureOptions } from "../../src/cli/capture/options.ts";
import { resolveSources } from "../../src/cli/capture/sources.ts";
import { createOutputFolder } from "../../src/cli/output-folder.ts";
import { ProgressLine } from "../../src/cli/terminal/progress.ts";
import { systemClock } from "../../src/model/index.ts";
import type { StoreSettings } from "../../src/storage/index.ts";
import type { Contender, RunReport } from "./contender.ts";

/** One contender in a process of its own: a run for every line on stdin, a report on stdout. The argument is JSON. */
const contender: Contender = JSON.parse(process.argv[2] ?? "{}");
const BYTES_PER_REQUEST = 8 * 1024 * 1024;
const REQUESTS_AT_A_TIME = 32;
const { signal } = new AbortController();
await using pool = createCapturePool({ threads: contender.threads });
const agent = new Agent({ keepAlive: true });

const work = contender.work === "bytes" ? fetchBytes : capture;
console.log("ready");
for await (const _line of createInterface({ input: process.stdin })) {
  const startMs = performance.now();
  const done = await work();
  const report: RunReport = {
    ...done,
    ms: performance.now() - startMs,
    peakRssMiB: Math.round(peakRssKiB() / 1024),
  };
  console.log(JSON.stringify(report));
}
agent.destroy();

/** Not `maxRSS`, which on Linux begins with the memory of the process that started this one. */
function peakRssKiB(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}

async function fetchBytes(): Promise<Omit<RunReport, "ms" | "peakRssMiB">> {
  const ranges = contender.files.flatMap(({ name, size }) =>
    Array.from({ length: Math.ceil(size / BYTES_PER_REQUEST) }, (_, i) => {
      const from = i * BYTES_PER_REQUEST;
      return { name, range: `bytes=${from}-${Math.min(size, from + BYTES_PER_REQUEST) - 1}` };
    }),
  );
  const requests = ranges.length;
  let bytesRead = 0;
  const next = async () => {
    for (let wanted = ranges.pop(); wanted !== undefined; wanted = ranges.pop())
      bytesRead += await drain(wanted);
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_A_TIME }, next));
  return { files: contender.files.length, requests, bytesRead };
}

function drain({ name, range }: { readonly name: string; readonly range: string }): Promise<number> {
  const url = `${contender.endpoint}/${contender.uri.slice("s3://".length)}/${name}`;
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { range } }, (answer) => {
      let length = 0;
      answer.on("data", (chunk: Uint8Array) => {
        length += chunk.length;
      });
      answer.on("end", () => resolve(length)).on("error", reject);
    }).on("error", reject);
  });
}

/** `floecat-capture capture` of everything, records written to disk. */
async function capture(): Promise<Omit<RunReport, "ms" | "peakRssMiB">> {
  const options: CaptureOptions = {
    format: "delta",
    snapshot: "latest",
    outputs: new Set(["table", "file", "column", "page-index"]),
    ndv: false,
    statsFormat: new Set<never>(),
    resume: false,
    columns: [],
    wire: "chunked",
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
  const [source] = await resolveSources([contender.uri], { store: store(), options }, signal);
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

function store(): StoreSettings {
  if (contender.endpoint === undefined) return { local: { kind: "anywhere" } };
  return {
    local: { kind: "none" },
    s3: {
      schemes: ["s3"],
      endpoint: contender.endpoint,
      region: "us-east-1",
      pathStyle: true,
      credentials: { kind: "static", accessKeyId: "BENCH", secretAccessKey: "bench" },
    },
  };
}
