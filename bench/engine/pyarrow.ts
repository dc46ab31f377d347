import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Runner } from "./runner.ts";

const PROGRAM = `
import sys, resource, pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc
file, threads, distinct = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
pa.set_cpu_count(threads)
print("ready", flush=True)
for line in sys.stdin:
    f = pq.ParquetFile(file)
    figures = 0
    for batch in f.iter_batches(batch_size=1 << 17, use_threads=threads > 1):
        for column in batch.flatten().columns if False else batch.columns:
            if pa.types.is_nested(column.type): continue
            pc.min_max(column); figures += 2
            if distinct: pc.count_distinct(column)
    print(figures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
`;

export function hasPyarrow(): boolean {
  return spawnSync("python3", ["-c", "import pyarrow"]).status === 0;
}

/** Minimum and maximum a batch by pyarrow in a process of its own; its memory is that of the process. */
export async function pyarrowRunner(file: string, threads: number, withDistinct: boolean) {
  const child = spawn("python3", ["-c", PROGRAM, file, String(threads), withDistinct ? "1" : "0"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  let rssMiB = 0;
  const runner: Runner = {
    async run() {
      child.stdin.write("run\n");
      const [figures, rss] = String((await lines.next()).value).split(" ");
      rssMiB = Number(rss);
      return `${figures} figures`;
    },
    async close() {
      child.stdin.end();
    },
  };
  return { runner, peakRssMiB: () => rssMiB };
}
