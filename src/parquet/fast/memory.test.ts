import { describe, expect, it } from "vitest";
import { scanColumn } from "../../../test/support/parquet-scan.ts";
import { UnreadableFileError } from "../../model/index.ts";
import { entryCount, ThetaBuilder } from "../../sketch/index.ts";
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
