export type { ObservedCall } from "./call.ts";
export { capturedIndexSource } from "./captured-index.ts";
export { controlPlaneIndexSource } from "./control-plane-index.ts";
export { controlPlaneMetrics, controlPlaneStatus } from "./control-plane-observation.ts";
export { observedControlPlane } from "./observed-control-plane.ts";
export { WorkerReadiness } from "./readiness.ts";
export { viewerStatus } from "./viewer-status.ts";
export { type WorkerMetrics, workerMetrics } from "./worker-metrics.ts";
export { WorkerStatusModel } from "./worker-status.ts";
