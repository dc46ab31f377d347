import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CliResult } from "./run-cli.ts";

/**
 * Long-running commands as their operator sees them: a process that writes log lines and answers signals. Tests wait for lines
 * and ends, never for time to pass; each wait has a deadline and tells what the process said until then.
 */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Service extends AsyncDisposable {
  readonly pid: number;
  /** Log lines so far. */
  readonly lines: readonly LogLine[];
  /** The first line that has this text in its message, whether it is there already or yet to come. */
  line(message: string, options?: LineWait): Promise<LogLine>;
  /** Number of lines so far that have this text in their message. */
  count(message: string): number;
  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** Rejects if the process still runs at the deadline. */
  ended(): Promise<CliResult>;
}

export interface LineWait {
  /** The how manieth such line; 1 by default. */
  readonly nth?: number;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 25_000;
const TOLD_LINES = 15;

const root = join(import.meta.dirname, "../..");
const bin = join(root, "bin/floecat-capture.mjs");

export function startService(args: readonly string[], env: Readonly<Record<string, string>> = {}): Service {
  if (!existsSync(join(root, "dist/cli.mjs"))) {
    throw new Error("the command is not built: run `npm run build` first, as `npm test` does");
  }
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: tmpdir(),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const name = args[0] ?? "";
  const output: string[] = [];
  const lines: LogLine[] = [];
  let stderr = "";
  const waiters = new Set<() => void>();
  const tellWaiters = () => {
    for (const look of waiters) look();
  };
  createInterface({ input: child.stdout }).on("line", (text) => {
    output.push(text);
    const line = parseLine(text);
    if (line !== undefined) lines.push(line);
    tellWaiters();
  });
  child.stderr.on("data", (part: Buffer) => {
    stderr += part.toString("utf8");
  });
  const exit = exitOf(child, () => ({ stdout: output.join("\n"), stderr }));
  let hasEnded = false;
  exit.then(
    () => {
      hasEnded = true;
      tellWaiters();
    },
    () => {},
  );
  const told = () => `${name} said:\n${output.slice(-TOLD_LINES).join("\n")}\n${stderr}`;
  const matching = (message: string) => lines.filter((line) => line.msg.includes(message));

  return {
    pid: child.pid ?? 0,
    lines,
    count: (message) => matching(message).length,
    line: (message, { nth = 1, deadlineMs = DEADLINE_MS } = {}) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer);
          waiters.delete(look);
          act();
        };
        const look = () => {
          const found = matching(message)[nth - 1];
          if (found !== undefined) settle(() => resolve(found));
          else if (hasEnded) settle(() => reject(new Error(`${name} ended before “${message}”; ${told()}`)));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`no “${message}” within ${deadlineMs} ms; ${told()}`))),
          deadlineMs,
        );
        waiters.add(look);
        look();
      }),
    kill(signal) {
      child.kill(signal);
    },
    async ended() {
      const { promise: deadline, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => reject(new Error(`${name} runs on after ${DEADLINE_MS} ms; ${told()}`)),
        DEADLINE_MS,
      );
      try {
        return await Promise.race([exit, deadline]);
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exit;
    },
  };
}

function exitOf(
  child: ChildProcess,
  output: () => { readonly stdout: string; readonly stderr: string },
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, ...output() }));
  });
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith("{")) return undefined;
  const value: unknown = JSON.parse(text);
  return isLogLine(value) ? value : undefined;
}

function isLogLine(value: unknown): value is LogLine {
  return typeof value === "object" && value !== null && "msg" in value && typeof value.msg === "string";
}
