import { describe, expect, it } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { HttpClient, HttpRequest } from "../../http/index.ts";
import { MetricRegistry } from "../metrics/registry.ts";
import type { Span } from "../trace/span.ts";
import { type OtlpOptions, startOtlp } from "./exporter.ts";

const span = (i: number): Span => ({
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: i.toString(16).padStart(16, "0"),
  parentSpanId: undefined,
  name: "file-group job",
  kind: "consumer",
  startMs: 1_700_000_000_000.5,
  endMs: 1_700_000_001_000,
  attributes: { "floecat.job.id": "job-1", files: 3, share: 0.5, whole: true },
  error: undefined,
});

/** A collector that takes what it is sent, or not. */
function collector() {
  const sent: { url: string; request: HttpRequest; body: ReturnType<typeof JSON.parse> }[] = [];
  const state: { answer: number | Error } = { answer: 200 };
  const http: HttpClient = {
    async fetch(url, request) {
      if (state.answer instanceof Error) throw state.answer;
      if (state.answer === 200)
        sent.push({ url: String(url), request, body: JSON.parse(String(request.body)) });
      return new Response(null, { status: state.answer });
    },
    agentFor: () => Promise.reject(new Error("not asked for")),
    close: () => {},
  };
  return { sent, state, http };
}

function start(http: HttpClient, given: Partial<OtlpOptions> = {}) {
  const clock = new FakeClock();
  const registry = new MetricRegistry();
  const troubles: string[] = [];
  const exporter = startOtlp({
    http,
    clock,
    registry,
    tracesUrl: "http://c:4318/v1/traces",
    metricsUrl: undefined,
    headers: { authorization: "s3cret" },
    resource: { "service.name": "floecat-capture" },
    metricIntervalMs: 60_000,
    onTrouble: (message) => troubles.push(message),
    ...given,
  });
  return { clock, registry, exporter, troubles };
}

const spansIn = (body: ReturnType<typeof JSON.parse>) => body.resourceSpans[0].scopeSpans[0].spans;

describe("OTLP", () => {
  it("sends spans in batches, in OTLP's JSON", async () => {
    const { sent, http } = collector();
    const { clock, exporter } = start(http);
    exporter.add(span(1));
    exporter.add({ ...span(2), parentSpanId: span(1).spanId, kind: "client", error: "UNAVAILABLE" });
    await clock.advance(5_000);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe("http://c:4318/v1/traces");
    expect(sent[0]?.request.headers).toEqual({ authorization: "s3cret", "content-type": "application/json" });
    expect(sent[0]?.body.resourceSpans[0].resource.attributes).toEqual([
      { key: "service.name", value: { stringValue: "floecat-capture" } },
    ]);
    expect(spansIn(sent[0]?.body)).toMatchObject([
      {
        traceId: "0af7651916cd43dd8448eb211c80319c",
        kind: 5,
        startTimeUnixNano: "1700000000000500000",
        endTimeUnixNano: "1700000001000000000",
        status: {},
        attributes: [
          { key: "floecat.job.id", value: { stringValue: "job-1" } },
          { key: "files", value: { intValue: "3" } },
          { key: "share", value: { doubleValue: 0.5 } },
          { key: "whole", value: { boolValue: true } },
        ],
      },
      { kind: 3, parentSpanId: "0000000000000001", status: { code: 2, message: "UNAVAILABLE" } },
    ]);
    await exporter[Symbol.asyncDispose]();
  });

  it("keeps spans while the collector is away, says so once, and when it is back", async () => {
    const { sent, state, http } = collector();
    const { clock, exporter, troubles } = start(http);
    state.answer = 503;
    exporter.add(span(1));
    await clock.advance(15_000);
    state.answer = 200;
    await clock.advance(5_000);
    expect(spansIn(sent[0]?.body)).toHaveLength(1);
    expect(troubles).toEqual([
      "telemetry is not taken: http://c:4318 answers with HTTP status 503",
      "http://c:4318 takes telemetry again",
    ]);
    await exporter[Symbol.asyncDispose]();
  });

  it("drops what finds no room, and counts it", async () => {
    const { state, http } = collector();
    const { exporter, registry } = start(http);
    state.answer = new Error("connect ECONNREFUSED");
    for (let i = 0; i < 5_000; i++) exporter.add(span(i));
    await exporter[Symbol.asyncDispose]();
    const [dropped] = registry.read();
    expect(dropped?.samples).toEqual([{ kind: "value", labels: {}, value: 5_000 }]);
  });

  it("sends what is left when it ends", async () => {
    const { sent, http } = collector();
    const { exporter } = start(http, { metricsUrl: "http://c:4318/v1/metrics" });
    exporter.add(span(1));
    await exporter[Symbol.asyncDispose]();
    expect(sent.map(({ url }) => url).sort()).toEqual([
      "http://c:4318/v1/metrics",
      "http://c:4318/v1/traces",
    ]);
  });

  it("sends metrics on their interval: sums and histograms cumulative, gauges as they are", async () => {
    const { sent, http } = collector();
    const { clock, exporter, registry } = start(http, {
      tracesUrl: undefined,
      metricsUrl: "http://c/v1/metrics",
    });
    registry.counter({ name: "a_total", help: "A." }).add(2);
    registry.gauge({ name: "g", help: "G.", labels: ["l"] }).set(1, { l: "x" });
    registry.histogram({ name: "h", help: "H.", bounds: [1] }).observe(3);
    exporter.add(span(1));
    await clock.advance(60_000);
    expect(sent).toHaveLength(1);
    const metrics = sent[0]?.body.resourceMetrics[0].scopeMetrics[0].metrics;
    expect(metrics.slice(1)).toMatchObject([
      {
        name: "a_total",
        sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asDouble: 2 }] },
      },
      { name: "g", gauge: { dataPoints: [{ attributes: [{ key: "l", value: { stringValue: "x" } }] }] } },
      {
        name: "h",
        histogram: { dataPoints: [{ count: "1", sum: 3, bucketCounts: ["0", "1"], explicitBounds: [1] }] },
      },
    ]);
    await exporter[Symbol.asyncDispose]();
  });
});
