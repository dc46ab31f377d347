/** Whether and where telemetry is sent, from the settings; the exporter itself is loaded when it is. */
import { hostname } from "node:os";
import { readHttpFiles, type Settings, VERSION } from "../config/index.ts";
import { type Clock, UsageError } from "../model/index.ts";
import type { Attributes, Log, MetricRegistry, OtlpExporter } from "../telemetry/index.ts";

export interface OtlpTargets {
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
}

/** Undefined where nothing is to be sent. */
export function otlpTargets({ telemetry }: Pick<Settings, "telemetry">): OtlpTargets | undefined {
  if (telemetry.disabled) return undefined;
  const base = telemetry.endpoint?.replace(/\/+$/, "");
  const tracesUrl = telemetry.tracesEndpoint ?? (base && `${base}/v1/traces`);
  const metricsUrl = telemetry.metricsEndpoint ?? (base && `${base}/v1/metrics`);
  return tracesUrl === undefined && metricsUrl === undefined ? undefined : { tracesUrl, metricsUrl };
}

export async function openOtlp(
  targets: OtlpTargets,
  options: {
    readonly settings: Settings;
    readonly clock: Clock;
    readonly registry: MetricRegistry;
    readonly log: Log;
    readonly instanceId: string;
  },
): Promise<OtlpExporter> {
  const { settings, log } = options;
  const { telemetry } = settings;
  const { protocol } = telemetry;
  if (protocol !== undefined && protocol !== "http/json") {
    log.warn({ protocol }, "telemetry is sent as http/json, whatever OTEL_EXPORTER_OTLP_PROTOCOL says");
  }
  const { startOtlp } = await import("../telemetry/index.ts");
  const { openHttp } = await import("../http/index.ts");
  return startOtlp({
    ...targets,
    http: openHttp(readHttpFiles(settings)),
    clock: options.clock,
    headers: pairs(telemetry.headers, "OTEL_EXPORTER_OTLP_HEADERS"),
    resource: resourceOf(telemetry, options.instanceId),
    registry: options.registry,
    metricIntervalMs: telemetry.metricIntervalMs,
    onTrouble: (message) => log.warn({}, message),
  });
}

function resourceOf(telemetry: Settings["telemetry"], instanceId: string): Attributes {
  return {
    "host.name": hostname(),
    "process.pid": process.pid,
    ...pairs(telemetry.resourceAttributes, "OTEL_RESOURCE_ATTRIBUTES"),
    "service.name": telemetry.serviceName,
    "service.version": VERSION,
    "service.instance.id": instanceId,
  };
}

/** `name=value,name=value`, values percent-encoded. What is wrong with a secret one isn't shown. */
function pairs(text: string | undefined, name: string): Record<string, string> {
  const entries = (text ?? "").split(",").filter((entry) => entry.trim() !== "");
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      if (equals <= 0) throw new UsageError(`${name}: name=value pairs, separated by commas, are needed`);
      return [entry.slice(0, equals).trim(), decoded(entry.slice(equals + 1).trim(), name)];
    }),
  );
}

function decoded(value: string, name: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new UsageError(`${name}: a value is not percent-encoded rightly`);
  }
}
