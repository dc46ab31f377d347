/** Spans and metrics as the JSON of OTLP 1.x: ids in hex, 64-bit integers as text, enums as numbers. */
import type { Labels, MetricFamily, Sample } from "../metrics/registry.ts";
import type { Attributes, Span, SpanKind } from "../trace/span.ts";

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, client: 3, consumer: 5 };
const STATUS_ERROR = 2;
const CUMULATIVE = 2;
const SCOPE = { name: "floecat-capture" };

export function tracesJson(spans: readonly Span[], resource: Attributes): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [{ scope: SCOPE, spans: spans.map(spanJson) }],
      },
    ],
  });
}

function spanJson(span: Span) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(span.endMs),
    attributes: attributes(span.attributes),
    status: span.error === undefined ? {} : { code: STATUS_ERROR, message: span.error },
  };
}

export function metricsJson(
  families: readonly MetricFamily[],
  resource: Attributes,
  time: { readonly startMs: number; readonly nowMs: number },
): string {
  return JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: attributes(resource) },
        scopeMetrics: [{ scope: SCOPE, metrics: families.map((family) => metricJson(family, time)) }],
      },
    ],
  });
}

function metricJson(
  { name, help, kind, samples }: MetricFamily,
  { startMs, nowMs }: { readonly startMs: number; readonly nowMs: number },
) {
  const times = { startTimeUnixNano: nanos(startMs), timeUnixNano: nanos(nowMs) };
  const dataPoints = samples.map((sample) => ({ ...times, ...pointJson(sample) }));
  const cumulative = { aggregationTemporality: CUMULATIVE };
  switch (kind) {
    case "counter":
      return { name, description: help, sum: { dataPoints, isMonotonic: true, ...cumulative } };
    case "gauge":
      return { name, description: help, gauge: { dataPoints } };
    case "histogram":
      return { name, description: help, histogram: { dataPoints, ...cumulative } };
  }
}

function pointJson(sample: Sample) {
  if (sample.kind === "value") return { attributes: attributes(sample.labels), asDouble: sample.value };
  return {
    attributes: attributes(sample.labels),
    count: String(sample.counts.reduce((sum, each) => sum + each, 0)),
    sum: sample.sum,
    bucketCounts: sample.counts.map(String),
    explicitBounds: sample.bounds,
  };
}

function attributes(given: Attributes | Labels) {
  return Object.entries(given).map(([key, value]) => ({ key, value: valueJson(value) }));
}

function valueJson(value: string | number | boolean) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}
