/**
 * Sends spans and metrics to an OpenTelemetry collector by OTLP over HTTP, as JSON. The official SDK for it weighs more than the rest
 * of the program and is slow to load; what it would do for us is this. Nothing waits for the collector: spans queue up to a bound,
 * and what finds no room is dropped and counted. A collector that is away is tried again with the next batch.
 */
import type { HttpClient } from "../../http/index.ts";
import type { Clock } from "../../model/index.ts";
import type { MetricRegistry } from "../metrics/registry.ts";
import type { Attributes, Span, SpanSink } from "../trace/span.ts";
import { metricsJson, tracesJson } from "./encode.ts";

export interface OtlpOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Where spans go; undefined: nowhere. */
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  /** Secret, as a rule. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Attributes;
  readonly registry: MetricRegistry;
  readonly metricIntervalMs: number;
  /** Told when sending begins to fail and when it works again; the text holds no header. */
  readonly onTrouble: (message: string) => void;
}

export interface OtlpExporter extends SpanSink, AsyncDisposable {}

const BATCH_SPANS = 512;
const QUEUE_SPANS = 4096;
const BATCH_WAIT_MS = 5_000;
const TIMEOUT_MS = 10_000;
/** What is left when the process ends may take this long. */
const LAST_TIMEOUT_MS = 3_000;

export function startOtlp(options: OtlpOptions): OtlpExporter {
  const { clock, registry, resource, tracesUrl, metricsUrl, metricIntervalMs } = options;
  const dropped = registry.counter({
    name: "floecat_capture_spans_dropped_total",
    help: "Spans that the collector did not take in time.",
  });
  const startMs = clock.nowMs();
  const ended = new AbortController();
  const wake = { now: new AbortController() };
  let queue: Span[] = [];
  const failing = new Set<string>();

  /** Whether the collector took it. */
  async function post(url: string, body: string, timeoutMs: number): Promise<boolean> {
    const trouble = await send(url, body, timeoutMs);
    if (trouble === undefined) {
      if (failing.delete(url)) options.onTrouble(`${originOf(url)} takes telemetry again`);
      return true;
    }
    if (!failing.has(url)) options.onTrouble(`telemetry is not taken: ${trouble}`);
    failing.add(url);
    return false;
  }

  async function send(url: string, body: string, timeoutMs: number): Promise<string | undefined> {
    try {
      const answer = await options.http.fetch(url, {
        method: "POST",
        headers: { ...options.headers, "content-type": "application/json" },
        body,
        signal: new AbortController().signal,
        timeoutMs,
      });
      return answer.ok ? undefined : `${originOf(url)} answers with HTTP status ${answer.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async function sendSpans(url: string, timeoutMs: number): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH_SPANS);
      if (!(await post(url, tracesJson(batch, resource), timeoutMs))) return;
      queue = queue.slice(batch.length);
    }
  }

  async function spanLoop(url: string): Promise<void> {
    while (!ended.signal.aborted) {
      wake.now = new AbortController();
      await clock.sleep(BATCH_WAIT_MS, AbortSignal.any([wake.now.signal, ended.signal])).catch(() => {});
      if (!ended.signal.aborted) await sendSpans(url, TIMEOUT_MS);
    }
    await sendSpans(url, LAST_TIMEOUT_MS);
    if (queue.length > 0) dropped.add(queue.length);
  }

  const sendMetrics = (url: string, timeoutMs: number) =>
    post(url, metricsJson(registry.read(), resource, { startMs, nowMs: clock.nowMs() }), timeoutMs);

  async function metricLoop(url: string): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(metricIntervalMs, ended.signal).catch(() => {});
      if (!ended.signal.aborted) await sendMetrics(url, TIMEOUT_MS);
    }
    await sendMetrics(url, LAST_TIMEOUT_MS);
  }

  const loops = Promise.all([
    tracesUrl === undefined ? undefined : spanLoop(tracesUrl),
    metricsUrl === undefined ? undefined : metricLoop(metricsUrl),
  ]);
  return {
    add(span) {
      if (tracesUrl === undefined) return;
      if (queue.length >= QUEUE_SPANS) {
        dropped.add(1);
        return;
      }
      queue.push(span);
      if (queue.length === BATCH_SPANS) wake.now.abort();
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await loops;
    },
  };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "the collector";
}
