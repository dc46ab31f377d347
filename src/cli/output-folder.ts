import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type StatsRecord, UsageError } from "../model/index.ts";
import { createStatsTable, STATS_FORMATS, type StatsFormat } from "./stats-table/writer.ts";

/**
 * The folder that `capture` writes: everything goes into a folder beside the target and is renamed into place at the end, so
 * that what stands under the target's name is always whole.
 */
export interface OutputFolder {
  /** `json` is the record as a line of `stats.ndjson`. */
  addStats(record: StatsRecord, json: string): Promise<void>;
  addArtifact(line: string): Promise<void>;
  /** Writes `sidecars/<sha256 hex>.parquet`; equal content is written once. Returns the name. */
  addSidecar(content: Uint8Array): Promise<string>;
  /** Renames into place. With `force`, what stood there is replaced. */
  commit(): Promise<void>;
  /** Removes what was written so far. */
  discard(): Promise<void>;
}

/** Files that this program writes: with `--force`, only a folder that holds nothing else is replaced. */
const OWN_NAMES = new Set([
  "stats.ndjson",
  "artifacts.ndjson",
  "sidecars",
  ...STATS_FORMATS.map((format) => `stats.${format}`),
]);

export async function createOutputFolder(
  target: string,
  options: { readonly force: boolean; readonly tables?: Iterable<StatsFormat> },
): Promise<OutputFolder> {
  const path = resolve(target);
  await refuseForeign(path, target, options.force);
  const partial = join(dirname(path), `.${basename(path)}.partial-${process.pid}`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, "sidecars"), { recursive: true });
  const stats = await LineFile.create(join(partial, "stats.ndjson"));
  const artifacts = await LineFile.create(join(partial, "artifacts.ndjson"));
  const tables = await Promise.all(
    [...(options.tables ?? [])].map((format) => createStatsTable(partial, format)),
  );
  const written = new Set<string>();
  const close = async () => {
    for (const file of [stats, artifacts, ...tables]) await file.close();
  };

  return {
    async addStats(record, json) {
      await stats.add(json);
      for (const table of tables) await table.add(record);
    },
    addArtifact: (line) => artifacts.add(line),
    async addSidecar(content) {
      const name = `${createHash("sha256").update(content).digest("hex")}.parquet`;
      if (!written.has(name)) {
        written.add(name);
        await writeFile(join(partial, "sidecars", name), content);
      }
      return name;
    },
    async commit() {
      await close();
      const old = `${partial}.old`;
      await rm(old, { recursive: true, force: true });
      await renameIfPresent(path, old);
      await rename(partial, path);
      await rm(old, { recursive: true, force: true });
    },
    async discard() {
      await close().catch(() => {});
      await rm(partial, { recursive: true, force: true });
    },
  };
}

async function refuseForeign(path: string, asGiven: string, force: boolean): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory()) {
    throw new UsageError(
      `--out ${asGiven} is a file: name a folder that does not exist yet, or an empty one`,
    );
  }
  const names = await readdir(path);
  if (names.length === 0) return;
  if (!force) {
    throw new UsageError(`--out ${asGiven} is not empty: choose another folder, or replace it with --force`);
  }
  const foreign = names.filter((name) => !OWN_NAMES.has(name));
  if (foreign.length > 0) {
    throw new UsageError(
      `--out ${asGiven} holds files that capture did not write (${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ", …" : ""}): --force replaces earlier captures only; choose another folder`,
    );
  }
}

async function renameIfPresent(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

const FLUSH_CHARACTERS = 1 << 20;

/** Appends lines, gathered into writes of about 1 MiB: handing a write over costs more than writing little. */
class LineFile {
  readonly #handle: FileHandle;
  #pending = "";
  #closed = false;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async create(path: string): Promise<LineFile> {
    return new LineFile(await open(path, "w"));
  }

  async add(line: string): Promise<void> {
    this.#pending += `${line}\n`;
    if (this.#pending.length >= FLUSH_CHARACTERS) await this.#flush();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = "";
    if (text !== "") await this.#handle.appendFile(text);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flush();
    await this.#handle.close();
  }
}
