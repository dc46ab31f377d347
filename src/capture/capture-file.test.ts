import { describe, expect, test } from "vitest";
import { type PageIndexRow, UnreadableFileError } from "../model/index.ts";
import { captureFile } from "./capture-file.ts";

const FILE = "demo/orders/orders-2026-03-01.parquet";

async function collect(rows: AsyncIterable<PageIndexRow>): Promise<PageIndexRow[]> {
  const collected: PageIndexRow[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

describe("captureFile", () => {
  test("yields a row for every data page, with row counts that add up to the file's", async () => {
    const rows = await collect(captureFile(FILE));
    expect(new Set(rows.map((row) => row.columnName)).size).toBe(9);
    const placed = rows.filter((row) => row.columnName === "placed_at");
    expect(placed.reduce((sum, row) => sum + row.rowCount, 0)).toBe(6000);
    expect(placed.length).toBeGreaterThan(2);
    expect(placed[0]?.bounds).toMatchObject({ kind: "i64" });
  });

  test("reads only the columns that are named", async () => {
    const reads: number[] = [];
    const bytes = (await import("node:fs")).readFileSync(FILE);
    const source = {
      path: FILE,
      size: bytes.length,
      read: (offset: number, length: number) => {
        reads.push(length);
        return Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length)));
      },
    };
    const rows = await collect(captureFile(source, { columns: ["shop"] }));
    expect(new Set(rows.map((row) => row.columnName))).toEqual(new Set(["shop"]));
    // The footer's guess of 64 KiB, and two small chunks.
    expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(70_000);
  });

  test("a file that is no Parquet file is refused by name and reason", async () => {
    const rows = collect(captureFile("package.json"));
    await expect(rows).rejects.toThrow(UnreadableFileError);
    await expect(rows).rejects.toThrow(/package\.json, offset \d+: is not a Parquet file/);
  });

  test("stops when its signal aborts", async () => {
    const controller = new AbortController();
    const rows = captureFile(FILE, { signal: controller.signal });
    await rows.next();
    controller.abort(new Error("enough"));
    await expect(collect(rows)).rejects.toThrow("enough");
  });
});
