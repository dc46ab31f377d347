import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Contender, RunReport } from "./contender.ts";

export interface Measurement extends Omit<RunReport, "ms" | "cpuMs"> {
  readonly contender: Contender;
  /** Median in a process that has done the same before, as a worker has. */
  readonly warmMs: number;
  /** Processor time of the same runs, all threads together: what counts where other programs keep the machine busy. */
  readonly warmCpuMs: number;
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
  const rss: number[][] = contenders.map(() => []);
  for (let round = 0; round < runs; round++) {
    for (const [i, contender] of contenders.entries()) {
      const { ms, peakRssMiB } = await wholeProcess(contender, program);
      whole[i]?.push(ms);
      rss[i]?.push(peakRssMiB);
    }
  }
  const servers = [];
  for (const contender of contenders) servers.push(await startServer(contender, program));
  try {
    const times: number[][] = contenders.map(() => []);
    const cpuTimes: number[][] = contenders.map(() => []);
    const last: (RunReport | undefined)[] = [];
    for (let round = 0; round < runs + WARM_UP_RUNS; round++) {
      for (const [i, server] of servers.entries()) {
        const report = await server.run();
        last[i] = report;
        if (round < WARM_UP_RUNS) continue;
        times[i]?.push(report.ms);
        cpuTimes[i]?.push(report.cpuMs);
      }
    }
    return contenders.map((contender, i) => {
      const { files = 0, requests = 0, bytesRead = 0 } = last[i] ?? {};
      const warmMs = median(times[i] ?? []);
      return {
        contender,
        warmMs,
        warmCpuMs: median(cpuTimes[i] ?? []),
        processMs: median(whole[i] ?? []),
        files,
        requests,
        bytesRead,
        peakRssMiB: median(rss[i] ?? []),
      };
    });
  } finally {
    for (const server of servers) server.close();
  }
}

async function wholeProcess(contender: Contender, program: string) {
  const startMs = performance.now();
  const child = spawn(process.execPath, [program, JSON.stringify(contender), "once"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const ms = performance.now() - startMs;
  if (code !== 0) throw new Error(`${contender.work} of ${contender.uri} ended with exit code ${code}`);
  const { peakRssMiB }: RunReport = JSON.parse(output);
  return { ms, peakRssMiB };
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
