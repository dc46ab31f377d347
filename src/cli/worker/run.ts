import { randomInt } from "node:crypto";
import { stat } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { captureResources, createCapturePool } from "../../capture/index.ts";
import { readEnvironment, readHttpFiles, type Settings } from "../../config/index.ts";
import { systemClock, UsageError } from "../../model/index.ts";
import {
  type ControlPlaneConnection,
  ControlPlaneError,
  type ControlPlaneSettings,
  connectControlPlane,
  type GenerationChange,
} from "../../protocol/index.ts";
import { createLog, type Log } from "../../telemetry/index.ts";
import { errorText, eventText, startWorker, type WorkerSettings } from "../../worker/index.ts";
import { machineCatalogs } from "../catalog/machine.ts";
import { chooseConnection } from "../connection.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { blobBucket, resultBlobs } from "../result-blobs.ts";
import { commandSettings } from "../setting-options.ts";
import { storeRules } from "../storage.ts";
import { groupCaptures } from "./group-capture.ts";
import { observeWorker } from "./observe.ts";
import { twoStageShutdown } from "./shutdown.ts";

const HANDSHAKE_TIMEOUT_MS = 30_000;
const RETRY_MS = 1000;

/**
 * `floecat-capture worker`: shakes hands with the control plane, then leases and captures until it is told to stop. If the
 * control plane becomes one of another generation, what runs is drained and a worker for that one begins.
 */
export async function runWorker(rawOptions: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { settings, warnings } = await commandSettings(rawOptions, FLAG_GROUPS);
  const chosen = chooseConnection(settings);
  const log = createLog({ level: settings.log.level, destination: process.stdout });
  for (const warning of [...warnings, ...chosen.warnings]) log.warn({}, warning);
  const { allowLocal: root } = settings.worker;
  const allowLocal = root === undefined ? undefined : await folder(root);
  const environment = readEnvironment();
  const resources = captureResources(settings.capture, environment);
  const { threads } = resources;
  const shutdown = twoStageShutdown();
  await using pool = createCapturePool(resources);
  const network = readHttpFiles(settings);
  const rules = storeRules(settings);
  const captures = groupCaptures({
    pool,
    clock: systemClock,
    crc: settings.capture.crc,
    allowLocal,
    allowTestRoot: settings.worker.allowTestRoot,
    rules,
    ambientS3: environment.ambientS3,
    catalogs: machineCatalogs({
      network,
      reach: rules.reach,
      variables: environment.variables,
      ownConnectors: false,
    }),
    log,
  });
  const bucket = blobBucket(settings);
  const blobs =
    bucket &&
    resultBlobs(bucket, {
      clock: systemClock,
      network,
      onFallback: (message, error) => log.warn({ error: errorText(error) }, message),
    });
  const runtime = workerSettings(settings, threads);
  await using observer = await observeWorker({
    settings,
    clock: systemClock,
    log,
    instanceId: runtime.instanceId,
    controlPlaneUrl: chosen.controlPlane.url,
    slots: runtime.maxParallelism,
    drain: shutdown.drain,
  });
  const controlPlaneSettings = observer.watchTokens(chosen.controlPlane);
  try {
    if (observer.url !== undefined) log.info({ url: observer.url }, "status page");
    while (!shutdown.drain.aborted) {
      const changed = new AbortController();
      const onGenerationChange = ({ reason }: GenerationChange) => {
        log.warn({}, `draining: ${reason}`);
        changed.abort();
      };
      observer.connecting();
      const connection = await connect(
        { ...controlPlaneSettings, blobs, onGenerationChange },
        log,
        shutdown.drain,
      );
      if (connection === undefined) break;
      tellHandshake(connection, { controlPlane: chosen.controlPlane.url, threads }, log);
      const worker = startWorker({
        controlPlane: observer.watchCalls(connection.controlPlane),
        capture: captures(connection.vending),
        clock: systemClock,
        random: () => randomInt(2 ** 32) / 2 ** 32,
        settings: runtime,
        onEvent(event) {
          observer.onEvent(event);
          const { level, message, fields } = eventText(event);
          log[level](fields, message);
        },
        drain: AbortSignal.any([shutdown.drain, changed.signal]),
        hurry: shutdown.hurry,
      });
      observer.watchWorker(worker, runtime, connection.controlPlane);
      await worker.ended;
      connection.close();
    }
    log.info({}, "worker stopped");
    return EXIT.done;
  } finally {
    shutdown.release();
  }
}

/** Said at the start: with a folder that isn't there, every leased table would look as if it were gone. */
async function folder(path: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() !== true) throw new UsageError(`--allow-local ${path}: there is no such folder`);
  return resolve(path);
}

const FLAG_GROUPS = ["connection", "auth", "worker", "capture", "log", "statusPage"] as const;

function workerSettings({ worker, connection }: Settings, threads: number): WorkerSettings {
  return {
    instanceId: worker.instance === undefined ? hostname() : `${hostname()}-${worker.instance}`,
    maxParallelism: worker.fileGroupsEnabled ? (worker.maxParallelism ?? threads) : 0,
    prefetchedGroups: worker.prefetchedGroups,
    maxPendingResults: worker.maxPendingResults,
    maxPendingResultBytes: worker.maxPendingResultBytes,
    leaseMs: worker.leaseMs,
    heartbeatMs: worker.heartbeatMs,
    deadlineMs: connection.deadlineMs,
    leaseDeadlineMs: connection.leaseDeadlineMs,
    mutationDeadlineMs: connection.mutationDeadlineMs,
    drainGraceMs: worker.drainGraceMs,
    handBackMs: worker.handBackMs,
  };
}

function tellHandshake(
  { controlPlane, foundBy, absentFields }: ControlPlaneConnection,
  fields: { readonly controlPlane: string; readonly threads: number },
  log: Log,
): void {
  if (absentFields.length > 0) {
    log.warn({}, `the control plane lacks fields that this worker does without: ${absentFields.join(", ")}`);
  }
  if (foundBy === "probes") {
    log.warn(
      {},
      `the control plane has no reflection service: probes say that it speaks ${controlPlane.generation}; set floecat.capture.wire to be sure`,
    );
  }
  log.info({ ...fields, generation: controlPlane.generation, foundBy }, "worker ready");
}

/**
 * Keeps trying while nothing answers, since workers and control plane start in any order. A server that answers and is not
 * understood ends it: `UnsupportedServerError` says what was found.
 */
async function connect(settings: ControlPlaneSettings, log: Log, drain: AbortSignal) {
  while (!drain.aborted) {
    try {
      return await connectControlPlane(settings, { signal: drain, timeoutMs: HANDSHAKE_TIMEOUT_MS });
    } catch (error) {
      if (drain.aborted) return undefined;
      if (!(error instanceof ControlPlaneError)) throw error;
      log.warn({ controlPlane: settings.url }, `the control plane doesn't answer yet: ${error.message}`);
      await systemClock.sleep(RETRY_MS, drain).catch(() => {});
    }
  }
  return undefined;
}
