import { type Settings, VERSION } from "../../config/index.ts";
import type { ControlPlane } from "../../control-plane/index.ts";
import { systemClock } from "../../model/index.ts";
import type { Log } from "../../telemetry/index.ts";
import { openOtlp, otlpTargets } from "../otlp.ts";

export interface ControlPlaneObserver extends AsyncDisposable {
  /** Address of the HTTP server, if there is one. */
  readonly url: string | undefined;
}

/** Health, metrics and status page of the embedded control plane, loaded only where `--http` or a collector asks for them. */
export async function observeControlPlane(options: {
  readonly settings: Settings;
  readonly server: ControlPlane;
  readonly log: Log;
  readonly stop: AbortSignal;
}): Promise<ControlPlaneObserver> {
  const { settings, server, log, stop } = options;
  const metricsUrl = otlpTargets(settings)?.metricsUrl;
  if (settings.statusPage.listen === undefined && metricsUrl === undefined) {
    return { url: undefined, [Symbol.asyncDispose]: async () => {} };
  }
  const { healthRoutes, pageRoutes } = await import("../../dashboard/index.ts");
  const { controlPlaneIndexSource, controlPlaneMetrics, controlPlaneStatus } = await import(
    "../../observation/index.ts"
  );
  const { addProcessMetrics, MetricRegistry } = await import("../../telemetry/index.ts");
  const { serveHttp } = await import("../http.ts");
  const readiness = () =>
    stop.aborted ? { ready: false, reason: "stopping" } : { ready: true, reason: "ready" };
  const registry = new MetricRegistry();
  const stopProcessMetrics = addProcessMetrics(registry, systemClock.nowMs());
  const observation = { server, clock: systemClock, version: VERSION, readiness };
  controlPlaneMetrics(registry, observation);
  const routes = new Map([
    ...healthRoutes({ readiness, registry }),
    ...(await pageRoutes({
      status: controlPlaneStatus(observation),
      index: await controlPlaneIndexSource(server),
    })),
  ]);
  const http = await serveHttp(settings.statusPage, routes, log);
  const exporter =
    metricsUrl === undefined
      ? undefined
      : await openOtlp(
          { metricsUrl, tracesUrl: undefined },
          { settings, clock: systemClock, registry, log, instanceId: server.url },
        ).catch(async (error: unknown) => {
          await http?.close();
          throw error;
        });
  return {
    url: http?.url,
    async [Symbol.asyncDispose]() {
      await http?.close();
      await exporter?.[Symbol.asyncDispose]();
      stopProcessMetrics();
    },
  };
}
