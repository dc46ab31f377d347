import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Scenario, WorkerReport } from "./scenario.ts";

const told = z.object({ url: z.string() });
const progress = z.object({ ended: z.number() });
const last = z.object({ report: z.custom<WorkerReport>() });

/** When a run is over: with its last job, or after a time. */
export type Until =
  | { readonly kind: "all-ended"; readonly limitMs: number }
  | { readonly kind: "after"; readonly ms: number };

/** Runs a scenario: a control plane and so many workers, each in a process of its own. */
export async function runScenario(
  scenario: Scenario,
  workers: number,
  until: Until,
): Promise<readonly WorkerReport[]> {
  const controlPlane = start("control-plane.ts", [JSON.stringify(scenario)]);
  const children: ChildProcess[] = [];
  try {
    const [first] = await once(controlPlane, "message");
    const { url } = told.parse(first);
    const ended: number[] = new Array<number>(workers).fill(0);
    for (let index = 0; index < workers; index += 1) {
      const child = start("worker.ts", [url, String(index), JSON.stringify(scenario)]);
      children.push(child);
      child.on("message", (message) => {
        const said = progress.safeParse(message);
        if (said.success) ended[index] = said.data.ended;
      });
    }
    if (until.kind === "after") await sleep(until.ms);
    else await allEnded(() => ended.reduce((sum, each) => sum + each, 0) >= scenario.jobs, until.limitMs);
    return await Promise.all(children.map(reportOf));
  } finally {
    for (const child of [...children, controlPlane]) await stopped(child);
  }
}

function start(file: string, args: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, file), args, { execArgv: ["--disable-warning=ExperimentalWarning"] });
}

async function allEnded(done: () => boolean, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > until) throw new Error(`the jobs haven't ended after ${limitMs} ms`);
    await sleep(20);
  }
  // The last progress may be behind the last job.
  await sleep(50);
}

function reportOf(child: ChildProcess): Promise<WorkerReport> {
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      const said = last.safeParse(message);
      if (said.success && said.data.report !== undefined) resolve(said.data.report);
    });
    child.once("exit", (code) => reject(new Error(`a worker ended with exit code ${code}`)));
    child.send("stop");
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  await ended;
}
