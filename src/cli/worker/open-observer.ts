import { randomBytes } from "node:crypto";
import { VERSION } from "../../config/index.ts";
import { healthRoutes, pageRoutes, type Route } from "../../dashboard/index.ts";
import {
  observedControlPlane,
  WorkerReadiness,
  WorkerSpans,
  WorkerStatusModel,
  workerMetrics,
} from "../../observation/index.ts";
import { noToken } from "../../protocol/index.ts";
import { addProcessMetrics, MetricRegistry, type OtlpExporter } from "../../telemetry/index.ts";
import { leaseTiming } from "../../worker/index.ts";
import { serveHttp } from "../http.ts";
import { openOtlp, otlpTargets } from "../otlp.ts";
import type { ObserverOptions, WorkerObserver } from "./observer.ts";

/** Metrics, health, status and traces of a worker. */
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
  const exporter = await exporterOf(options, registry).catch(async (error: unknown) => {
    await http?.close();
    throw error;
  });
  const spans =
    exporter &&
    new WorkerSpans({ clock, sink: exporter, randomHex: (bytes) => randomBytes(bytes).toString("hex") });
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
        spans?.onCall(call);
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
      spans?.onEvent(event);
    },
    async [Symbol.asyncDispose]() {
      await http?.close();
      await exporter?.[Symbol.asyncDispose]();
      stopProcessMetrics();
    },
  };
}

async function exporterOf(
  options: ObserverOptions,
  registry: MetricRegistry,
): Promise<OtlpExporter | undefined> {
  const targets = otlpTargets(options.settings);
  return targets && (await openOtlp(targets, { ...options, registry }));
}
