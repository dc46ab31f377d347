import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, faultOf, runCampaign } from "./harness/campaign.ts";
import { runJob } from "./harness/runner.ts";
import { TARGET_NAMES, type TargetName } from "./harness/target.ts";

/**
 * Hostile input, the part of it that every test run has: a fixed seed, and every input that ever failed. `npm run fuzz` is the
 * long form.
 */

const SEED = 20_260_101;
const INPUTS: Readonly<Record<TargetName, number>> = {
  parquet: 5000,
  records: 500,
  oracle: 300,
  sidecar: 300,
  delta: 400,
  iceberg: 500,
  avro: 800,
  puffin: 500,
  theta: 1000,
  proto: 800,
};
const TEST_MS = 240_000;
/** A machine that does other things at the same time must not make a hang of an input that takes long. */
const LIMITS = { ...DEFAULT_LIMITS, maxInputMs: 60_000 };

describe.each(TARGET_NAMES)("hostile %s input", (target) => {
  test(
    `${INPUTS[target]} mutants are read alike or refused with file and reason, in bounded time and memory`,
    async () => {
      const report = await runCampaign({ ...LIMITS, target, seed: SEED, inputs: INPUTS[target] });
      expect(report.findings).toEqual([]);
      expect(report.tally.inputs).toBe(INPUTS[target]);
      // The mutants must get past the door for their number to mean anything.
      expect(report.tally.accepted).toBeGreaterThan(INPUTS[target] / 20);
      expect(Object.keys(report.tally.refused).length).toBeGreaterThan(5);
    },
    TEST_MS,
  );

  const folder = join(import.meta.dirname, "corpus", target);
  const paths = existsSync(folder)
    ? readdirSync(folder)
        .toSorted()
        .map((name) => join(folder, name))
    : [];
  test.skipIf(paths.length === 0)(
    "inputs that once failed don't any more",
    async () => {
      const failed: { input: string; what: string }[] = [];
      const end = await runJob({ kind: "files", target, paths }, LIMITS, (report) => {
        if (report.kind === "finding")
          failed.push({ input: basename(paths[report.index] ?? ""), what: report.what });
      });
      const fault = faultOf(end, LIMITS);
      if (fault !== undefined)
        failed.push({ input: "index" in end ? basename(paths[end.index] ?? "") : "", what: fault.what });
      expect(failed).toEqual([]);
    },
    TEST_MS,
  );
});
