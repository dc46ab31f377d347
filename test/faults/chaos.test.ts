/** The chaos command as CI runs it: 300 jobs, half of them in each generation, the same faults and blows. */
import { expect, test } from "vitest";
import { jobsByGeneration } from "../../scripts/chaos/report.ts";
import { runChaos } from "../../scripts/chaos/run.ts";
import { FAULT_KINDS, parseChaosSpec } from "../../src/control-plane/chaos/index.ts";

// Mostly waiting for leases to run out, so both run side by side.
test.concurrent.each(jobsByGeneration(300, ["chunked", "inline"]))(
  "%s: under faults, kills and restarts %d jobs all succeed, each once, and leave nothing behind",
  async (generation, jobs) => {
    const { details, faults, ...figures } = await runChaos({
      jobs,
      workers: 3,
      generation,
      spec: parseChaosSpec("rate=0.15,silence-ms=500,max-delay-ms=200,max-jump-ms=5000,seed=1"),
      blowEveryMs: 1000,
      limitMs: 150_000,
      tell: () => {},
    });
    expect(details).toEqual([]);
    expect(figures).toMatchObject({
      succeeded: jobs,
      lost: 0,
      conflicting: 0,
      duplicates: 0,
      unfinalised: 0,
      held_leases: 0,
      crashes: 0,
      defects: 0,
    });
    expect(faults["kill-worker"]).toBeGreaterThan(0);
    expect(faults["clock-jump"]).toBeGreaterThan(0);
    const struck = FAULT_KINDS.filter((kind) => faults[kind] > 0);
    expect(struck).toEqual(FAULT_KINDS);
  },
  180_000,
);
