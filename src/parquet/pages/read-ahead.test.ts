import { describe, expect, it } from "vitest";
import { memorySource } from "../../../test/support/memory-source.ts";
import { buildParquet, type TestField } from "../../../test/support/parquet-builder.ts";
import type { ByteSource } from "../../model/index.ts";
import { createFastEngine, indexPages, readFooter } from "../index.ts";
import { createBufferPool } from "./buffers.ts";

const int = (name: string): TestField => ({ name, type: "INT32" });
const { signal } = new AbortController();
const engine = createFastEngine();

function threeColumns(values: readonly number[]) {
  const chunk = { pages: [{ page: "v1" as const, values: [...values] }] };
  return buildParquet({
    fields: [int("a"), int("b"), int("c")],
    rowGroups: [{ rowCount: values.length, chunks: [chunk, chunk, chunk] }],
  }).bytes;
}

/** A source that notes which reads are asked for and which have been answered. */
function notedSource(bytes: Uint8Array, broken: (offset: number) => boolean = () => false) {
  const inner = memorySource(bytes);
  const notes = { asked: 0, answered: 0, mostAtATime: 0 };
  const source: ByteSource = {
    path: inner.path,
    size: inner.size,
    async read(offset, length, options) {
      notes.asked++;
      notes.mostAtATime = Math.max(notes.mostAtATime, notes.asked - notes.answered);
      await new Promise((resolve) => setImmediate(resolve));
      options.signal.throwIfAborted();
      notes.answered++;
      if (broken(offset)) throw new Error(`no bytes at ${offset}`);
      return inner.read(offset, length, options);
    },
  };
  return { source, notes };
}

describe("reading ahead", () => {
  it("asks for the next chunk's bytes while a chunk is decoded, and keeps the order of 06 §3.1", async () => {
    const { source, notes } = notedSource(threeColumns([1, 2, 3]));
    const footer = await readFooter(source, { signal });
    const names: string[] = [];
    for await (const rows of indexPages(source, footer, { engine, signal }))
      names.push(...rows.map((r) => r.columnName));
    expect(names).toEqual(["a", "b", "c"]);
    expect(notes.mostAtATime).toBe(2);
  });

  it("fails with the first chunk's error when the next one's comes sooner or later, and leaves nothing unhandled", async () => {
    const bytes = threeColumns([1, 2, 3]);
    const footer = await readFooter(memorySource(bytes), { signal });
    const { source } = notedSource(bytes, () => true);
    const scan = async () => {
      for await (const _ of indexPages(source, footer, { engine, signal }));
    };
    await expect(scan()).rejects.toThrow("no bytes at 4");
  });

  it("stops reading when nobody wants more", async () => {
    const { source, notes } = notedSource(threeColumns([1, 2, 3]));
    const footer = await readFooter(source, { signal });
    notes.asked = 0;
    for await (const _ of indexPages(source, footer, { engine, signal })) break;
    const askedUntilEnd = notes.asked;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(notes.asked).toBe(askedUntilEnd);
    expect(notes.asked).toBeLessThanOrEqual(2);
  });

  it("fills the same memory again", async () => {
    const bytes = threeColumns(Array.from({ length: 1000 }, (_, i) => i));
    const inner = memorySource(bytes);
    const buffers = new Set<ArrayBufferLike>();
    const source: ByteSource = {
      ...inner,
      async readInto(offset, target, options) {
        buffers.add(target.buffer);
        target.set(await inner.read(offset, target.length, options));
      },
    };
    const footer = await readFooter(source, { signal });
    const bounds: unknown[] = [];
    for await (const rows of indexPages(source, footer, { engine, signal, windowBytes: 700 })) {
      bounds.push(...rows.map((row) => row.bounds));
    }
    expect(bounds).toEqual(Array.from({ length: 3 }, () => ({ kind: "i32", min: 0, max: 999 })));
    expect(buffers.size).toBeLessThanOrEqual(4);
  });
});

describe("a pool of buffers", () => {
  it("gives the smallest that is large enough, and forgets the smallest when it has many", () => {
    const pool = createBufferPool();
    const taken = [1, 2, 3, 4, 5].map((megabytes) => pool.take(megabytes << 20));
    for (const buffer of taken) pool.give(buffer);
    expect(pool.take(100).length).toBe(2 << 20);
    expect(pool.take(4 << 20).length).toBe(4 << 20);
  });

  it("doesn't keep what one huge page needed", () => {
    const pool = createBufferPool();
    const huge = pool.take(64 << 20);
    pool.give(huge);
    expect(pool.take(64 << 20)).not.toBe(huge);
  });
});
