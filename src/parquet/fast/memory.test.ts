import { describe, expect, it } from "vitest";
import { scanColumn } from "../../../test/support/parquet-scan.ts";
import { UnreadableFileError } from "../../model/index.ts";
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
