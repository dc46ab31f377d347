import { resolve } from "node:path";
import { readEnvironment, readHttpFiles, type Settings } from "../../config/index.ts";
import {
  type ControlPlane,
  type ControlPlaneLimits,
  type ControlPlaneOptions,
  createControlPlaneServer,
  readAuthorities,
} from "../../control-plane/index.ts";
import { UsageError } from "../../model/index.ts";
import { createLog, type Log } from "../../telemetry/index.ts";
import { machineCatalogs, secretVariable } from "../catalog/machine.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { blobBucket, sharedBlobs } from "../result-blobs.ts";
import { commandSettings } from "../setting-options.ts";
import { commandStore, storeRules } from "../storage.ts";
import { chooseAuthenticator } from "./callers.ts";
import { observeControlPlane } from "./observe.ts";

/** `floecat-capture control-plane`: runs the embedded control plane until SIGINT or SIGTERM. */
export async function runControlPlane(rawOptions: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { settings, warnings } = await commandSettings(rawOptions, FLAG_GROUPS);
  const { listen, wire, authoritiesFile, chaos } = settings.embedded;
  const { mode: auth, account: accountId } = settings.embeddedAuth;
  const authenticate = chooseAuthenticator(settings);
  const log = createLog({ level: settings.log.level, destination: process.stdout });
  for (const warning of warnings) log.warn({}, warning);
  const interruption = interruptible();
  const bucket = blobBucket(settings);
  const { variables } = readEnvironment();
  const dataDir = resolve(settings.embedded.dataDir);
  try {
    const options: ControlPlaneOptions = {
      listen,
      dataDir,
      generation: wire,
      limits: limitsOf(settings.embedded),
      // Workers read neither web servers nor these stores (08 §5.1, §5.2).
      store: { ...commandStore(settings), web: false, gcs: undefined, azure: undefined },
      sharedBlobs:
        bucket && sharedBlobs(bucket, { network: readHttpFiles(settings), signal: interruption.signal }),
      authorities: authoritiesFile === undefined ? [] : await readAuthorities(authoritiesFile, accountId),
      catalogs: machineCatalogs({
        network: readHttpFiles(settings),
        reach: storeRules(settings).reach,
        variables,
        ownConnectors: false,
      }),
      secrets: (name) => secretVariable(name, variables),
      accountId,
      authenticate,
      log: {
        error: ({ err, ...details }, message) =>
          log.error(
            textFields(details),
            err instanceof Error ? `${message}: ${err.stack ?? err.message}` : message,
          ),
      },
    };
    const server =
      chaos === undefined ? await createControlPlaneServer(options) : await startChaotic(options, chaos, log);
    try {
      await using observer = await observeControlPlane({ settings, server, log, stop: interruption.signal });
      if (observer.url !== undefined) log.info({ url: observer.url }, "status page");
      log.info({ url: server.url, generation: wire, auth, data: dataDir }, "control plane ready");
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

const FLAG_GROUPS = ["embedded", "embeddedAuth", "log", "statusPage"] as const;

/** Faults of each kind are told at the end, each single one at level debug. */
async function startChaotic(options: ControlPlaneOptions, text: string, log: Log): Promise<ControlPlane> {
  const { parseChaosSpec, startChaoticControlPlane } = await import("../../control-plane/chaos/index.ts");
  const spec = parseChaosSpec(text);
  log.warn({ seed: spec.seed }, "this control plane makes faults on purpose");
  return await startChaoticControlPlane({
    ...options,
    spec,
    onFault: (kind, about) => log.debug({ fault: kind }, `fault on purpose: ${kind}, ${about}`),
    onClosed: (counts) => log.info(counts, "faults on purpose"),
  });
}

/** What isn't set is left to the generation's defaults. */
function limitsOf({ idempotencyTtlSeconds, ...embedded }: Settings["embedded"]): Partial<ControlPlaneLimits> {
  const {
    listen: _listen,
    dataDir: _dataDir,
    authoritiesFile: _file,
    wire: _wire,
    chaos: _chaos,
    ...limits
  } = embedded;
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
