import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { listingTable } from "./data.ts";

/**
 * What it costs to list the files of a very large Delta table out of its checkpoint: memory, and how long the event loop, on
 * which heartbeats run, stands still. Each way of listing has a process of its own.
 */
const FOLDER = join(import.meta.dirname, "../../.bench-data");

const WORK = {
  planned: "20 planned files, nothing shared",
  groups: "50 groups of 20 planned files, one worker",
  plan: "all files, for a plan",
  scan: "all files with their figures",
} as const;

/** Heartbeats may be late by so much. */
const STALL_BAR_MS = 50;

interface Report {
  readonly files: number;
  readonly ms: number;
  readonly longestStallMs: number;
  readonly longestTurnCpuMs: number;
  readonly peakRssMiB: number;
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      files: { type: "string", default: "1000000" },
    },
  });
  const table = await listingTable(FOLDER, Number(values.files));
  if (!values.json) console.log(row("listed", "files", "ms", "RSS MiB", "longest stall ms", "by cpu"));
  for (const [work, what] of Object.entries(WORK)) {
    const report = await measure([work, table, values.files]);
    if (values.json) console.log(JSON.stringify(jsonLine(work, Number(values.files), report)));
    else
      console.log(
        row(what, report.files, report.ms, report.peakRssMiB, report.longestStallMs, report.longestTurnCpuMs),
      );
  }
}

async function measure(args: readonly string[]): Promise<Report> {
  const program = join(import.meta.dirname, "child.ts");
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${args[0]} ended with exit code ${code}`);
  return JSON.parse(output);
}

function jsonLine(work: string, tableFiles: number, report: Report) {
  return {
    bench: `listing/${work}`,
    table_files: tableFiles,
    files: report.files,
    ours_ms: report.ms,
    peak_rss_mib: report.peakRssMiB,
    longest_stall_ms: report.longestStallMs,
    longest_turn_cpu_ms: report.longestTurnCpuMs,
    stall_bar_ms: STALL_BAR_MS,
  };
}

function row(...cells: readonly (string | number)[]): string {
  const widths = [44, 9, 8, 9, 18, 8];
  return cells.map((cell, i) => String(cell).padStart(widths[i] ?? 8)).join(" ");
}
