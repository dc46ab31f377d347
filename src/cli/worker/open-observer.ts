import { VERSION } from "../../config/index.ts";
import { healthRoutes, pageRoutes, type Route } from "../../dashboard/index.ts";
import {
  observedControlPlane,
  WorkerReadiness,
  WorkerStatusModel,
  workerMetrics,
} from "../../observation/index.ts";
import { noToken } from "../../protocol/index.ts";
import { addProcessMetrics, MetricRegistry } from "../../telemetry/index.ts";
import { leaseTiming } from "../../worker/index.ts";
import { serveHttp } from "../http.ts";
import type { ObserverOptions, WorkerObserver } from "./observer.ts";

/** Metrics, health and status of a worker, behind its HTTP server. */
export async function openWorkerObserver(options: ObserverOptions): Promise<WorkerObserver> {
  const { settings, clock, log, slots } = options;
  const registry = new MetricRegistry();
  const stopProcessMetrics = addProcessMetrics(registry, clock.nowMs());
  const readiness = new WorkerReadiness();
  const metrics = workerMetrics(registry, { version: VERSION, nodeVersion: process.version });
  const status = new WorkerStatusModel({
    clock,
    version: VERSION,
    instanceId: options.instanceId,
    controlPlane: options.controlPlaneUrl,
    slots,
    readiness: () => readiness.read(),
  });
  registry.onRead(() => metrics.setReady(readiness.read().ready));
  options.drain.addEventListener("abort", () => readiness.draining(), { once: true });
  const routes = new Map<string, Route>([
    ...healthRoutes({ readiness: () => readiness.read(), registry }),
    ...(await pageRoutes({ status, index: undefined })),
  ]);
  const http = await serveHttp(settings.statusPage, routes, log);
  return {
    url: http?.url,
    watchTokens(given) {
      const { tokens } = given;
      return tokens === undefined || tokens === noToken
        ? given
        : { ...given, tokens: readiness.watch(tokens) };
    },
    connecting: () => readiness.connecting(),
    watchCalls(controlPlane) {
      readiness.connected();
      return observedControlPlane(controlPlane, clock, (call) => {
        metrics.onCall(call);
        status.onCall(call);
      });
    },
    watchWorker(worker, workerSettings, { generation }) {
      const read = () => worker.status();
      metrics.watch(read, slots);
      status.watch(read, { generation, leaseMs: leaseTiming(generation, workerSettings).leaseMs });
    },
    onEvent(event) {
      metrics.onEvent(event);
      status.onEvent(event);
    },
    async [Symbol.asyncDispose]() {
      stopProcessMetrics();
      await http?.close();
    },
  };
}
