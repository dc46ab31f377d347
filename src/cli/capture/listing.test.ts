import { describe, expect, it } from "vitest";
import type { TableFile } from "../../table/index.ts";
import { startListing } from "./listing.ts";

const signal = new AbortController().signal;

const file = (path: string, readable = true): TableFile => ({
  path,
  content: 1,
  format: "PARQUET",
  sizeBytes: 10n,
  partitionDataJson: "",
  partitionSpecId: 0,
  equalityFieldIds: [],
  sequenceNumber: undefined,
  metrics: { source: "footer", plan: { columns: [] } },
  readable,
});

/** A table of three batches, with an account of what was asked of it. */
function table() {
  const asked = { batches: 0, closed: false };
  async function* scan() {
    try {
      for (const batch of [[file("a"), file("b")], [file("c")], [file("vector", false)]]) {
        asked.batches++;
        yield batch;
      }
    } finally {
      asked.closed = true;
    }
  }
  return { asked, scan };
}

async function paths(files: AsyncIterable<TableFile>): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of files) found.push(path);
  return found;
}

describe("the listing of a capture", () => {
  it("has its totals before the first file where the table is not very large", async () => {
    const listing = await startListing(table(), signal);
    expect(listing.totals()).toEqual({ files: 3, bytes: 30 });
    expect(await paths(listing.files)).toEqual(["a", "b", "c", "vector"]);
  });

  it("holds no more of a larger table than was asked for, and has its totals at its end", async () => {
    const { asked, scan } = table();
    const listing = await startListing({ scan }, signal, 2);
    expect(asked.batches).toBe(1);
    expect(listing.totals()).toBeUndefined();
    expect(await paths(listing.files)).toEqual(["a", "b", "c", "vector"]);
    expect(listing.totals()).toEqual({ files: 3, bytes: 30 });
  });

  it("is closed when whoever takes the files leaves early", async () => {
    const { asked, scan } = table();
    const listing = await startListing({ scan }, signal, 2);
    for await (const _ of listing.files) break;
    expect(asked.closed).toBe(true);
  });
});
