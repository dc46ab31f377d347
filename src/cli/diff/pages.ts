import type { PageIndexRow } from "../../model/index.ts";
import { compareFields, type FieldDifference } from "./fields.ts";

/** Page rows of one data file that differ. */
export interface PageDifference {
  /** `column amount, row group 0, page 3`. */
  readonly page: string;
  readonly fields: readonly FieldDifference[];
}

/** Compares the page rows of two sidecars of the same data file, page by page. */
export function comparePages(
  left: readonly PageIndexRow[],
  right: readonly PageIndexRow[],
): readonly PageDifference[] {
  const lefts = byPage(left);
  const rights = byPage(right);
  const differences: PageDifference[] = [];
  for (const page of new Set([...lefts.keys(), ...rights.keys()])) {
    const [a, b] = [lefts.get(page), rights.get(page)];
    const fields =
      a === undefined || b === undefined
        ? [{ field: "", left: a && "is there", right: b && "is there" }]
        : compareFields(asJson(a), asJson(b), new Set());
    if (fields.length > 0) differences.push({ page, fields });
  }
  return differences;
}

/** Two columns of the same dotted name interleave: the later ones of a page are told apart by number. */
function byPage(rows: readonly PageIndexRow[]): ReadonlyMap<string, PageIndexRow> {
  const pages = new Map<string, PageIndexRow>();
  for (const row of rows) {
    const name = `column ${row.columnName}, row group ${row.rowGroup}, page ${row.pageOrdinal}`;
    let key = name;
    for (let copy = 2; pages.has(key); copy++) key = `${name} (${copy})`;
    pages.set(key, row);
  }
  return pages;
}

/** Integers beyond JSON's and bytes as text. */
function asJson(row: PageIndexRow): unknown {
  return JSON.parse(
    JSON.stringify(row, (_, value: unknown) => {
      if (typeof value === "bigint") return String(value);
      if (typeof value === "number" && !Number.isFinite(value)) return String(value);
      if (Object.is(value, -0)) return "-0";
      return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
    }),
  );
}
