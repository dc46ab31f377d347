import { pino } from "pino";

/** Structured log lines: one JSON object a line, with the fields that tell jobs and groups apart. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Never a secret: connectors, credentials and request bodies have no place here. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Writes to `destination`, standard output mostly, with ISO timestamps. */
export function createLog(options: {
  readonly level: LogLevel;
  readonly destination: { write(line: string): void };
}): Log {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: "msg",
    },
    options.destination,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
