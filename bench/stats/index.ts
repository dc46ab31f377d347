import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleChild } from "./bundle.ts";
import type { Contender } from "./contender.ts";
import { statsTables } from "./data.ts";
import { type Measurement, measure } from "./measure.ts";

/**
 * The cost of statistics without page index or distinct values: `capture` of tables of 1,000 files beside reading and parsing
 * their footers, interleaved in one run. `ratio` is the time of the capture by that of the footers, in processes that have
 * warmed up; `process` is the same for whole processes.
 */
const FOLDER = join(import.meta.dirname, "../../.bench-data");

/** At most so many times the time of the footers. */
const BAR = 1.2;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      runs: { type: "string", default: "7" },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  });
  const tables = await statsTables(FOLDER, (line) => console.error(line));
  const program = await bundleChild(join(FOLDER, "stats-program"));
  const out = join(FOLDER, "stats-out");
  const base = { threads: Number(values.threads), out };
  if (!values.json) console.log(row(...HEADINGS));
  for (const table of tables) {
    const contenders: readonly Contender[] = [
      { ...base, ...table, work: "footers", wire: "chunked" },
      { ...base, ...table, work: "capture", wire: "chunked" },
      { ...base, ...table, work: "capture", wire: "inline" },
    ];
    const [footers, ...captures] = await measure(contenders, program, Number(values.runs));
    if (footers === undefined) continue;
    for (const capture of captures) {
      if (values.json) console.log(JSON.stringify(jsonLine(capture, footers)));
      else console.log(tableRow(capture, footers));
    }
  }
  rmSync(out, { recursive: true, force: true });
}

function jsonLine(capture: Measurement, footers: Measurement) {
  const { format, wire, threads } = capture.contender;
  return {
    bench: `stats/${format}/${wire}`,
    peer: "footers read and parsed",
    threads,
    files: capture.files,
    ours_ms: round(capture.warmMs),
    peer_ms: round(footers.warmMs),
    ratio: round(capture.warmMs / footers.warmMs, 2),
    bar: BAR,
    ours_cpu_ms: round(capture.warmCpuMs),
    peer_cpu_ms: round(footers.warmCpuMs),
    ours_process_ms: round(capture.processMs),
    peer_process_ms: round(footers.processMs),
    process_ratio: round(capture.processMs / footers.processMs, 2),
    requests: capture.requests,
    peer_requests: footers.requests,
    bytes_read: capture.bytesRead,
    peer_bytes_read: footers.bytesRead,
    peak_rss_mib: capture.peakRssMiB,
    peer_peak_rss_mib: footers.peakRssMiB,
  };
}

const HEADINGS = [
  "statistics of",
  "ours ms",
  "footers",
  "ratio",
  "",
  "CPU ms",
  "footers",
  "process",
  "footers",
  "ratio",
  "requests",
  "MiB read",
  "RSS MiB",
  "footers",
];

function tableRow(capture: Measurement, footers: Measurement): string {
  const { format, wire } = capture.contender;
  const ratio = capture.warmMs / footers.warmMs;
  return row(
    `${capture.files} files, ${format}, ${wire}`,
    round(capture.warmMs),
    round(footers.warmMs),
    `${ratio.toFixed(2)}x`,
    `${ratio <= BAR ? "met" : "MISSED"} (${BAR}x)`,
    round(capture.warmCpuMs),
    round(footers.warmCpuMs),
    round(capture.processMs),
    round(footers.processMs),
    `${(capture.processMs / footers.processMs).toFixed(2)}x`,
    capture.requests,
    round(capture.bytesRead / 2 ** 20, 1),
    capture.peakRssMiB,
    footers.peakRssMiB,
  );
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function row(...cells: readonly (string | number)[]): string {
  const widths = [30, 8, 8, 7, 14, 8, 8, 8, 8, 7, 9, 9, 8, 8];
  return cells.map((cell, i) => String(cell).padStart(widths[i] ?? 8)).join(" ");
}
