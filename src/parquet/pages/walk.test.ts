import { describe, expect, test } from "vitest";
import { memorySource } from "../../../test/support/memory-source.ts";
import type { BuiltFile, TestChunk, TestField } from "../../../test/support/parquet-builder.ts";
import { scanColumn, singleColumn } from "../../../test/support/parquet-scan.ts";
import { UnreadableFileError } from "../../model/index.ts";
import { readFooter } from "../footer/read-footer.ts";
import { createReferenceEngine } from "../reference/index.ts";
import { type Page, type WalkOptions, walkPages } from "./walk.ts";

const engine = createReferenceEngine();
const { signal } = new AbortController();
const int32: TestField = { name: "i", type: "INT32" };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

async function walk(file: BuiltFile, options: Partial<WalkOptions> = {}) {
  const source = memorySource(file.bytes, "f.parquet");
  const footer = await readFooter(source, { signal });
  source.reads.length = 0;
  const group = footer.rowGroups[0];
  const chunk = group?.chunks[0];
  if (group === undefined || chunk === undefined) throw new Error("no chunk");
  const pages: Page[] = [];
  for await (const page of walkPages(source, footer, group, chunk, { signal, ...options })) {
    pages.push({ ...page, body: page.body.slice() });
  }
  return { pages, reads: source.reads };
}

function walkChunk(chunk: TestChunk, options: Partial<WalkOptions> = {}) {
  return walk(singleColumn(int32, chunk), options);
}

describe("06 §3.3: the header walk", () => {
  const chunk: TestChunk = {
    pages: [
      { page: "dictionary", values: numbers(100) },
      { page: "v1", encoding: "RLE_DICTIONARY", values: numbers(100) },
      ...numbers(30).map((first) => ({ page: "v1" as const, values: numbers(50 + first) })),
    ],
  };

  test("places and sizes are those of the writer, whatever the window", async () => {
    const file = singleColumn(int32, chunk);
    for (const windowBytes of [1, 17, 300, 5000, 8 * 1024 * 1024]) {
      const { pages } = await walk(file, { windowBytes });
      expect(pages.map(({ offset, totalSize }) => ({ offset, size: totalSize }))).toEqual(
        file.pages.map(({ offset, size }) => ({ offset, size })),
      );
      for (const [index, page] of pages.entries()) {
        const built = file.pages[index]!;
        expect(page.body).toEqual(
          file.bytes.slice(built.offset + built.headerSize, built.offset + built.size),
        );
      }
    }
  });

  test("a chunk is read by windows that don't overlap and aren't larger than asked for", async () => {
    const { reads } = await walkChunk(chunk, { windowBytes: 1000 });
    for (const [index, read] of reads.entries()) {
      expect(read.length).toBeLessThanOrEqual(1000);
      const before = reads[index - 1];
      if (before !== undefined) expect(read.offset).toBe(before.offset + before.length);
    }
    expect(reads.length).toBeGreaterThan(5);
  });

  test("a small chunk is one read of exactly its bytes", async () => {
    const file = singleColumn(int32, chunk);
    const { reads } = await walk(file);
    const length = file.pages.reduce((sum, page) => sum + page.size, 0);
    expect(reads).toEqual([{ offset: 4, length }]);
  });

  test("headers alone can be walked without reading the bodies", async () => {
    const file = singleColumn(int32, {
      pages: numbers(4).map(() => ({ page: "v1", values: numbers(50_000) })),
    });
    const { pages, reads } = await walk(file, { bodies: false });
    expect(pages.map((page) => page.offset)).toEqual(file.pages.map((page) => page.offset));
    expect(reads.reduce((sum, read) => sum + read.length, 0)).toBeLessThan(file.bytes.length / 8);
  });
});

describe("06 §3.9, decision 14: sizes that aren't right", () => {
  const pages = [
    { page: "v1" as const, values: numbers(10) },
    { page: "v1" as const, values: numbers(10) },
  ];

  test("bytes after the last value are no pages", async () => {
    expect((await walkChunk({ pages, trailing: new Uint8Array(40).fill(0xff) })).pages).toHaveLength(2);
  });

  test("PARQUET-816: a size that is a few bytes short is made good by the page header", async () => {
    const file = singleColumn(int32, { pages });
    const size = file.pages.reduce((sum, page) => sum + page.size, 0);
    const short = singleColumn(int32, { pages, totalCompressedSize: size - 12 });
    const rows = (await walk(short)).pages;
    expect(rows.map((page) => page.totalSize)).toEqual(file.pages.map((page) => page.size));
  });

  test("a chunk that ends before its values says how many it has", async () => {
    await expect(walkChunk({ pages, valueCount: 25 })).rejects.toThrow(
      /Expected 25 values in column chunk at f\.parquet offset 4 but got 20 values instead over 2 pages ending at file offset \d+/,
    );
  });

  test("a chunk with more values than it announces is refused", async () => {
    await expect(walkChunk({ pages, valueCount: 15 })).rejects.toThrow(
      /Expected 15 values .* but got 20 values/,
    );
  });

  test("a chunk past the end of the data is refused", async () => {
    await expect(walkChunk({ pages, dataPageOffset: 10 ** 9 })).rejects.toThrow(/past the end of the data/);
    await expect(walkChunk({ pages, totalCompressedSize: 10 ** 9 })).rejects.toThrow(
      /past the end of the data/,
    );
  });

  test("a page that reaches into the footer is refused", async () => {
    await expect(walkChunk({ pages: [{ page: "v1", values: [1], compressedSize: 10_000 }] })).rejects.toThrow(
      /Unexpected EOF while skipping parquet page payload: 10000 bytes announced/,
    );
  });

  test("negative sizes are refused by name", async () => {
    await expect(walkChunk({ pages: [{ page: "v1", values: [1], compressedSize: -3 }] })).rejects.toThrow(
      "f.parquet, column i, row group 0, page 0, offset 4: can not read the page header: Compressed page size must not be negative but was: -3",
    );
  });

  test("a page over the limit is refused before it is read, by the limit's name", async () => {
    const file = singleColumn(int32, { pages: [{ page: "v1", values: numbers(1000) }] });
    await expect(walk(file, { maxPageBytes: 3999 })).rejects.toThrow(/larger than maxPageBytes \(3999\)/);
    expect((await walk(file, { maxPageBytes: 4000 })).pages).toHaveLength(1);
  });

  test("garbage where a header belongs is refused", async () => {
    const file = singleColumn(int32, { pages });
    file.bytes.fill(0xff, file.pages[1]?.offset, (file.pages[1]?.offset ?? 0) + 20);
    await expect(walk(file)).rejects.toThrow(/page 1, offset \d+: can not read the page header/);
  });

  test("06 §3.8: a second dictionary page is refused", async () => {
    const dictionary = { page: "dictionary" as const, values: [1] };
    await expect(
      scanColumn(int32, { pages: [dictionary, dictionary, ...pages] }, { engine }),
    ).rejects.toThrow("more than one dictionary page in column i");
  });
});

describe("decision 41: page checksums", () => {
  const good = { page: "v1" as const, values: [1, 2, 3], crc: true as const };
  const bad = { page: "v1" as const, values: [4, 5, 6], crc: 12345 };

  test("a right one passes, in every codec and page version", async () => {
    const dictionary = { page: "dictionary" as const, values: [1], crc: true };
    const rows = await scanColumn(
      int32,
      { codec: "SNAPPY", pages: [dictionary, good, { ...good, page: "v2" }] },
      { engine },
    );
    expect(rows).toHaveLength(2);
  });

  test("a wrong one fails the file with the page's place", async () => {
    const file = singleColumn(int32, { pages: [good, bad] });
    const failure = walk(file);
    await expect(failure).rejects.toBeInstanceOf(UnreadableFileError);
    await expect(walk(file)).rejects.toMatchObject({
      file: "f.parquet",
      column: "i",
      rowGroup: 0,
      page: 1,
      offset: file.pages[1]?.offset,
      reason: expect.stringMatching(/checksum is 0x[0-9a-f]{8}, its header says 0x00003039/),
    });
  });

  test("a wrong one of the dictionary fails too", async () => {
    await expect(
      scanColumn(int32, { pages: [{ page: "dictionary", values: [1], crc: 1 }, good] }, { engine }),
    ).rejects.toThrow(/row group 0, offset 4: the page's checksum/);
  });

  test("warn goes on and says so, off says nothing", async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    expect(await scanColumn(int32, { pages: [bad] }, { engine, crc: "warn", onWarning })).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringMatching(/column i, row group 0, page 0, offset 4: the page's checksum/),
    ]);
    warnings.length = 0;
    expect(await scanColumn(int32, { pages: [bad] }, { engine, crc: "off", onWarning })).toHaveLength(1);
    expect(warnings).toEqual([]);
  });
});
