import type { PageBounds, PageIndexRow } from "../../src/model/index.ts";
import type { DistinctSink } from "../../src/parquet/engine.ts";
import {
  indexPages,
  type PageEngine,
  type PageMemory,
  readFooter,
  type WalkOptions,
} from "../../src/parquet/index.ts";
import { memorySource } from "./memory-source.ts";
import { buildParquet, type TestChunk, type TestField } from "./parquet-builder.ts";
import type { TestValue } from "./parquet-encodings.ts";
import type { DataPage } from "./parquet-pages.ts";

export type ScanSettings = Partial<WalkOptions> & {
  readonly engine: PageEngine;
  readonly columns?: ReadonlySet<string>;
  readonly distinct?: DistinctSink;
  readonly path?: string;
  /** The one leaf whose values `distinct` gets; all of them if absent. */
  readonly distinctLeaf?: string;
  readonly memory?: PageMemory;
};

/** All page-index rows of a file in memory. */
export async function scanBytes(bytes: Uint8Array, settings: ScanSettings): Promise<PageIndexRow[]> {
  const { path, distinct, distinctLeaf, ...options } = settings;
  const signal = settings.signal ?? new AbortController().signal;
  const source = memorySource(bytes, path);
  const footer = await readFooter(source, { signal });
  const rows: PageIndexRow[] = [];
  const distinctOf =
    distinct === undefined
      ? undefined
      : (leaf: { readonly name: string }) =>
          distinctLeaf === undefined || leaf.name === distinctLeaf ? distinct : undefined;
  for await (const chunk of indexPages(source, footer, { ...options, signal, distinctOf }))
    rows.push(...chunk);
  return rows;
}

/** A file of one column and one row group. */
export function singleColumn(field: TestField, chunk: TestChunk, rowCount?: number) {
  const rows = chunk.pages.reduce(
    (sum, page) =>
      sum + (page.page === "v1" || page.page === "v2" ? (page.valueCount ?? page.values.length) : 0),
    0,
  );
  return buildParquet({ fields: [field], rowGroups: [{ rowCount: rowCount ?? rows, chunks: [chunk] }] });
}

/** Rows of one column of one chunk. */
export function scanColumn(
  field: TestField,
  chunk: TestChunk,
  settings: ScanSettings,
): Promise<PageIndexRow[]> {
  return scanBytes(singleColumn(field, chunk).bytes, settings);
}

/** Bounds of the one page that these values make. */
export async function boundsOf(
  field: TestField,
  values: readonly (TestValue | null)[],
  settings: ScanSettings,
  page: Partial<DataPage> = {},
): Promise<PageBounds | undefined> {
  const rows = await scanColumn(field, { pages: [{ page: "v1", ...page, values }] }, settings);
  return rows[0]?.bounds;
}

/** Collects the items that a sketch would get. */
export function itemCollector(): DistinctSink & { readonly items: string[] } {
  const items: string[] = [];
  return {
    items,
    addLong: (low, high) =>
      items.push(`long ${BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))}`),
    addBytes: (bytes, start, end) => {
      items.push(`bytes ${Buffer.from(bytes.subarray(start, end)).toString("hex")}`);
    },
  };
}
