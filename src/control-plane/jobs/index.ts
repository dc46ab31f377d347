export { createJobEngine, type JobEngine, type LeasedJob, type Progress } from "./engine.ts";
export * from "./job.ts";
export { executionClass, jobKindNumber, type LeaseQuery, leaseFilter } from "./matching.ts";
export { type Outcome, outcomeKind } from "./outcome.ts";
