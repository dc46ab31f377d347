/**
 * Many jobs, several workers, every call struck by seeded faults and workers that die in mid-flight: whatever happens, each job
 * ends SUCCEEDED with one result (the in-memory counterpart of the chaos command).
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeCapture } from "../../test/support/fake-capture.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { FakeControlPlane } from "../../test/support/fake-control-plane.ts";
import {
  type CallSign,
  delay,
  type Fault,
  hang,
  loseAnswer,
  refuse,
  unavailable,
} from "../../test/support/fault-plan.ts";
import { aFileGroup, aFileRecord } from "../../test/support/file-groups.ts";
import { untilKilled } from "../../test/support/mortal-control-plane.ts";
import { randomFrom } from "../../test/support/random.ts";
import type { Generation } from "../model/index.ts";
import { DEFAULT_WORKER_SETTINGS, startWorker } from "./index.ts";

const SIGNS: readonly CallSign[] = ["L", "S", "R", "P", "C?", "G", "K", "OK", "X"];

/** Faults that a sound worker survives without an attempt ending in failure for good. */
function aFault(random: () => number): Fault {
  const roll = random();
  if (roll < 0.2) return unavailable;
  if (roll < 0.4) return loseAnswer();
  if (roll < 0.5) return loseAnswer({ code: "DEADLINE_EXCEEDED", message: "" });
  if (roll < 0.6) return refuse({ code: "INTERNAL", message: "store fault" });
  if (roll < 0.7) return refuse({ code: "UNAUTHENTICATED", message: "inactive token" });
  if (roll < 0.8) return refuse({ code: "RESOURCE_EXHAUSTED", message: "", errorCode: "MC_RATE_LIMITED" });
  if (roll < 0.95) return delay(random() * 5000);
  return hang;
}

async function chaos(seed: number, generation: Generation): Promise<void> {
  const random = randomFrom(seed);
  const clock = new FakeClock();
  const plane = new FakeControlPlane({ clock, generation, leaseMs: 10_000, maxAttempts: 1000 });
  for (let n = 0; n < 30; n++) {
    const filePaths = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, file) => `g${n}/f${file}`);
    plane.addJob({ group: aFileGroup({ generation, groupId: `group-${n}`, filePaths }) });
  }
  plane.planBy((sign) => (SIGNS.includes(sign) && random() < 0.15 ? aFault(random) : undefined));

  const start = () => {
    const drain = new AbortController();
    const hurry = new AbortController();
    const capture = new FakeCapture({
      clock,
      durationMs: random() * 4000,
      // Deterministic records, as the contract demands (02 §5.2).
      result: (group) => ({ statsRecords: group.filePaths.map((path) => aFileRecord(path)), artifacts: [] }),
    });
    const life = new AbortController();
    const worker = startWorker({
      controlPlane: untilKilled(plane, life.signal),
      capture,
      clock,
      random,
      settings: { ...DEFAULT_WORKER_SETTINGS, instanceId: "worker", leaseMs: 10_000 },
      onEvent: () => {},
      drain: drain.signal,
      hurry: hurry.signal,
    });
    return { worker, drain, hurry, life };
  };

  const workers = [start(), start(), start()];
  const allSucceeded = () => plane.jobs.every(({ state }) => state === "succeeded");
  for (let kill = 0; kill < 3 && !allSucceeded(); kill++) {
    await clock.advance(random() * 8000);
    const victim = Math.floor(random() * workers.length);
    workers[victim]?.life.abort(new Error("killed"));
    workers[victim] = start();
  }
  await clock.advanceUntil(allSucceeded, 24 * 3_600_000);

  for (const job of plane.jobs) {
    expect(job.result?.statsRecords.length).toBe(job.group.filePaths.length);
    expect(job.result?.fileResults.map(({ filePath }) => filePath)).toEqual(job.group.filePaths);
    // Inline stores the same result again when the job was handed on after the submit; chunked never does.
    if (generation === "chunked") expect(job.storedResults).toBe(1);
  }
  for (const { drain, hurry } of workers) {
    drain.abort();
    hurry.abort();
  }
  await clock.resolve(Promise.all(workers.map(({ worker }) => worker.ended)));
  expect(plane.jobs.every(({ leaseEpoch }) => leaseEpoch === "")).toBe(true);
}

test.each(["inline", "chunked"] as const)(
  "%s: under faults, and with workers killed, every job ends SUCCEEDED with one result",
  async (generation) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => chaos(seed, generation)),
      { numRuns: 8 },
    );
  },
);
