import { resolve } from "node:path";
import { readHttpFiles, type Settings } from "../../config/index.ts";
import {
  type ControlPlaneLimits,
  createControlPlaneServer,
  DEFAULT_ACCOUNT_ID,
  readAuthorities,
} from "../../control-plane/index.ts";
import { UsageError } from "../../model/index.ts";
import { createLog } from "../../telemetry/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { blobBucket, sharedBlobs } from "../result-blobs.ts";
import { commandSettings } from "../setting-options.ts";
import { observeControlPlane } from "./observe.ts";

/** `floecat-capture control-plane`: runs the embedded control plane until SIGINT or SIGTERM. */
export async function runControlPlane(rawOptions: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { settings, warnings } = await commandSettings(rawOptions, ["embedded", "log", "statusPage"]);
  const { listen, wire, authoritiesFile } = settings.embedded;
  const log = createLog({ level: settings.log.level, destination: process.stdout });
  for (const warning of warnings) log.warn({}, warning);
  const interruption = interruptible();
  const bucket = blobBucket(settings);
  const dataDir = resolve(settings.embedded.dataDir);
  try {
    const server = await createControlPlaneServer({
      listen,
      dataDir,
      generation: wire,
      limits: limitsOf(settings.embedded),
      sharedBlobs:
        bucket && sharedBlobs(bucket, { network: readHttpFiles(settings), signal: interruption.signal }),
      authorities:
        authoritiesFile === undefined ? [] : await readAuthorities(authoritiesFile, DEFAULT_ACCOUNT_ID),
      log: {
        error: ({ err, ...details }, message) =>
          log.error(
            textFields(details),
            err instanceof Error ? `${message}: ${err.stack ?? err.message}` : message,
          ),
      },
    });
    try {
      await using observer = await observeControlPlane({ settings, server, log, stop: interruption.signal });
      if (observer.url !== undefined) log.info({ url: observer.url }, "status page");
      log.info({ url: server.url, generation: wire, data: dataDir }, "control plane ready");
      await aborted(interruption.signal);
      log.info({}, "control plane stopping");
    } finally {
      await server.close();
    }
    return EXIT.done;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new UsageError(`${listen.host}:${listen.port} is in use: choose another address with --listen`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    interruption.release();
  }
}

/** What isn't set is left to the generation's defaults. */
function limitsOf({ idempotencyTtlSeconds, ...embedded }: Settings["embedded"]): Partial<ControlPlaneLimits> {
  const { listen: _listen, dataDir: _dataDir, authoritiesFile: _file, wire: _wire, ...limits } = embedded;
  const idempotencyTtlMs = idempotencyTtlSeconds === undefined ? undefined : idempotencyTtlSeconds * 1000;
  const given = { ...limits, idempotencyTtlMs };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function textFields(details: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, String(value)]));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}
