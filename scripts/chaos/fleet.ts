import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LEASE_MS } from "./options.ts";

/** The workers of a chaos run: processes of the command that are killed, stopped for a while, drained, and started again. */
export interface Fleet {
  /** Ends of workers that nobody had asked for, with what they said last. */
  readonly crashes: readonly string[];
  /** SIGKILL, and a new worker in its place. */
  kill(index: number): Promise<void>;
  /** SIGTERM; the new worker starts beside the old one, which still drains. */
  drain(index: number): void;
  /** Stops the process for longer than its leases live, then lets it go on. */
  pause(index: number): Promise<void>;
  /** SIGTERM to all; rejects unless each ends with exit code 0. */
  stop(): Promise<void>;
  killAll(): void;
}

interface Worker {
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  /** Whether its end, or its being killed, is wanted. */
  expected: "nothing" | "killed" | "drained";
}

const bin = join(import.meta.dirname, "../../bin/floecat-capture.mjs");
const TOLD_BYTES = 4000;
const STOP_MS = 60_000;

export function startFleet(options: {
  readonly workers: number;
  readonly url: string;
  readonly root: string;
}): Fleet {
  const crashes: string[] = [];
  const all = new Set<Worker>();
  let started = 0;

  const start = (): Worker => {
    const child = spawn(process.execPath, [bin, ...workerArgs(options, started++)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    const keep = (part: Buffer) => {
      told = (told + part.toString("utf8")).slice(-TOLD_BYTES);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const ended = new Promise<number | string | null>((resolve) =>
      child.once("close", (code, signal) => resolve(code ?? signal)),
    );
    const worker: Worker = { child, ended, expected: "nothing" };
    all.add(worker);
    void ended.then((code) => {
      all.delete(worker);
      // By the signal itself: it came before the worker listened, and so before it had leased anything.
      const fine =
        worker.expected === "killed" || (worker.expected === "drained" && (code === 0 || code === "SIGTERM"));
      if (!fine) crashes.push(`a worker ended with ${code} (${worker.expected} was asked for): ${told}`);
    });
    return worker;
  };
  const current = Array.from({ length: options.workers }, start);
  const at = (index: number): Worker => {
    const worker = current[index];
    if (worker === undefined) throw new RangeError(`no worker ${index}`);
    return worker;
  };
  const drained = (worker: Worker) => {
    if (worker.expected === "nothing") worker.expected = "drained";
    worker.child.kill("SIGTERM");
  };

  return {
    crashes,
    async kill(index) {
      const worker = at(index);
      worker.expected = "killed";
      worker.child.kill("SIGKILL");
      await worker.ended;
      current[index] = start();
    },
    drain(index) {
      drained(at(index));
      current[index] = start();
    },
    async pause(index) {
      const { child } = at(index);
      child.kill("SIGSTOP");
      await sleep(LEASE_MS * 1.8);
      child.kill("SIGCONT");
    },
    async stop() {
      const stopping = [...all];
      for (const worker of stopping) drained(worker);
      const limit = new AbortController();
      const ended = Promise.all(stopping.map((worker) => worker.ended)).finally(() => limit.abort());
      await Promise.race([ended, sleep(STOP_MS, undefined, { signal: limit.signal }).catch(() => {})]);
      for (const worker of all) {
        crashes.push("a worker goes on a minute after SIGTERM");
        worker.expected = "killed";
        worker.child.kill("SIGKILL");
      }
    },
    killAll() {
      for (const worker of all) worker.child.kill("SIGKILL");
    },
  };
}

function workerArgs(options: { readonly url: string; readonly root: string }, number: number): string[] {
  const deadline = (name: string) => ["--set", `floecat.reconciler.worker-control.grpc.${name}=4000`];
  return [
    ...["worker", "--control-plane", options.url, "--allow-local", options.root],
    ...["--instance", String(number), "--threads", "1", "--max-parallelism", "3"],
    ...["--lease-ms", String(LEASE_MS), "--drain-grace-ms", "5000", "--log-level", "warn"],
    ...deadline("deadline-ms"),
    ...deadline("lease-deadline-ms"),
    ...deadline("mutation-deadline-ms"),
  ];
}
