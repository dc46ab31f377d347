import { createInterface } from "node:readline";
import { duckdbRunner } from "./duckdb.ts";
import { hyparquetRunner } from "./hyparquet.ts";
import { ourRunner } from "./ours.ts";
import { pyarrowRunner } from "./pyarrow.ts";
import type { Contender, RunReport } from "./runner.ts";

/**
 * One contender in a process of its own, so that its memory is its own: a run for every line on stdin, a report on stdout.
 * Arguments: contender as JSON, file, rows that hyparquet reads, our memory in bytes if not the default.
 */
const [contenderJson = "{}", file = "", hyparquetRows = "0", maxMemory] = process.argv.slice(2);
const { peer, threads, work }: Contender = JSON.parse(contenderJson);

async function prepare() {
  const own = () => process.resourceUsage().maxRSS / 1024;
  switch (peer) {
    case "ours":
      return {
        runner: await ourRunner(file, threads, work, maxMemory === undefined ? undefined : Number(maxMemory)),
        peakRssMiB: own,
      };
    case "duckdb":
      return { runner: await duckdbRunner(file, threads, work === "ndv"), peakRssMiB: own };
    case "hyparquet":
      return { runner: await hyparquetRunner(file, Number(hyparquetRows)), peakRssMiB: own };
    case "pyarrow":
      return await pyarrowRunner(file, threads, work === "ndv");
  }
}

const { runner, peakRssMiB } = await prepare();
console.log("ready");
for await (const _line of createInterface({ input: process.stdin })) {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const outcome = await runner.run();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const report: RunReport = {
    ms,
    cpuMs: peer === "pyarrow" ? undefined : (user + system) / 1000,
    outcome,
    peakRssMiB: Math.round(peakRssMiB()),
  };
  console.log(JSON.stringify(report));
}
await runner.close();
