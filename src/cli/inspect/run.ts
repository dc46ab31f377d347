import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../../model/index.ts";
import { type ObjectHandle, type ObjectStore, openStore, toPlannedPath } from "../../storage/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions } from "../options.ts";
import { commandSettings } from "../setting-options.ts";
import { commandStore } from "../storage.ts";
import { parseLines, renderRecords } from "./ndjson.ts";
import { type InspectOptions, inspectOptions } from "./options.ts";
import { inspectParquet } from "./parquet.ts";

/** `floecat-capture inspect`: tells by its first bytes what a file is, and shows it. */
export async function runInspect(
  file: string,
  rawOptions: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const options = parseOptions(inspectOptions, rawOptions);
  const { settings } = await commandSettings(rawOptions, ["storage"]);
  const store = openStore(commandStore(settings));
  const interruption = interruptible();
  try {
    const text = await show(file, store, options, interruption.signal);
    process.stdout.write(`${text}\n`);
    return EXIT.done;
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interruption.release();
    store.close();
  }
}

async function show(
  file: string,
  store: ObjectStore,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<string> {
  const isRemote = /^[a-z][a-z0-9+.-]*:\/\//i.test(file) && !file.startsWith("file://");
  if (!isRemote) await checkLocalFile(file);
  await using handle = await store.open(isRemote ? file : toPlannedPath(resolve(file)), { signal });
  if (!(await isNdjson(handle, signal))) return await inspectParquet(handle, options, signal);
  const text = Buffer.from(await handle.read(0, handle.size, { signal })).toString("utf8");
  const lines = parseLines(text, file);
  return options.json
    ? JSON.stringify(lines.map((line) => line.value))
    : renderRecords(lines, file, options.limit);
}

/** NDJSON begins with an object; Parquet with its magic. An empty file is an empty capture. */
async function isNdjson(handle: ObjectHandle, signal: AbortSignal): Promise<boolean> {
  if (handle.size === 0) return handle.path.endsWith(".ndjson");
  const [first] = await handle.read(0, 1, { signal });
  return first === "{".charCodeAt(0);
}

/** What can't be looked into is said in the words of the file system. */
async function checkLocalFile(file: string): Promise<void> {
  const info = await stat(file).catch((error: unknown) => {
    throw new UsageError(
      `${file} can't be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  if (info.isDirectory()) throw new UsageError(`${file} is a folder: name one file in it`);
  if (!info.isFile()) throw new UsageError(`${file} is not a regular file`);
}
