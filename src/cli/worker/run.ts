import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { createCapturePool } from "../../capture/index.ts";
import { readEnvironment } from "../../config/index.ts";
import { systemClock } from "../../model/index.ts";
import { ControlPlaneError, connectControlPlane } from "../../protocol/index.ts";
import { createLog, type Log } from "../../telemetry/index.ts";
import { DEFAULT_WORKER_SETTINGS, eventText, startWorker } from "../../worker/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { parseOptions, wholeNumber } from "../options.ts";
import { createGroupCapture } from "./group-capture.ts";
import { twoStageShutdown } from "./shutdown.ts";

const workerOptions = z.object({
  controlPlane: z.url({ protocol: /^https?$/, error: "an http:// or https:// URL is needed" }),
  wire: z.enum(["chunked", "inline"]).optional(),
  instance: z.string().min(1).optional(),
  threads: wholeNumber(1).optional(),
  maxParallelism: wholeNumber(1).optional(),
  allowLocal: z.string().min(1).optional(),
  allowTestRoot: z.boolean(),
  leaseMs: wholeNumber(1).optional(),
  drainGraceMs: wholeNumber(0).optional(),
  maxRequestBytes: wholeNumber(1).optional(),
  crc: z.enum(["error", "warn", "off"]),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]),
});
type WorkerCommandOptions = z.infer<typeof workerOptions>;

const HANDSHAKE_TIMEOUT_MS = 30_000;
const RETRY_MS = 1000;

/** `floecat-capture worker`: shakes hands with the control plane, then leases and captures until it is told to stop. */
export async function runWorker(rawOptions: unknown): Promise<ExitCode> {
  const options = parseOptions(workerOptions, rawOptions);
  const log = createLog({ level: options.logLevel, destination: process.stdout });
  const shutdown = twoStageShutdown();
  const threads = options.threads ?? readEnvironment().availableParallelism;
  await using pool = createCapturePool({ threads });
  try {
    const connection = await connect(options, log, shutdown.drain);
    if (connection === undefined) return EXIT.done;
    log.info(
      { controlPlane: options.controlPlane, generation: connection.controlPlane.generation, threads },
      "worker ready",
    );
    const worker = startWorker({
      controlPlane: connection.controlPlane,
      capture: createGroupCapture({
        pool,
        clock: systemClock,
        crc: options.crc,
        allowLocal: options.allowLocal === undefined ? undefined : resolve(options.allowLocal),
        allowTestRoot: options.allowTestRoot,
        log,
      }),
      clock: systemClock,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      settings: {
        ...DEFAULT_WORKER_SETTINGS,
        instanceId: options.instance === undefined ? hostname() : `${hostname()}-${options.instance}`,
        maxParallelism: options.maxParallelism ?? threads,
        ...(options.leaseMs !== undefined && { leaseMs: options.leaseMs }),
        ...(options.drainGraceMs !== undefined && { drainGraceMs: options.drainGraceMs }),
      },
      onEvent(event) {
        const { level, message, fields } = eventText(event);
        log[level](fields, message);
      },
      drain: shutdown.drain,
      hurry: shutdown.hurry,
    });
    await worker.ended;
    connection.close();
    log.info({}, "worker stopped");
    return EXIT.done;
  } finally {
    shutdown.release();
  }
}

/**
 * Keeps trying while nothing answers, since workers and control plane start in any order. A server that answers and is not
 * understood ends it: `UnsupportedServerError` says what was found.
 */
async function connect(options: WorkerCommandOptions, log: Log, drain: AbortSignal) {
  while (!drain.aborted) {
    try {
      return await connectControlPlane(
        {
          url: options.controlPlane,
          generation: options.wire,
          maxRequestBytes: options.maxRequestBytes,
        },
        { signal: drain, timeoutMs: HANDSHAKE_TIMEOUT_MS },
      );
    } catch (error) {
      if (drain.aborted) return undefined;
      if (!(error instanceof ControlPlaneError)) throw error;
      log.warn(
        { controlPlane: options.controlPlane },
        `the control plane doesn't answer yet: ${error instanceof Error ? error.message : String(error)}`,
      );
      await systemClock.sleep(RETRY_MS, drain).catch(() => {});
    }
  }
  return undefined;
}
