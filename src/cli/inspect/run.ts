import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../../model/index.ts";
import { openStore, toPlannedPath } from "../../storage/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions } from "../options.ts";
import { parseLines, renderRecords } from "./ndjson.ts";
import { type InspectOptions, inspectOptions } from "./options.ts";
import { inspectParquet } from "./parquet.ts";

/** `floecat-capture inspect`: tells by its first bytes what a file is, and shows it. */
export async function runInspect(file: string, rawOptions: unknown): Promise<ExitCode> {
  const options = parseOptions(inspectOptions, rawOptions);
  const interruption = interruptible();
  try {
    const text = (await isNdjson(file))
      ? await showRecords(file, options)
      : await showParquet(file, options, interruption.signal);
    process.stdout.write(`${text}\n`);
    return EXIT.done;
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interruption.release();
  }
}

/** NDJSON begins with an object; Parquet with its magic. An empty file is an empty capture. */
async function isNdjson(file: string): Promise<boolean> {
  // Without O_NONBLOCK a named pipe would make the open wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw new UsageError(
      `${file} can't be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  try {
    const info = await handle.stat();
    if (info.isDirectory()) throw new UsageError(`${file} is a folder: name one file in it`);
    if (!info.isFile()) throw new UsageError(`${file} is not a regular file`);
    const { bytesRead, buffer } = await handle.read({ buffer: new Uint8Array(1), position: 0 });
    return bytesRead === 0 ? file.endsWith(".ndjson") : buffer[0] === "{".charCodeAt(0);
  } finally {
    await handle.close();
  }
}

async function showRecords(file: string, options: InspectOptions): Promise<string> {
  const lines = parseLines(await readFile(file, "utf8"), file);
  return options.json
    ? JSON.stringify(lines.map((line) => line.value))
    : renderRecords(lines, file, options.limit);
}

async function showParquet(file: string, options: InspectOptions, signal: AbortSignal): Promise<string> {
  const store = openStore({ local: { kind: "anywhere" } });
  await using handle = await store.open(toPlannedPath(resolve(file)), { signal });
  return await inspectParquet(handle, options, signal);
}
