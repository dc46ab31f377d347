import type { Outcome, TargetName } from "./target.ts";

/** What the process of the inputs is told to do, and what it counts. */
export type Job =
  | {
      readonly kind: "range";
      readonly target: TargetName;
      readonly seed: number;
      readonly from: number;
      readonly to: number;
      /** Inputs to leave out: those that ended a process before. */
      readonly skip: readonly number[];
      /** The process stops behind the input that takes its resident memory past this. */
      readonly maxMemoryBytes: number;
    }
  /** One input by itself. */
  | { readonly kind: "input"; readonly target: TargetName; readonly seed: number; readonly index: number }
  /** Stored inputs, by path. */
  | { readonly kind: "files"; readonly target: TargetName; readonly paths: readonly string[] };

export interface Tally {
  inputs: number;
  accepted: number;
  findings: number;
  /** By class of reason. */
  readonly refused: Record<string, number>;
  readonly notes: Record<string, number>;
  slowest: { readonly index: number; readonly ms: number };
}

export function emptyTally(): Tally {
  return { inputs: 0, accepted: 0, findings: 0, refused: {}, notes: {}, slowest: { index: -1, ms: 0 } };
}

export function tallyOutcome(tally: Tally, outcome: Outcome, index: number, ms: number): void {
  tally.inputs++;
  if (ms > tally.slowest.ms) tally.slowest = { index, ms };
  if (outcome.kind === "finding") {
    tally.findings++;
    return;
  }
  if (outcome.kind === "accepted") tally.accepted++;
  else count(tally.refused, outcome.reason, 1);
  for (const note of outcome.notes ?? []) count(tally.notes, note, 1);
}

export function addTally(sum: Tally, part: Tally): void {
  sum.inputs += part.inputs;
  sum.accepted += part.accepted;
  sum.findings += part.findings;
  for (const [reason, times] of Object.entries(part.refused)) count(sum.refused, reason, times);
  for (const [note, times] of Object.entries(part.notes)) count(sum.notes, note, times);
  if (part.slowest.ms > sum.slowest.ms) sum.slowest = part.slowest;
}

function count(counts: Record<string, number>, key: string, times: number): void {
  counts[key] = (counts[key] ?? 0) + times;
}
