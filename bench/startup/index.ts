import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

/**
 * How long the command takes until it is of use, beside `node -e 0`, each run of all contenders in turn: `--help` until it has
 * ended, `worker` until it says that it is ready, against an embedded control plane on this machine.
 */
const BIN = join(import.meta.dirname, "../../bin/floecat-capture.mjs");

/** At most so many milliseconds: of all for `worker`, more than bare Node for the others. */
const BARS = { worker: 300, help: 100 } as const;

interface Contender {
  readonly name: string;
  readonly args: readonly string[];
  /** Text of the line at which the time ends; without it, the end of the process. */
  readonly until?: string;
  readonly bar?: { readonly ms: number; readonly of: "all" | "beyond node" };
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: "boolean", default: false }, runs: { type: "string", default: "15" } },
  });
  if (!existsSync(join(import.meta.dirname, "../../dist/cli.mjs"))) {
    throw new Error("the command is not built: run `npm run build` first");
  }
  const folder = await mkdtemp(join(tmpdir(), "floecat-capture-startup-"));
  const listen = ["control-plane", "--listen", "127.0.0.1:0", "--data", join(folder, "control-plane")];
  const controlPlane = spawn(process.execPath, [BIN, ...listen], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const url = await urlOf(controlPlane);
    const contenders: readonly Contender[] = [
      { name: "node -e 0", args: ["-e", "0"] },
      { name: "--help", args: [BIN, "--help"], bar: { ms: BARS.help, of: "beyond node" } },
      { name: "capture --help", args: [BIN, "capture", "--help"], bar: { ms: BARS.help, of: "beyond node" } },
      {
        name: "worker, ready",
        args: [BIN, "worker", "--control-plane", url],
        until: "worker ready",
        bar: { ms: BARS.worker, of: "all" },
      },
      {
        name: "control-plane, ready",
        args: [BIN, ...listen.slice(0, 3), "--data", join(folder, "other")],
        until: "http://",
      },
    ];
    const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
    for (let run = 0; run <= Number(values.runs); run++) {
      for (const contender of contenders) {
        const tookMs = await timeOf(contender);
        // The first run reads the files from disk.
        if (run > 0) times.get(contender.name)?.push(tookMs);
      }
    }
    report(contenders, times, values.json);
  } finally {
    controlPlane.kill("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  }
}

function report(
  contenders: readonly Contender[],
  times: ReadonlyMap<string, readonly number[]>,
  json: boolean,
): void {
  const bare = median(times.get("node -e 0") ?? []);
  for (const { name, bar } of contenders) {
    const ours = times.get(name) ?? [];
    const ms = median(ours);
    const line = {
      bench: `startup/${name}`,
      peer: "node -e 0",
      ours_ms: round(ms),
      worst_ms: round(Math.max(...ours)),
      peer_ms: round(bare),
      beyond_ms: round(ms - bare),
      ratio: round(ms / bare),
      bar_ms: bar?.ms,
      met: bar === undefined ? undefined : (bar.of === "all" ? ms : ms - bare) <= bar.ms,
    };
    if (json) console.log(JSON.stringify(line));
    else {
      const asked =
        bar === undefined ? "" : `  asked for: ${bar.ms} ms ${bar.of === "all" ? "in all" : "beyond node"}`;
      console.log(
        `${name.padEnd(22)} ${line.ours_ms} ms (worst ${line.worst_ms}), ${line.beyond_ms} ms beyond node${asked}${line.met === false ? "  MISSED" : ""}`,
      );
    }
  }
}

async function timeOf({ args, until }: Contender): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  if (until === undefined) {
    child.stdout?.resume();
    await ended;
    return performance.now() - startedMs;
  }
  await lineWith(child, until);
  const tookMs = performance.now() - startedMs;
  child.kill("SIGKILL");
  await ended;
  return tookMs;
}

async function urlOf(child: ChildProcess): Promise<string> {
  const url = /http:\/\/[\d.]+:\d+/.exec(await lineWith(child, "http://"))?.[0];
  if (url === undefined) throw new Error("the control plane doesn't say where it listens");
  return url;
}

/** The first line of standard output with this text. */
async function lineWith(child: ChildProcess, text: string): Promise<string> {
  if (child.stdout === null) throw new Error("no output to read");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes(text)) return line;
  }
  throw new Error(`the process ended before it said "${text}"`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
