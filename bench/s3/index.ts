import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { bundleChild } from "../stats/bundle.ts";
import type { Contender, RunReport } from "./contender.ts";
import { type S3Table, s3Tables } from "./data.ts";

/**
 * What it costs that a table lies in S3: capture of everything from a server with added latency, beside the same capture from
 * the disk and beside fetching the bare bytes from the same server. Servers and contenders are processes of their own, runs are
 * interleaved, and captures have been warmed up.
 */
const FOLDER = join(import.meta.dirname, "../../.bench-data");
const LATENCIES_MS = [1, 20, 80];
/** At most so many times the time of a capture from the disk, with 1 ms of latency. */
const BAR = 1.3;
/** A captured file with page index: at most 2 requests and one for every 8 MiB. */
const REQUESTS = 2;
const BYTES_PER_REQUEST = 8 * 1024 * 1024;
const WARM_UP_RUNS = 2;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      runs: { type: "string", default: "7" },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  });
  const tables = await s3Tables(FOLDER, (line) => console.error(line));
  const program = await bundleChild(join(FOLDER, "s3-program"), "bench/s3/child.ts");
  const out = join(FOLDER, "s3-out");
  if (!values.json) console.log(row(...HEADINGS));
  for (const table of tables) {
    const servers = await Promise.all(LATENCIES_MS.map((latencyMs) => startServer(table, latencyMs)));
    try {
      const base = { files: table.files, threads: Number(values.threads), out };
      const local = {
        ...base,
        work: "capture",
        uri: table.folder,
        endpoint: undefined,
        latencyMs: undefined,
      } as const;
      const remote = servers.flatMap(({ endpoint, latencyMs }) => {
        const where = { ...base, uri: `s3://${table.name}`, endpoint, latencyMs };
        return [{ ...where, work: "capture" } as const, { ...where, work: "bytes" } as const];
      });
      const [disk, ...measured] = await measure([local, ...remote], program, Number(values.runs));
      for (let i = 0; i < measured.length; i += 2) {
        const [capture, bytes] = measured.slice(i, i + 2);
        if (disk === undefined || capture === undefined || bytes === undefined) continue;
        const line = { table, capture, bytes, disk };
        console.log(values.json ? JSON.stringify(jsonLine(line)) : tableRow(line));
      }
    } finally {
      for (const server of servers) server.close();
    }
  }
  rmSync(out, { recursive: true, force: true });
}

interface Measurement extends RunReport {
  readonly latencyMs: number | undefined;
}

interface Line {
  readonly table: S3Table;
  readonly capture: Measurement;
  readonly bytes: Measurement;
  readonly disk: Measurement;
}

/** Medians of interleaved runs. */
async function measure(
  contenders: readonly Contender[],
  program: string,
  runs: number,
): Promise<readonly Measurement[]> {
  const children = contenders.map((contender) => startChild(program, [JSON.stringify(contender)]));
  try {
    for (const child of children) await child.nextLine();
    const times: number[][] = contenders.map(() => []);
    const last: RunReport[] = [];
    for (let round = 0; round < runs + WARM_UP_RUNS; round++) {
      for (const [i, child] of children.entries()) {
        child.process.stdin?.write("run\n");
        const report: RunReport = JSON.parse(await child.nextLine());
        last[i] = report;
        if (round >= WARM_UP_RUNS) times[i]?.push(report.ms);
      }
    }
    return last.map((report, i) => ({
      ...report,
      ms: median(times[i] ?? []),
      latencyMs: contenders[i]?.latencyMs,
    }));
  } finally {
    for (const child of children) child.process.stdin?.end();
  }
}

async function startServer({ name, folder }: S3Table, latencyMs: number) {
  const { process: server, nextLine } = startChild(join(import.meta.dirname, "server.ts"), [
    String(latencyMs),
    name,
    folder,
  ]);
  return { latencyMs, endpoint: await nextLine(), close: () => server.stdin?.end() };
}

function startChild(program: string, args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("a child process has no output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    async nextLine(): Promise<string> {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} ${args[0]} ended early`);
      return String(value);
    },
  };
}

function requestBar({ files, bytesRead }: RunReport): number {
  return REQUESTS * files + bytesRead / BYTES_PER_REQUEST;
}

function jsonLine({ table, capture, bytes, disk }: Line) {
  return {
    bench: `s3/${table.name}/${capture.latencyMs}ms`,
    peer: "capture from the disk",
    files: capture.files,
    latency_ms: capture.latencyMs,
    ours_ms: round(capture.ms, 1),
    peer_ms: round(disk.ms, 1),
    ratio: round(capture.ms / disk.ms, 2),
    ...(capture.latencyMs === LATENCIES_MS[0] && { bar: BAR }),
    bare_bytes_ms: round(bytes.ms, 1),
    bare_bytes_ratio: round(capture.ms / bytes.ms, 2),
    requests: capture.requests,
    requests_per_file: round(capture.requests / capture.files, 2),
    requests_bar: round(requestBar(capture)),
    bytes_read: capture.bytesRead,
    bytes_of_files: bytes.bytesRead,
    peak_rss_mib: capture.peakRssMiB,
    peer_peak_rss_mib: disk.peakRssMiB,
  };
}

const HEADINGS = [
  "captured",
  "latency",
  "ours ms",
  "disk ms",
  "ratio",
  "",
  "bytes ms",
  "ratio",
  "requests",
  "a file",
  "RSS MiB",
  "disk",
];

function tableRow({ table, capture, bytes, disk }: Line): string {
  const ratio = capture.ms / disk.ms;
  const verdict = capture.latencyMs === LATENCIES_MS[0] ? `${ratio <= BAR ? "met" : "MISSED"} (${BAR}x)` : "";
  return row(
    table.what,
    `${capture.latencyMs} ms`,
    round(capture.ms),
    round(disk.ms),
    `${ratio.toFixed(2)}x`,
    verdict,
    round(bytes.ms),
    `${(capture.ms / bytes.ms).toFixed(2)}x`,
    `${capture.requests}${capture.requests <= requestBar(capture) ? "" : " MANY"}`,
    (capture.requests / capture.files).toFixed(2),
    capture.peakRssMiB,
    disk.peakRssMiB,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function row(...cells: readonly (string | number)[]): string {
  const widths = [24, 8, 8, 8, 7, 14, 9, 7, 9, 7, 8, 6];
  return cells.map((cell, i) => String(cell).padStart(widths[i] ?? 8)).join(" ");
}
