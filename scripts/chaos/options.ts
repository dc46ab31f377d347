import type { ChaosSpec } from "../../src/control-plane/chaos/index.ts";
import type { Generation } from "../../src/model/index.ts";

/** What a chaos run does. Everything random in it comes from the seed of the spec. */
export interface ChaosOptions {
  readonly jobs: number;
  readonly workers: number;
  readonly generation: Generation;
  /** What happens to calls. Restarts and jumps of the control plane are made by the run itself. */
  readonly spec: ChaosSpec;
  /** Time between two blows to a process: at least this, at most twice as much. */
  readonly blowEveryMs: number;
  /** After that long the run is over, whatever is left. */
  readonly limitMs: number;
  /** Told of what happens, for people. */
  readonly tell: (line: string) => void;
}

/** Short, so that what a dead worker held is soon given to another. */
export const LEASE_MS = 3000;

export const CONTROL_PLANE_LIMITS = {
  leaseMs: LEASE_MS,
  leaseRenewGraceMs: 1000,
  reclaimIntervalMs: 1000,
  maintenanceTickMs: 200,
  baseBackoffMs: 100,
  maxBackoffMs: 1000,
  // Each blow costs the jobs that it meets an attempt; what is shown is that none is lost, not how many blows 8 attempts bear.
  maxAttempts: 50,
};
