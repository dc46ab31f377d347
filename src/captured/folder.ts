import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type PageIndexRow, UnreadableFileError, UsageError } from "../model/index.ts";
import { readSidecar } from "../parquet/sidecar/index.ts";
import { openStore, toPlannedPath } from "../storage/index.ts";
import { artifactOf, type CapturedArtifact, type CapturedStatistics, statisticsOf } from "./records.ts";

/** A folder that `capture`, or `enqueue --out`, wrote. Records are read line by line, sidecars one at a time. */
export interface CapturedFolder {
  /** As it was given. */
  readonly path: string;
  statistics(options: { readonly signal: AbortSignal }): AsyncGenerator<CapturedStatistics, void, undefined>;
  artifacts(options: { readonly signal: AbortSignal }): AsyncGenerator<CapturedArtifact, void, undefined>;
  /** Page rows of an artifact's sidecar (06 §4), in file order. */
  pageRows(
    artifact: CapturedArtifact,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly PageIndexRow[]>;
}

/** Rejects with `UsageError` where the folder isn't a capture's. */
export async function openCaptured(path: string): Promise<CapturedFolder> {
  const folder = resolve(path);
  for (const name of ["stats.ndjson", "artifacts.ndjson"]) {
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info?.isFile() !== true) {
      throw new UsageError(
        `${path} is not the result of a capture: it has no ${name}. Name the folder that was given to capture with --out`,
      );
    }
  }
  const store = openStore({ local: { kind: "below", root: folder } });
  return {
    path,
    statistics: ({ signal }) =>
      records(join(folder, "stats.ndjson"), statisticsOf, "a statistics record", signal),
    artifacts: ({ signal }) =>
      records(join(folder, "artifacts.ndjson"), artifactOf, "an artifact record", signal),
    async pageRows({ filePath, sha256 }, { signal }) {
      await using sidecar = await store.open(toPlannedPath(join(folder, "sidecars", `${sha256}.parquet`)), {
        signal,
      });
      const { dataFilePath, rows } = await readSidecar(sidecar, { signal });
      if (dataFilePath !== filePath) {
        throw new UnreadableFileError(`is the sidecar of ${dataFilePath}, not of ${filePath}`, {
          file: sidecar.path,
        });
      }
      return rows;
    },
  };
}

async function* records<T>(
  file: string,
  parse: (value: unknown) => T | undefined,
  what: string,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const input = createReadStream(file, { encoding: "utf8", signal });
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === "") continue;
    const record = parse(parseJson(line));
    if (record === undefined) throw new UsageError(`${file}, line ${number} is not ${what}`);
    yield record;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
