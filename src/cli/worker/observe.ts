/**
 * Who watches a worker: nobody but the log, or metrics, health and status page where `--http` asks for them, traces and metrics for a collector that is named. What isn't asked for
 * isn't even loaded.
 */
import { otlpTargets } from "../otlp.ts";
import type { ObserverOptions, WorkerObserver } from "./observer.ts";

export async function observeWorker(options: ObserverOptions): Promise<WorkerObserver> {
  const { settings } = options;
  if (settings.statusPage.listen === undefined && otlpTargets(settings) === undefined) return NOBODY;
  const { openWorkerObserver } = await import("./open-observer.ts");
  return await openWorkerObserver(options);
}

const NOBODY: WorkerObserver = {
  url: undefined,
  watchTokens: (settings) => settings,
  connecting: () => {},
  watchCalls: (controlPlane) => controlPlane,
  watchWorker: () => {},
  onEvent: () => {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
