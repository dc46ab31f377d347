/** Faults on purpose: the door of what `control-plane --chaos` and the tests use. */
export {
  type ChaoticControlPlane,
  type ChaoticOptions,
  type FaultCounts,
  startChaoticControlPlane,
} from "./chaotic-control-plane.ts";
export { seededFaults } from "./chooser.ts";
export { FAULT_KINDS, type Fault, type FaultChooser, type FaultKind } from "./fault.ts";
export { type JumpingClock, jumpingClock } from "./jumping-clock.ts";
export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./proxy.ts";
export { seededRandom } from "./random.ts";
export { type ChaosSpec, parseChaosSpec } from "./spec.ts";
