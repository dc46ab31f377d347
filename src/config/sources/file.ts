/** The settings file: `.json`, or properties under any other name. */
import { readFileSync, statSync } from "node:fs";
import { UsageError } from "../../model/index.ts";
import { parseJsonSettings } from "./json.ts";
import { parseProperties } from "./properties.ts";

const MAX_FILE_BYTES = 1 << 20;

export function readSettingsFile(path: string): Map<string, string> {
  const text = readTextFile(path, "settings file");
  if (/\.ya?ml$/i.test(path)) {
    throw new UsageError(`settings file ${path}: YAML is not read; use .properties or .json`);
  }
  return /\.json$/i.test(path) ? parseJsonSettings(text, path) : parseProperties(text);
}

/** What a secret's file holds, without the line end that editors put there. */
export function readSecretFile(path: string, name: string): string {
  return readTextFile(path, name).replace(/(\r?\n)+$/, "");
}

/** `what` is said in front of the path where it can't be read. */
export function readTextFile(path: string, what: string): string {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw new UsageError(`${what} ${path}: larger than 1 MiB`);
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new UsageError(`${what} ${path} can't be read: ${reason}`, { cause: error });
  }
}
