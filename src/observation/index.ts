export type { ObservedCall } from "./call.ts";
export { controlPlaneMetrics, controlPlaneStatus } from "./control-plane-observation.ts";
export { observedControlPlane } from "./observed-control-plane.ts";
export { WorkerReadiness } from "./readiness.ts";
export { type WorkerMetrics, workerMetrics } from "./worker-metrics.ts";
export { WorkerStatusModel } from "./worker-status.ts";
