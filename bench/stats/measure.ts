import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Contender, RunReport } from "./contender.ts";

export interface Measurement extends Omit<RunReport, "ms"> {
  readonly contender: Contender;
  /** Median in a process that has done the same before, as a worker has. */
  readonly warmMs: number;
  /** Median of whole processes, from their start to their end. */
  readonly processMs: number;
}

/** Runs that are not counted, so that what is compared is compiled code. */
const WARM_UP_RUNS = 3;

/**
 * Medians of `runs` runs, one contender after the other and again from the start, so that a machine that is busy for a while is
 * busy for all.
 */
export async function measure(
  contenders: readonly Contender[],
  program: string,
  runs: number,
): Promise<readonly Measurement[]> {
  const whole: number[][] = contenders.map(() => []);
  for (let round = 0; round < runs; round++) {
    for (const [i, contender] of contenders.entries()) whole[i]?.push(await processMs(contender, program));
  }
  const servers = [];
  for (const contender of contenders) servers.push(await startServer(contender, program));
  try {
    const times: number[][] = contenders.map(() => []);
    const last: (RunReport | undefined)[] = [];
    for (let round = 0; round < runs + WARM_UP_RUNS; round++) {
      for (const [i, server] of servers.entries()) {
        const report = await server.run();
        last[i] = report;
        if (round >= WARM_UP_RUNS) times[i]?.push(report.ms);
      }
    }
    return contenders.map((contender, i) => {
      const { files = 0, requests = 0, bytesRead = 0, peakRssMiB = 0 } = last[i] ?? {};
      const warmMs = median(times[i] ?? []);
      return {
        contender,
        warmMs,
        processMs: median(whole[i] ?? []),
        files,
        requests,
        bytesRead,
        peakRssMiB,
      };
    });
  } finally {
    for (const server of servers) server.close();
  }
}

async function processMs(contender: Contender, program: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [program, JSON.stringify(contender), "once"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${contender.work} of ${contender.uri} ended with exit code ${code}`);
  return performance.now() - startMs;
}

async function startServer(contender: Contender, program: string) {
  const child = spawn(process.execPath, [program, JSON.stringify(contender), "serve"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${contender.work} of ${contender.uri} ended early`);
    return String(value);
  };
  await nextLine();
  return {
    async run(): Promise<RunReport> {
      child.stdin.write("run\n");
      return JSON.parse(await nextLine());
    },
    close() {
      child.stdin.end();
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
