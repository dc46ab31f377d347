import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Report } from "./child.ts";
import type { Job } from "./job.ts";
import type { Outcome } from "./target.ts";

/** Runs a job in a process of its own and watches it: its progress, its memory, its end. */

export interface Limits {
  /** Longest that one input may take. */
  readonly maxInputMs: number;
  /** Most resident memory that the process may have. */
  readonly maxMemoryBytes: number;
}

export type JobEnd =
  | { readonly kind: "done"; readonly outcome: Outcome | undefined; readonly peakBytes: number }
  /** The process ended, or was ended, at this input. */
  | { readonly kind: "broken"; readonly index: number; readonly what: string; readonly detail: string };

/** Loading the program and its seeds takes longer than any input. */
const START_MS = 60_000;
const WATCH_MS = 100;
/** JavaScript's own heap; the rest of the memory is buffers and the kernels' memory. */
const NODE_OPTIONS = ["--max-old-space-size=256", "--no-warnings"];

export function runJob(job: Job, limits: Limits, onReport: (report: Report) => void): Promise<JobEnd> {
  const child = fork(join(import.meta.dirname, "child.ts"), {
    execArgv: NODE_OPTIONS,
    stdio: ["ignore", "ignore", "pipe", "pipe", "ipc"],
  });
  let index = -1;
  let since = performance.now();
  let errors = "";
  let end: JobEnd | undefined;
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000);
  });
  progressOf(child)?.on("data", (chunk: Buffer) => {
    index = Number(chunk.toString().trimEnd().split("\n").at(-1));
    since = performance.now();
  });
  child.on("message", (report: Report) => {
    if (report.kind === "done") end = report;
    else onReport(report);
  });
  const watch = setInterval(() => {
    const allowed = index < 0 ? START_MS : limits.maxInputMs;
    if (performance.now() - since < allowed || end !== undefined) return;
    end = { kind: "broken", index, what: "hang", detail: `no end after ${allowed} ms` };
    child.kill("SIGKILL");
  }, WATCH_MS);
  child.send(job);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      resolve(
        end ?? { kind: "broken", index, what: `crash: ${signal ?? `exit code ${code}`}`, detail: errors },
      );
    });
  });
}

/** The descriptor that the child writes its inputs' indices to. */
function progressOf(child: ChildProcess) {
  const stream = child.stdio[3];
  return stream !== null && stream !== undefined && "read" in stream ? stream : undefined;
}
