import { FAULT_KINDS, type Fault, type FaultChooser, type FaultKind } from "./fault.ts";
import { seededRandom } from "./random.ts";
import type { ChaosSpec } from "./spec.ts";

/** Calls of machines, which try again. Commands of people pass. */
const STRUCK: readonly RegExp[] = [
  /^\/ai\.floedb\.floecat\.reconciler\.ReconcileExecutorControl\//,
  /^\/grpc\.reflection\./,
];
/** Calls that go on asking on one stream, and so can't arrive twice. */
const STREAMING = /^\/grpc\.reflection\./;

const TRICKLE_BYTES = 24;

/**
 * Faults by seed. Each method has a sequence of its own: its n-th call meets the same fault in every run, however the calls of
 * other methods fall in between.
 */
export function seededFaults(spec: ChaosSpec): FaultChooser {
  const methods = new Map<string, () => number>();
  return (path) => {
    if (!STRUCK.some((pattern) => pattern.test(path))) return { kind: "pass" };
    const random = methods.get(path) ?? seededRandom(`${spec.seed} ${path}`);
    methods.set(path, random);
    // Always as many draws for one call, or the next call's would depend on this one's.
    const roll = random();
    const amount = random();
    const kind = chosen(spec.shares, roll);
    if (kind === undefined || (kind === "duplicate" && STREAMING.test(path))) return { kind: "pass" };
    return faultOf(kind, amount, spec);
  };
}

function chosen(shares: ChaosSpec["shares"], roll: number): FaultKind | undefined {
  let upTo = 0;
  for (const kind of FAULT_KINDS) {
    upTo += shares[kind];
    if (roll < upTo) return kind;
  }
  return undefined;
}

function faultOf(kind: FaultKind, amount: number, spec: ChaosSpec): Fault {
  switch (kind) {
    case "drop-request":
    case "drop-response":
      return { kind, silenceMs: spec.silenceMs };
    case "delay":
      return { kind, ms: Math.round(amount * spec.maxDelayMs) };
    case "reset":
    case "disconnect":
      return { kind, afterEffect: amount < 0.5 };
    case "trickle":
      return { kind, bytes: TRICKLE_BYTES, pauseMs: spec.tricklePauseMs };
    default:
      return { kind };
  }
}
