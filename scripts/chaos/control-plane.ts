import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import type { Generation } from "../../src/model/index.ts";

/** The control plane as a process that is killed and started again on the same address and data. */
export interface ControlPlaneProcess {
  readonly url: string;
  /** Errors that are defects of ours. */
  readonly defects: readonly string[];
  restart(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  jump(ms: number): void;
  stop(): Promise<void>;
}

const message = z.union([z.object({ url: z.string() }), z.object({ defect: z.string() })]);

export async function startControlPlaneProcess(options: {
  readonly dataDir: string;
  readonly generation: Generation;
}): Promise<ControlPlaneProcess> {
  const defects: string[] = [];
  let url = "";
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  const start = async () => {
    // The first start takes any port, later ones the same.
    const port = url === "" ? 0 : Number(new URL(url).port);
    const started = fork(
      join(import.meta.dirname, "control-plane-process.ts"),
      [JSON.stringify({ ...options, port })],
      { execArgv: ["--disable-warning=ExperimentalWarning"] },
    );
    child = started;
    ended = new Promise((resolve) => started.once("exit", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      started.once("exit", (code) => reject(new Error(`the control plane ended with exit code ${code}`)));
      started.on("message", (raw) => {
        const told = message.parse(raw);
        if ("defect" in told) {
          defects.push(told.defect);
          return;
        }
        url = told.url;
        resolve();
      });
    });
  };
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    child?.kill(signal);
    await ended;
  };

  await start();
  return {
    url,
    defects,
    async restart(signal) {
      await end(signal);
      await start();
    },
    jump: (ms) => child?.send({ jumpMs: ms }),
    stop: () => end("SIGTERM"),
  };
}
