import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type PageIndexRow, UnreadableFileError } from "../../src/model/index.ts";
import {
  type ColumnChunk,
  createFastEngine,
  createReferenceEngine,
  type FileMetadata,
  indexedType,
  type PageEngine,
  type RowGroup,
  readFooter,
  scanChunk,
} from "../../src/parquet/index.ts";
import { ThetaBuilder, type ThetaSketch } from "../../src/sketch/index.ts";
import { type MemorySource, memorySource } from "../support/memory-source.ts";

/** Files of other writers: the fast engine gives what the reference engine gives, or both refuse. */
const root = process.env.CONFORMANCE_DATA;
const fixtures = join(import.meta.dirname, "../fixtures/data");
const { signal } = new AbortController();

const files = [fixtures, ...(root === undefined ? [] : [root])].flatMap((folder) =>
  globSync("**/*.{parquet,parq,encrypted}", { cwd: folder })
    .toSorted()
    .map((name) => ({ name, path: join(folder, name) })),
);

type Outcome =
  | { readonly rows: readonly PageIndexRow[]; readonly sketch: ThetaSketch }
  | { readonly refused: true };

async function scan(
  engine: PageEngine,
  source: MemorySource,
  footer: FileMetadata,
  rowGroup: RowGroup,
  chunk: ColumnChunk,
  withBounds: boolean,
): Promise<Outcome> {
  const sketch = new ThetaBuilder();
  const bounds = withBounds ? indexedType(chunk.leaf) : undefined;
  try {
    const rows = await scanChunk(source, footer, rowGroup, chunk, {
      engine,
      bounds,
      distinct: sketch,
      signal,
    });
    return { rows, sketch: sketch.result() };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { refused: true };
  }
}

describe.skipIf(files.length === 0)("06 §3 the two engines over files of other writers", () => {
  const fast = createFastEngine();
  const reference = createReferenceEngine();

  it.each(files)("agree on $name", async ({ path }) => {
    const source = memorySource(readFileSync(path), path);
    const footer = await readFooter(source, { signal }).catch((error: unknown) => {
      expect(error).toBeInstanceOf(UnreadableFileError);
    });
    for (const rowGroup of footer?.rowGroups ?? []) {
      for (const chunk of rowGroup.chunks) {
        for (const withBounds of [true, false]) {
          const expected = await scan(reference, source, footer!, rowGroup, chunk, withBounds);
          expect(await scan(fast, source, footer!, rowGroup, chunk, withBounds)).toEqual(expected);
        }
      }
    }
  });
});
