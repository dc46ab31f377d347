import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Contender, RunReport } from "./runner.ts";

export interface Measurement {
  readonly contender: Contender;
  /** Median of the measured runs. */
  readonly ms: number;
  /** Median of their processor times. */
  readonly cpuMs: number | undefined;
  readonly outcome: string;
  readonly peakRssMiB: number;
}

/**
 * Medians of `runs` runs each, one contender after the other and again from the start, so that a machine that is busy for a
 * while is busy for all. The first run of each warms it up and isn't counted.
 */
export async function measure(
  contenders: readonly Contender[],
  file: string,
  runs: number,
  hyparquetRows: number,
  maxMemoryBytes: number | undefined,
): Promise<Measurement[]> {
  const children = [];
  for (const contender of contenders)
    children.push(await startChild(contender, file, hyparquetRows, maxMemoryBytes));
  try {
    const reports: RunReport[][] = contenders.map(() => []);
    for (let round = 0; round <= runs; round++) {
      for (const [i, child] of children.entries()) {
        // minutes a run: once is enough
        if (contenders[i]?.peer === "hyparquet" && round > 0) continue;
        const report = await child.run();
        if (round > 0 || contenders[i]?.peer === "hyparquet") reports[i]?.push(report);
      }
    }
    return contenders.map((contender, i) => {
      const own = reports[i] ?? [];
      const cpu = own.flatMap(({ cpuMs }) => cpuMs ?? []);
      return {
        contender,
        ms: median(own.map(({ ms }) => ms)),
        cpuMs: cpu.length === 0 ? undefined : median(cpu),
        outcome: own.at(-1)?.outcome ?? "",
        peakRssMiB: own.at(-1)?.peakRssMiB ?? 0,
      };
    });
  } finally {
    for (const child of children) child.close();
  }
}

async function startChild(
  contender: Contender,
  file: string,
  hyparquetRows: number,
  maxMemoryBytes: number | undefined,
) {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      new URL("./child.ts", import.meta.url).pathname,
      JSON.stringify(contender),
      file,
      String(hyparquetRows),
      ...(maxMemoryBytes === undefined ? [] : [String(maxMemoryBytes)]),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("no pipes to the child process");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done)
      throw new Error(`${contender.peer} (${contender.work}, ${contender.threads} threads) ended early`);
    return String(value);
  };
  await nextLine();
  return {
    async run(): Promise<RunReport> {
      stdin.write("run\n");
      return JSON.parse(await nextLine());
    },
    close() {
      stdin.end();
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
