import { readFileSync, writeSync } from "node:fs";
import { openTarget } from "../targets.ts";
import { emptyTally, type Job, type Tally, tallyOutcome } from "./job.ts";
import { randomOf } from "./random.ts";
import type { FuzzTarget, Outcome } from "./target.ts";

/**
 * The process that hostile inputs are run in. Before every input it writes the input's index to descriptor 3, so that whoever
 * watches knows which one hung or crashed it; what came of the inputs goes over the channel of `fork`.
 */

const PROGRESS_DESCRIPTOR = 3;
/** Inputs after which the counts are reported. */
const INPUTS_PER_REPORT = 200;

export type Report =
  | { readonly kind: "ready"; readonly seedCount: number }
  /** Every input before `upTo` is counted. */
  | { readonly kind: "tally"; readonly tally: Tally; readonly upTo: number }
  | { readonly kind: "finding"; readonly index: number; readonly what: string; readonly detail: string }
  /** The job is done; `peakBytes` is the most memory that this process had. */
  | { readonly kind: "done"; readonly outcome: Outcome | undefined; readonly peakBytes: number };

function send(report: Report): void {
  process.send?.(report);
}

function announce(index: number): void {
  writeSync(PROGRESS_DESCRIPTOR, `${index}\n`);
}

async function runRange(target: FuzzTarget, job: Job & { kind: "range" }): Promise<void> {
  let tally: Tally = emptyTally();
  const skipped = new Set(job.skip);
  for (let index = job.from; index < job.to; index++) {
    if (!skipped.has(index)) {
      announce(index);
      const started = performance.now();
      const outcome = await target.run(target.mutant(randomOf(job.seed, index)));
      tallyOutcome(tally, outcome, index, performance.now() - started);
      if (outcome.kind === "finding") send({ ...outcome, index });
      const peakBytes = peak();
      if (peakBytes > job.maxMemoryBytes) {
        send({
          kind: "finding",
          index,
          what: "memory past the bound",
          detail: `${Math.round(peakBytes / 2 ** 20)} MiB, ${job.maxMemoryBytes / 2 ** 20} MiB are allowed`,
        });
        send({ kind: "tally", tally, upTo: index + 1 });
        return;
      }
    }
    if (index + 1 === job.to || (index + 1 - job.from) % INPUTS_PER_REPORT === 0) {
      send({ kind: "tally", tally, upTo: index + 1 });
      tally = emptyTally();
    }
  }
}

function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function runFiles(target: FuzzTarget, paths: readonly string[]): Promise<void> {
  for (const [index, path] of paths.entries()) {
    announce(index);
    const outcome = await target.run(new Uint8Array(readFileSync(path)));
    if (outcome.kind === "finding") send({ ...outcome, index });
  }
}

process.on("message", async (job: Job) => {
  const target = await openTarget(job.target);
  let outcome: Outcome | undefined;
  if (job.kind === "range") {
    send({ kind: "ready", seedCount: target.seedCount });
    await runRange(target, job);
  } else if (job.kind === "files") {
    await runFiles(target, job.paths);
  } else {
    announce(job.index);
    outcome = await target.run(target.mutant(randomOf(job.seed, job.index)));
  }
  process.send?.({ kind: "done", outcome, peakBytes: peak() } satisfies Report, () => process.disconnect());
});
