import type { PageBounds, PageIndexRow } from "../model/index.ts";

/** A page row for tests: what pruning looks at, and plausible values for the rest. */
export function pageRow(
  given: Partial<PageIndexRow> & { readonly bounds: PageBounds | undefined },
): PageIndexRow {
  return {
    columnName: "x",
    rowGroup: 0,
    pageOrdinal: 0,
    firstRowIndex: 0n,
    rowCount: 10,
    pageHeaderOffset: 4n,
    pageTotalCompressedSize: 100,
    dictionaryPageHeaderOffset: undefined,
    dictionaryPageTotalCompressedSize: undefined,
    requiresDictionaryPage: false,
    parquetPhysicalType: "INT64",
    parquetCompression: "SNAPPY",
    parquetMaxDefLevel: 1,
    decimal: undefined,
    ...given,
  };
}

/** Pages of ten rows each, one after the other, with these bounds. */
export function pagesOf(
  columnName: string,
  bounds: readonly (PageBounds | undefined)[],
  rest: Partial<PageIndexRow> = {},
): PageIndexRow[] {
  return bounds.map((bound, i) =>
    pageRow({ columnName, pageOrdinal: i, firstRowIndex: BigInt(i * 10), ...rest, bounds: bound }),
  );
}
