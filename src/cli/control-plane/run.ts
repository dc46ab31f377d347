import { resolve } from "node:path";
import { z } from "zod";
import { createControlPlaneServer } from "../../control-plane/index.ts";
import { UsageError } from "../../model/index.ts";
import { createLog } from "../../telemetry/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions, wholeNumber } from "../options.ts";

const controlPlaneOptions = z.object({
  listen: z.string().transform((text, context) => {
    const match = /^(\[[0-9a-fA-F:]+\]|[^:]+):(\d{1,5})$/.exec(text);
    const port = Number(match?.[2]);
    if (match?.[1] === undefined || port > 65_535) {
      context.addIssue({ code: "custom", message: "host:port is needed, such as 127.0.0.1:9100" });
      return z.NEVER;
    }
    return { host: match[1].replace(/^\[|\]$/g, ""), port };
  }),
  data: z.string().min(1),
  wire: z.enum(["chunked", "inline"]),
  leaseMs: wholeNumber(1000).optional(),
  maxAttempts: wholeNumber(1).optional(),
  baseBackoffMs: wholeNumber(100).optional(),
  maxMessageBytes: wholeNumber(1024).optional(),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]),
});

/** `floecat-capture control-plane`: runs the embedded control plane until SIGINT or SIGTERM. */
export async function runControlPlane(rawOptions: unknown): Promise<ExitCode> {
  const options = parseOptions(controlPlaneOptions, rawOptions);
  const log = createLog({ level: options.logLevel, destination: process.stdout });
  const interruption = interruptible();
  const dataDir = resolve(options.data);
  try {
    const server = await createControlPlaneServer({
      listen: options.listen,
      dataDir,
      generation: options.wire,
      limits: {
        ...(options.leaseMs !== undefined && { leaseMs: options.leaseMs }),
        ...(options.maxAttempts !== undefined && { maxAttempts: options.maxAttempts }),
        ...(options.baseBackoffMs !== undefined && { baseBackoffMs: options.baseBackoffMs }),
        ...(options.maxMessageBytes !== undefined && { maxInboundMessageBytes: options.maxMessageBytes }),
      },
      log: {
        error: ({ err, ...details }, message) =>
          log.error(
            textFields(details),
            err instanceof Error ? `${message}: ${err.stack ?? err.message}` : message,
          ),
      },
    });
    log.info({ url: server.url, generation: options.wire, data: dataDir }, "control plane ready");
    await aborted(interruption.signal);
    log.info({}, "control plane stopping");
    await server.close();
    return EXIT.done;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new UsageError(
        `${options.listen.host}:${options.listen.port} is in use: choose another address with --listen`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    interruption.release();
  }
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
