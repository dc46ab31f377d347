import type { StatusSource } from "../dashboard/index.ts";
import type { Clock } from "../model/index.ts";

/** Of a process that only shows a capture: nothing runs, nothing fails. */
export function viewerStatus(options: {
  readonly clock: Pick<Clock, "nowMs">;
  readonly version: string;
  readonly folder: string;
}): StatusSource {
  const startedAtMs = options.clock.nowMs();
  return {
    status: () => ({
      role: "viewer",
      version: options.version,
      identity: options.folder,
      generation: undefined,
      controlPlane: undefined,
      startedAtMs,
      nowMs: options.clock.nowMs(),
      readiness: { ready: true, reason: "ready" },
      jobs: [],
      queue: undefined,
      slots: undefined,
      totals: { jobsSucceeded: 0, jobsFailed: 0, files: 0, rows: 0, pages: 0, bytesRead: 0 },
      throughput: [],
      failures: [],
    }),
  };
}
