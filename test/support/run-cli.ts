import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs the built command as a user does: its own process, pipes instead of a terminal. */
export interface CliResult {
  /** Null if a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  /** Over this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly result: Promise<CliResult>;
}

const root = join(import.meta.dirname, "../..");
const bin = join(root, "bin/floecat-capture.mjs");

export const DEMO_TABLE = join(root, "demo/orders");
export const FIXTURES = join(root, "test/fixtures/data");

export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  if (!existsSync(join(root, "dist/cli.mjs"))) {
    throw new Error("the command is not built: run `npm run build` first, as `npm test` does");
  }
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd ?? tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.env && { env: { ...process.env, ...options.env } }),
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const result = new Promise<CliResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout: stdout(), stderr: stderr() }));
  });
  return { process: child, result };
}

export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return await startCli(args, options).result;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

/** A folder of one test, gone when it ends. Its path has no symbolic link in it. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** Runs the command in the folder. */
  run(...args: readonly string[]): Promise<CliResult>;
}

export async function workFolder(): Promise<WorkFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "floecat-capture-e2e-")));
  return {
    path,
    run: (...args) => runCli(args, { cwd: path }),
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
    },
  };
}
