/** Where traces and metrics are sent to: the variables of OpenTelemetry's own specification. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { flag, httpUrl, text, wholeNumber } from "./values.ts";

export const telemetrySettings = z.object({
  endpoint: httpUrl()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.otlp.endpoint",
      env: ["OTEL_EXPORTER_OTLP_ENDPOINT"],
      unset: "nothing is sent",
      doc: "Address of an OpenTelemetry collector that takes OTLP over HTTP, such as `http://collector:4318`; `/v1/traces` and `/v1/metrics` are added.",
    }),
  tracesEndpoint: httpUrl()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.otlp.traces-endpoint",
      env: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
      doc: "Whole address for traces, in place of the one above.",
    }),
  metricsEndpoint: httpUrl()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.otlp.metrics-endpoint",
      env: ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"],
      doc: "Whole address for metrics, in place of the one above.",
    }),
  headers: text()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.otlp.headers",
      env: ["OTEL_EXPORTER_OTLP_HEADERS"],
      secret: true,
      doc: "Headers for the collector, as `name=value,name=value` with percent-encoded values.",
    }),
  protocol: text()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.otlp.protocol",
      env: ["OTEL_EXPORTER_OTLP_PROTOCOL"],
      unset: "http/json",
      doc: "Read so that another one can be warned of: `http/json` is what is spoken, which every collector takes on its HTTP port.",
    }),
  serviceName: text().register(settingInfo, {
    key: "floecat.capture.otlp.service-name",
    env: ["OTEL_SERVICE_NAME"],
    default: "floecat-capture",
    doc: "`service.name` of traces and metrics.",
  }),
  resourceAttributes: text()
    .optional()
    .register(settingInfo, {
      key: "floecat.capture.otlp.resource-attributes",
      env: ["OTEL_RESOURCE_ATTRIBUTES"],
      doc: "Further attributes, as `name=value,name=value`.",
    }),
  metricIntervalMs: wholeNumber(1000).register(settingInfo, {
    key: "floecat.capture.otlp.metric-interval-ms",
    env: ["OTEL_METRIC_EXPORT_INTERVAL"],
    default: "60000",
    unit: "ms",
    doc: "How often metrics are sent.",
  }),
  disabled: flag().register(settingInfo, {
    key: "floecat.capture.otlp.disabled",
    env: ["OTEL_SDK_DISABLED"],
    default: "false",
    doc: "`true` sends nothing, whatever else is set.",
  }),
});
