import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Generation } from "../../src/model/index.ts";
import { runScenario } from "./run.ts";
import type { Scenario, WorkerReport } from "./scenario.ts";

/**
 * What the protocol costs: no-op jobs a second with one worker and with four, chunks a second, how late renewals are while all
 * capture threads decode and while none does, and how busy the capture threads are with groups of 150 ms against a control
 * plane that takes 18 s for a result. Runs of what is compared are interleaved.
 */
const GENERATIONS: readonly Generation[] = ["chunked", "inline"];
/** At least so busy, though a result takes 120 times as long as its capture. */
const BUSY_BAR = 0.9;
const RESULT_MS = 18_000;
const GROUP_MS = 150;
const threads = availableParallelism();

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      runs: { type: "string", default: "3" },
      only: { type: "string", multiple: true },
    },
  });
  const runs = Number(values.runs);
  const parts: readonly [string, () => Promise<readonly Line[]>][] = [
    ["jobs", () => perGeneration((generation) => jobsPerSecond(generation, runs))],
    ["chunks", () => chunksPerSecond(runs)],
    ["beats", () => beatLateness()],
    ["busy", () => perGeneration(busyShare)],
  ];
  for (const [name, part] of parts) {
    if (values.only !== undefined && !values.only.includes(name)) continue;
    for (const line of await part()) console.log(values.json ? JSON.stringify(line) : asText(line));
  }
}

interface Line {
  readonly bench: string;
  readonly [figure: string]: string | number | boolean;
}

async function perGeneration(
  part: (generation: Generation) => Promise<readonly Line[]>,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const generation of GENERATIONS) lines.push(...(await part(generation)));
  return lines;
}

async function jobsPerSecond(generation: Generation, runs: number): Promise<readonly Line[]> {
  const scenario: Scenario = {
    ...BASE,
    generation,
    jobs: 1000,
    slots: 8,
    work: { kind: "no-op" },
  };
  const rates: Record<1 | 4, number[]> = { 1: [], 4: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const workers of [1, 4] as const) {
      const reports = await runScenario(scenario, workers, { kind: "all-ended", limitMs: 120_000 });
      mustSucceed(reports);
      const fromMs = Math.min(...reports.filter(hasRun).map((report) => report.firstLeaseAtMs));
      const toMs = Math.max(...reports.filter(hasRun).map((report) => report.lastEndAtMs));
      rates[workers].push((1000 * scenario.jobs) / (toMs - fromMs));
    }
  }
  const [one, four] = [median(rates[1]), median(rates[4])];
  return [
    {
      bench: `protocol/no-op-jobs/${generation}`,
      jobs_per_second_1_worker: round(one),
      jobs_per_second_4_workers: round(four),
      ratio: round(four / one, 2),
    },
  ];
}

async function chunksPerSecond(runs: number): Promise<readonly Line[]> {
  const scenario: Scenario = {
    ...BASE,
    generation: "chunked",
    jobs: 10,
    slots: 1,
    work: { kind: "records", count: 300 },
  };
  const rates: number[] = [];
  let bytesPerChunk = 0;
  for (let run = 0; run < runs; run += 1) {
    const [report] = await runScenario(scenario, 1, { kind: "all-ended", limitMs: 120_000 });
    if (report === undefined) throw new Error("no worker has reported");
    mustSucceed([report]);
    rates.push((1000 * report.messages) / (report.lastEndAtMs - report.firstLeaseAtMs));
    bytesPerChunk = report.bytes / report.messages;
  }
  const rate = median(rates);
  return [
    {
      bench: "protocol/chunks",
      chunks_per_second: round(rate),
      bytes_per_chunk: round(bytesPerChunk),
      mib_per_second: round((rate * bytesPerChunk) / 2 ** 20, 1),
    },
  ];
}

const BEAT_LEASE_MS = 3000;
const BEATS_MS = 20_000;

async function beatLateness(): Promise<readonly Line[]> {
  const delays: Record<"idle" | "busy", number[]> = { idle: [], busy: [] };
  for (const kind of ["idle", "busy"] as const) {
    const scenario: Scenario = {
      ...BASE,
      leaseMs: BEAT_LEASE_MS,
      generation: "chunked",
      jobs: 64,
      slots: 64,
      work: { kind: "beats", decode: kind === "busy" },
    };
    const [report] = await runScenario(scenario, 1, { kind: "after", ms: BEATS_MS });
    if (report === undefined || report.ended > 0) throw new Error("a lease was lost");
    delays[kind].push(...report.beatDelaysMs);
  }
  return [
    {
      bench: "protocol/renew-lateness",
      leases: 64,
      lease_ms: BEAT_LEASE_MS,
      renewals: delays.busy.length,
      p99_ms: round(quantile(delays.busy, 0.99), 1),
      max_ms: round(Math.max(...delays.busy), 1),
      idle_p99_ms: round(quantile(delays.idle, 0.99), 1),
      idle_max_ms: round(Math.max(...delays.idle), 1),
    },
  ];
}

const SETTLED_MS = RESULT_MS + 5000;
const WINDOW_MS = 20_000;

async function busyShare(generation: Generation): Promise<readonly Line[]> {
  // In chunked, sidecar and success are a message each.
  const messages = generation === "chunked" ? 2 : 1;
  const scenario: Scenario = {
    ...BASE,
    generation,
    jobs: Math.ceil((threads * (SETTLED_MS + WINDOW_MS + 10_000)) / GROUP_MS),
    slots: threads,
    submitDelayMs: RESULT_MS / messages,
    work: { kind: "busy", ms: GROUP_MS, sidecarBytes: 100_000 },
  };
  const [report] = await runScenario(scenario, 1, { kind: "after", ms: SETTLED_MS + WINDOW_MS + 5000 });
  if (report === undefined) throw new Error("no worker has reported");
  mustSucceed([report]);
  const fromMs = report.firstLeaseAtMs + SETTLED_MS;
  const busyMs = report.captures.reduce(
    (sum, [from, to]) => sum + Math.max(0, Math.min(to, fromMs + WINDOW_MS) - Math.max(from, fromMs)),
    0,
  );
  const share = busyMs / (threads * WINDOW_MS);
  return [
    {
      bench: `protocol/busy-threads/${generation}`,
      threads,
      group_ms: GROUP_MS,
      result_ms: RESULT_MS,
      busy_share: round(share, 3),
      bar: BUSY_BAR,
      met: share >= BUSY_BAR,
      results_in_flight: report.mostResults,
      result_mib: round(report.mostResultBytes / 2 ** 20, 1),
      rss_before_mib: round(report.rssBeforeMiB),
      rss_peak_mib: round(report.rssPeakMiB),
    },
  ];
}

const BASE = { leaseMs: 30_000, submitDelayMs: 0 } as const;

const hasRun = (report: WorkerReport) => report.ended > 0;

function mustSucceed(reports: readonly WorkerReport[]): void {
  const failed = reports.reduce((sum, report) => sum + report.failed, 0);
  if (failed > 0) throw new Error(`${failed} jobs failed`);
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function asText({ bench, ...figures }: Line): string {
  return `${bench.padEnd(32)} ${Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join("  ")}`;
}
