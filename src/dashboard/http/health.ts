import { type MetricRegistry, PROMETHEUS_CONTENT_TYPE, prometheusText } from "../../telemetry/index.ts";
import type { Readiness } from "../status.ts";
import { type Route, text } from "./server.ts";

/** `/healthz` says that the process answers, `/readyz` whether it does its work, `/metrics` how. */
export function healthRoutes(options: {
  readonly readiness: () => Readiness;
  readonly registry: MetricRegistry;
}): Map<string, Route> {
  return new Map<string, Route>([
    ["/healthz", { open: true, handle: () => text(200, "ok") }],
    [
      "/readyz",
      {
        open: true,
        handle() {
          const { ready, reason } = options.readiness();
          return text(ready ? 200 : 503, reason);
        },
      },
    ],
    [
      "/metrics",
      {
        handle: () => ({
          status: 200,
          contentType: PROMETHEUS_CONTENT_TYPE,
          body: prometheusText(options.registry.read()),
        }),
      },
    ],
  ]);
}
