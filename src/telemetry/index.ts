export { createLog, type Log, type LogFields, type LogLevel } from "./log.ts";
export { addProcessMetrics } from "./metrics/process-metrics.ts";
export { PROMETHEUS_CONTENT_TYPE, prometheusText } from "./metrics/prometheus.ts";
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type MetricFamily,
  MetricRegistry,
} from "./metrics/registry.ts";
export { type OtlpExporter, type OtlpOptions, startOtlp } from "./otlp/exporter.ts";
export type { Attributes, Span, SpanKind, SpanSink } from "./trace/span.ts";
