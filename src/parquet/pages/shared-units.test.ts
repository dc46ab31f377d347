import { describe, expect, test } from "vitest";
import { memorySource } from "../../../test/support/memory-source.ts";
import { buildParquet, type TestField } from "../../../test/support/parquet-builder.ts";
import type { ByteRange, ByteSource } from "../../model/index.ts";
import { readFooter } from "../footer/read-footer.ts";
import { createReferenceEngine } from "../reference/index.ts";
import { type ChunkRows, indexChunks, indexedRanges } from "./index-pages.ts";

const engine = createReferenceEngine();
const { signal } = new AbortController();
const FIELDS: readonly TestField[] = ["a", "b", "c"].map((name) => ({ name, type: "INT32" }));

function aFile() {
  const chunk = (length: number) => ({
    pages: [{ page: "v1" as const, values: Array.from({ length }, (_, index) => index) }],
  });
  const group = (length: number) => ({ rowCount: length, chunks: FIELDS.map(() => chunk(length)) });
  return buildParquet({ fields: [...FIELDS], rowGroups: [100, 20, 60, 5].map(group) }).bytes;
}

/** What was announced, and what was read outside of it. */
function watchedSource(bytes: Uint8Array) {
  const source = memorySource(bytes);
  const announced: ByteRange[] = [];
  const unannounced: ByteRange[] = [];
  const watched: ByteSource = {
    path: source.path,
    size: source.size,
    willRead: (ranges) => announced.push(...ranges),
    async read(offset, length, options) {
      const isAnnounced = announced.some(
        (range) => offset >= range.offset && offset + length <= range.offset + range.length,
      );
      if (!isAnnounced) unannounced.push({ offset, length });
      return await source.read(offset, length, options);
    },
  };
  return { source: watched, announced, unannounced };
}

describe("8.6 chunks of a file that threads share", () => {
  test.each([0, 1, 300, 1000, 1e9])(
    "are taken in runs of %i bytes, each once, announced before they are read; the rows are those of one reader",
    async (unitBytes) => {
      const bytes = aFile();
      const footer = await readFooter(memorySource(bytes), { signal });
      const alone: ChunkRows[] = [];
      for await (const chunk of indexChunks(memorySource(bytes), footer, { engine, signal }))
        alone.push(chunk);
      let next = 0;
      const takeChunk = () => next++;
      const readers = [1, 2, 3].map(async () => {
        const { source, announced, unannounced } = watchedSource(bytes);
        const found: ChunkRows[] = [];
        const options = { engine, signal, takeChunk, unitBytes };
        for await (const chunk of indexChunks(source, footer, options)) found.push(chunk);
        expect(unannounced).toEqual([]);
        expect(announced).toHaveLength(found.length);
        return found;
      });
      const shared = (await Promise.all(readers)).flat().sort((a, b) => a.ordinal - b.ordinal);
      expect(shared).toEqual(alone);
    },
  );

  test("what a whole file's reader will read is known from its footer: the wanted chunks, in their order", async () => {
    const bytes = aFile();
    const { source, announced, unannounced } = watchedSource(bytes);
    const footer = await readFooter(memorySource(bytes), { signal });
    const options = { columns: new Set(["a", "c"]) };
    source.willRead?.(indexedRanges(source, footer, options));
    expect(announced).toHaveLength(8);
    for await (const _ of indexChunks(source, footer, { engine, signal, ...options })) void _;
    expect(unannounced).toEqual([]);
  });
});
