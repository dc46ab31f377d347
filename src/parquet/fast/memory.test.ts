import { describe, expect, it } from "vitest";
import { scanColumn } from "../../../test/support/parquet-scan.ts";
import { UnreadableFileError } from "../../model/index.ts";
import { entryCount, ThetaBuilder } from "../../sketch/index.ts";
import { createBufferPool } from "../pages/buffers.ts";
import type { PageMemory } from "../pages/memory.ts";
import { createFastEngine } from "./index.ts";

describe("memory of the fast engine", () => {
  const text = { name: "t", type: "BYTE_ARRAY", converted: 0 } as const;
  const long = "x".repeat(3_000_000);

  it("refuses a page that needs more than the limit, naming the setting and the page", async () => {
    const engine = createFastEngine({ maxMemoryBytes: 2_000_000 });
    const chunk = {
      pages: [
        { page: "v1" as const, values: ["a"] },
        { page: "v1" as const, values: [long] },
      ],
    };
    const scan = scanColumn(text, chunk, { engine });
    await expect(scan).rejects.toThrow(UnreadableFileError);
    await expect(scanColumn(text, chunk, { engine })).rejects.toThrow(
      /column t, row group 0, page 1, offset \d+: the page needs \d+ bytes of decoding memory, maxMemoryBytes allows 2000000/,
    );
  });

  it("refuses a dictionary whose distinct values need more than the limit, naming the dictionary page", async () => {
    const raw = { name: "x", type: "FIXED_LEN_BYTE_ARRAY", typeLength: 16 } as const;
    const values = Array.from({ length: 30_000 }, (_, index) => {
      const value = new Uint8Array(16).fill(0xff);
      new DataView(value.buffer).setUint32(0, index);
      return value;
    });
    const pages = [
      { page: "dictionary", values },
      { page: "v1", encoding: "RLE_DICTIONARY", values: values.slice(0, 3) },
    ] as const;
    const engine = createFastEngine({ maxMemoryBytes: 1_500_000 });
    await expect(scanColumn(raw, { pages }, { engine, distinct: new ThetaBuilder() })).rejects.toThrow(
      /column x, row group 0, offset 4: the page needs \d+ bytes of decoding memory, maxMemoryBytes allows 1500000/,
    );
  });

  it("takes a dictionary of values of no bytes for empty text, which is no distinct value", async () => {
    const raw = { name: "x", type: "FIXED_LEN_BYTE_ARRAY", typeLength: 0 } as const;
    const pages = [
      { page: "dictionary", values: [""] },
      { page: "v1", encoding: "RLE_DICTIONARY", values: ["", ""] },
    ] as const;
    const distinct = new ThetaBuilder();
    await scanColumn(raw, { pages }, { engine: createFastEngine(), distinct });
    expect(entryCount(distinct.result())).toBe(0);
  });

  describe("that several share", () => {
    /** Notes every loan; `share` for each chunk, `most` for the one that has borrowed. */
    function sharedMemory(share: number, most: number) {
      const loans: string[] = [];
      const memory: PageMemory = {
        setting: "max-memory=7",
        chunkBytes: share,
        largeChunkBytes: most,
        async borrow() {
          loans.push("begin");
          return () => loans.push("end");
        },
      };
      return { memory, loans };
    }

    it("gives a large page what it needs, once a chunk, and takes it back when the chunk is done", async () => {
      const { memory, loans } = sharedMemory(1_000_000, 8_000_000);
      const pages = ["b", long, "a", `${long}y`].map((value) => ({ page: "v1" as const, values: [value] }));
      const rows = await scanColumn(text, { pages }, { engine: createFastEngine(), memory });
      expect(rows.map(({ bounds }) => bounds?.kind === "utf8" && bounds.max.length)).toEqual([
        1, 3_000_000, 1, 3_000_001,
      ]);
      expect(loans).toEqual(["begin", "end"]);
    });

    it("is asked for nothing by small pages", async () => {
      const { memory, loans } = sharedMemory(1_000_000, 8_000_000);
      await scanColumn(
        text,
        { pages: [{ page: "v1", values: ["a"] }] },
        { engine: createFastEngine(), memory },
      );
      expect(loans).toEqual([]);
    });

    it("gives more where a page turns out to need more than it announces: the page is decoded again", async () => {
      const { memory, loans } = sharedMemory(1_000_000, 40_000_000);
      // Each value repeats the one before it: the page is small, its values aren't.
      const values = Array.from(
        { length: 200 },
        (_, index) => "y".repeat(50_000) + String(index).padStart(3, "0"),
      );
      const pages = [{ page: "v1" as const, encoding: "DELTA_BYTE_ARRAY" as const, values }];
      const distinct = new ThetaBuilder();
      const rows = await scanColumn(text, { pages }, { engine: createFastEngine(), memory, distinct });
      expect(rows[0]?.bounds).toMatchObject({ min: values[0], max: values[199] });
      expect(entryCount(distinct.result())).toBe(200);
      expect(loans).toEqual(["begin", "end"]);
    });

    it("refuses a page before it is read if even the rest is too little, naming setting, column and page", async () => {
      const { memory, loans } = sharedMemory(1_000_000, 2_000_000);
      const pages = [{ page: "v1" as const, values: [long] }];
      const scan = scanColumn(text, { pages }, { engine: createFastEngine(), memory });
      await expect(scan).rejects.toThrow(UnreadableFileError);
      await expect(scan).rejects.toThrow(
        /column t, row group 0, page 0, offset 4: the page takes 6 MiB to decode, and max-memory=7 leaves 2 MiB for one page; raise it by 4 MiB or more to read this file/,
      );
      expect(loans).toEqual([]);
    });

    it("refuses what turns out to be too large for it in the same words", async () => {
      const { memory } = sharedMemory(1_000_000, 2_000_000);
      const values = Array.from(
        { length: 200 },
        (_, index) => "y".repeat(50_000) + String(index).padStart(3, "0"),
      );
      const pages = [{ page: "v1" as const, encoding: "DELTA_BYTE_ARRAY" as const, values }];
      await expect(scanColumn(text, { pages }, { engine: createFastEngine(), memory })).rejects.toThrow(
        /page 0, offset 4: the page takes \d+ MiB to decode, and max-memory=7 leaves 2 MiB/,
      );
    });

    it("is enough for a snappy page in a body longer than a window, and the pages behind it are read right", async () => {
      const { memory } = sharedMemory(100_000, 8_000_000);
      const words = Array.from({ length: 60_000 }, (_, index) => `word ${(index * 7919) % 60_000}`);
      const pages = [words, ["z"], words, ["a"]].map((values) => ({ page: "v1" as const, values }));
      const chunk = { codec: "SNAPPY" as const, pages };
      const rows = await scanColumn(text, chunk, {
        engine: createFastEngine(),
        memory,
        windowBytes: 64 * 1024,
        buffers: createBufferPool(),
      });
      expect(rows.map(({ rowCount }) => rowCount)).toEqual([60_000, 1, 60_000, 1]);
      expect(rows[2]?.bounds).toEqual({ kind: "utf8", min: "word 0", max: "word 9999" });
      expect(rows[3]?.bounds).toEqual({ kind: "utf8", min: "a", max: "a" });
    });
  });

  it("goes on with smaller pages after a refusal", async () => {
    const engine = createFastEngine({ maxMemoryBytes: 2_000_000 });
    await scanColumn(text, { pages: [{ page: "v1", values: [long] }] }, { engine }).catch(() => undefined);
    const rows = await scanColumn(text, { pages: [{ page: "v1", values: ["b", "a"] }] }, { engine });
    expect(rows.map((row) => row.bounds)).toEqual([{ kind: "utf8", min: "a", max: "b" }]);
  });

  it("decodes chunks at the same time, each in a memory of its own", async () => {
    const engine = createFastEngine();
    const words = ["c", "a", "b"];
    const chunk = {
      pages: [
        { page: "dictionary" as const, values: words },
        { page: "v1" as const, encoding: "RLE_DICTIONARY" as const, values: words },
      ],
    };
    const other = { pages: [{ page: "v1" as const, values: ["z", "y"] }] };
    const scans = await Promise.all([chunk, other, chunk].map((c) => scanColumn(text, c, { engine })));
    expect(scans.map((rows) => rows[0]?.bounds)).toEqual([
      { kind: "utf8", min: "a", max: "c" },
      { kind: "utf8", min: "y", max: "z" },
      { kind: "utf8", min: "a", max: "c" },
    ]);
  });
});
