/** `npm run chaos -- [--jobs 10000] [--workers 3] [--seed 1] [--wire chunked] [--json]` */
import { parseArgs } from "node:util";
import { parseChaosSpec } from "../../src/control-plane/chaos/index.ts";
import { type ChaosReport, runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "10000" },
    workers: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    wire: { type: "string", default: "chunked" },
    /** Faults of calls, as `control-plane --chaos` takes them. */
    faults: { type: "string", default: "rate=0.1,silence-ms=1000,max-delay-ms=300,max-jump-ms=5000" },
    "blow-every-ms": { type: "string", default: "2000" },
    "limit-minutes": { type: "string", default: "60" },
    json: { type: "boolean", default: false },
  },
});

const report = await runChaos({
  jobs: Number(values.jobs),
  workers: Number(values.workers),
  generation: values.wire === "inline" ? "inline" : "chunked",
  spec: parseChaosSpec(`${values.faults},seed=${values.seed}`),
  blowEveryMs: Number(values["blow-every-ms"]),
  limitMs: Number(values["limit-minutes"]) * 60_000,
  tell: (line) => console.error(line),
});
const { details, ...figures } = report;
for (const detail of details.slice(0, 50)) console.error(detail);
console.log(values.json ? JSON.stringify(figures) : tableOf(figures));
process.exitCode = isSound(report) ? 0 : 1;

function isSound(found: ChaosReport): boolean {
  const { lost, conflicting, duplicates, unfinalised, held_leases, crashes, defects } = found;
  return [lost, conflicting, duplicates, unfinalised, held_leases, crashes, defects].every(
    (count) => count === 0,
  );
}

function tableOf({ faults, ...rest }: Omit<ChaosReport, "details">): string {
  const lines = (counts: object) =>
    Object.entries(counts).map(([name, count]) => `  ${name.padEnd(24)}${String(count).padStart(8)}`);
  return ["chaos", ...lines(rest), "faults", ...lines(faults)].join("\n");
}
