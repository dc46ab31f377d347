export type {
  CapturedFile,
  CapturedGroup,
  CaptureOptions,
  CaptureProgress,
  GroupCapture,
} from "./capture-port.ts";
export { type EventLevel, type EventText, eventText, type WorkerEvent } from "./events.ts";
export { errorText, failureDetail, publicText } from "./failure.ts";
export type { JobEnd } from "./job-state.ts";
export { DEFAULT_WORKER_SETTINGS, type WorkerSettings } from "./settings.ts";
export { type LeaseTiming, leaseTiming } from "./timing.ts";
export { type RunningWorker, startWorker, type WorkerOptions, type WorkerStatus } from "./worker.ts";
