import { addTally, emptyTally, type Job, type Tally } from "./job.ts";
import { type JobEnd, type Limits, runJob } from "./runner.ts";
import type { TargetName } from "./target.ts";

/**
 * A run of inputs. Whatever ends the process costs only that input; what looks like a finding is run once more by itself, in a
 * fresh process, since memory and time may have been spent by the inputs before.
 */

export interface CampaignOptions extends Limits {
  readonly target: TargetName;
  readonly seed: number;
  readonly inputs: number;
  /** Stops earlier, behind some input, once this has passed. */
  readonly maxSeconds?: number | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

export interface CampaignReport {
  readonly target: TargetName;
  readonly seed: number;
  readonly seconds: number;
  readonly seedCount: number;
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  /** Inputs that failed among others and not by themselves. */
  readonly unconfirmed: readonly Finding[];
}

/** What several inputs found is told once, of the first. */
export interface Finding {
  readonly index: number;
  readonly what: string;
  readonly detail: string;
  readonly times: number;
}

export const DEFAULT_LIMITS: Limits = { maxInputMs: 10_000, maxMemoryBytes: 768 * 2 ** 20 };

/** Inputs that one process runs before it is replaced, so that what it piles up isn't held against an input. */
const INPUTS_PER_PROCESS = 5000;

export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { target, seed } = options;
  const started = performance.now();
  const secondsSoFar = () => (performance.now() - started) / 1000;
  const tally = emptyTally();
  const suspects = new Map<string, Finding>();
  const skip: number[] = [];
  let seedCount = 0;
  let next = 0;

  function suspect(index: number, what: string, detail: string): void {
    const found = suspects.get(what);
    suspects.set(what, found ? { ...found, times: found.times + 1 } : { index, what, detail, times: 1 });
  }

  while (next < options.inputs && secondsSoFar() < (options.maxSeconds ?? Number.POSITIVE_INFINITY)) {
    const to = Math.min(options.inputs, next + INPUTS_PER_PROCESS);
    const job: Job = {
      kind: "range",
      target,
      seed,
      from: next,
      to,
      skip,
      maxMemoryBytes: options.maxMemoryBytes,
    };
    const end = await runJob(job, options, (report) => {
      if (report.kind === "ready") seedCount = report.seedCount;
      else if (report.kind === "finding") suspect(report.index, report.what, report.detail);
      else if (report.kind === "tally") {
        addTally(tally, report.tally);
        next = report.upTo;
        options.onProgress?.(next);
      }
    });
    if (end.kind === "broken") {
      if (end.index < 0)
        throw new Error(`the process of the inputs did not start: ${end.what}\n${end.detail}`);
      suspect(end.index, end.what, end.detail);
      skip.push(end.index);
    }
  }

  const findings: Finding[] = [];
  const unconfirmed: Finding[] = [];
  for (const found of suspects.values()) {
    const end = await runJob({ kind: "input", target, seed, index: found.index }, options, () => {});
    const confirmed = faultOf(end, options);
    if (confirmed === undefined) unconfirmed.push(found);
    else findings.push({ ...found, ...confirmed });
  }
  return { target, seed, seconds: secondsSoFar(), seedCount, tally, findings, unconfirmed };
}

/** What is wrong with an input that was run by itself, if anything. */
export function faultOf(end: JobEnd, limits: Limits): { what: string; detail: string } | undefined {
  if (end.kind === "broken") return { what: end.what, detail: end.detail };
  if (end.peakBytes > limits.maxMemoryBytes) {
    return { what: "memory past the bound", detail: `${Math.round(end.peakBytes / 2 ** 20)} MiB` };
  }
  return end.outcome?.kind === "finding" ? end.outcome : undefined;
}
