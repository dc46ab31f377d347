/** `npm run chaos -- [--jobs 10000] [--workers 3] [--seed 1] [--wire both|chunked|inline] [--json]` */
import { parseArgs } from "node:util";
import { parseChaosSpec } from "../../src/control-plane/chaos/index.ts";
import type { Generation } from "../../src/model/index.ts";
import { isSound, jobsByGeneration, totalOf } from "./report.ts";
import { type ChaosReport, runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "10000" },
    workers: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    /** Of `both` each generation gets half of the jobs. */
    wire: { type: "string", default: "both" },
    /** Faults of calls, as `control-plane --chaos` takes them. */
    faults: { type: "string", default: "rate=0.1,silence-ms=1000,max-delay-ms=300,max-jump-ms=8000" },
    "blow-every-ms": { type: "string", default: "2000" },
    "limit-minutes": { type: "string", default: "60" },
    json: { type: "boolean", default: false },
  },
});

const reports: ChaosReport[] = [];
for (const [generation, jobs] of jobsByGeneration(wholeNumber("jobs"), generationsOf(values.wire))) {
  const tell = (line: string) => console.error(`${generation}: ${line}`);
  const report = await runChaos({
    jobs,
    workers: wholeNumber("workers"),
    generation,
    spec: parseChaosSpec(`${values.faults},seed=${values.seed}`),
    blowEveryMs: wholeNumber("blow-every-ms"),
    limitMs: wholeNumber("limit-minutes") * 60_000,
    tell,
  });
  for (const detail of report.details.slice(0, 50)) tell(detail);
  tell(`${report.succeeded} of ${jobs} jobs succeeded in ${report.seconds} s`);
  reports.push(report);
}
const { details: _details, ...figures } = totalOf(reports);
console.log(values.json ? JSON.stringify(figures) : tableOf(figures));
process.exitCode = reports.every(isSound) ? 0 : 1;

function generationsOf(wire: string): readonly Generation[] {
  if (wire === "both") return ["chunked", "inline"];
  if (wire === "chunked" || wire === "inline") return [wire];
  throw new RangeError("--wire: both, chunked or inline is needed");
}

function wholeNumber(name: "jobs" | "workers" | "blow-every-ms" | "limit-minutes"): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`--${name}: a whole number is needed`);
  return number;
}

function tableOf({ faults, ...rest }: Omit<ChaosReport, "details">): string {
  const lines = (counts: object) =>
    Object.entries(counts).map(([name, count]) => `  ${name.padEnd(24)}${String(count).padStart(8)}`);
  return ["chaos", ...lines(rest), "faults", ...lines(faults)].join("\n");
}
