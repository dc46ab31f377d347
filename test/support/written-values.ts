import { expect } from "vitest";
import type { PageBounds, PageIndexRow } from "../../src/model/index.ts";
import { createFastEngine, createReferenceEngine, type FileMetadata } from "../../src/parquet/index.ts";
import { entryCount, ThetaBuilder } from "../../src/sketch/index.ts";
import { indexFile } from "./index-file.ts";
import { decimalBytes } from "./page-rows.ts";
import { scanBytes } from "./parquet-scan.ts";

/**
 * A column as it was given to a writer, null where there is no value: numbers and texts as they are, `decimal` by its unscaled
 * value. What a file of ours says of its pages is compared with these, and no reader stands between.
 */
export type WrittenColumn =
  | {
      readonly leaf: string;
      readonly kind: "i32" | "f32" | "f64";
      readonly values: readonly (number | null)[];
    }
  | { readonly leaf: string; readonly kind: "i64" | "decimal"; readonly values: readonly (bigint | null)[] }
  | { readonly leaf: string; readonly kind: "bool"; readonly values: readonly (boolean | null)[] }
  | { readonly leaf: string; readonly kind: "utf8"; readonly values: readonly (string | null)[] };

/** Every page of a file on disk, by both engines, against the values. */
export async function expectWritten(path: string, columns: readonly WrittenColumn[]): Promise<void> {
  const fast = await indexFile(path, createFastEngine());
  expectRows(fast.footer, fast.rows, columns);
  expect((await indexFile(path, createReferenceEngine())).rows).toEqual(fast.rows);
}

/** Rows of all pages of each column in order: they cover every row once, and each has the bounds of its own rows. */
function expectRows(
  footer: FileMetadata,
  rows: readonly PageIndexRow[],
  columns: readonly WrittenColumn[],
): void {
  const groupRows = footer.rowGroups.map(({ rowCount }) => rowCount);
  expect(new Set(rows.map((row) => row.columnName))).toEqual(new Set(columns.map(({ leaf }) => leaf)));
  for (const column of columns) {
    const own = rows.filter((row) => row.columnName === column.leaf);
    let groupStart = 0;
    for (const [rowGroup, rowCount] of groupRows.entries()) {
      let next = 0;
      for (const page of own.filter((row) => row.rowGroup === rowGroup)) {
        expect(page.firstRowIndex).toBe(BigInt(next));
        const from = groupStart + next;
        expect([column.leaf, from, page.bounds]).toEqual([
          column.leaf,
          from,
          boundsOf(column, from, from + page.rowCount),
        ]);
        next += page.rowCount;
      }
      expect([column.leaf, rowGroup, next]).toEqual([column.leaf, rowGroup, rowCount]);
      groupStart += rowCount;
    }
    expect(groupStart).toBe(column.values.length);
  }
}

/** 06 §3.6 from the values alone: NaN wins, -0 is below 0, texts by UTF-16 code units. */
function boundsOf(column: WrittenColumn, from: number, to: number): PageBounds | undefined {
  switch (column.kind) {
    case "i32":
    case "f32":
    case "f64": {
      const values = present(column.values, from, to);
      if (values.length === 0) return undefined;
      return { kind: column.kind, min: Math.min(...values), max: Math.max(...values) };
    }
    case "i64": {
      const range = extremes(present(column.values, from, to));
      return range && { kind: "i64", ...range };
    }
    case "decimal": {
      const range = extremes(present(column.values, from, to));
      return (
        range && { kind: "decimal128", min: decimalBytes(range.min, 16), max: decimalBytes(range.max, 16) }
      );
    }
    case "bool": {
      const range = extremes(present(column.values, from, to));
      return range && { kind: "bool", ...range };
    }
    case "utf8": {
      const range = extremes(present(column.values, from, to));
      return range && { kind: "utf8", ...range };
    }
  }
}

function present<Value>(values: readonly (Value | null)[], from: number, to: number): Value[] {
  return values.slice(from, to).flatMap((value) => (value === null ? [] : [value]));
}

function extremes<Value extends string | bigint | boolean>(
  values: readonly Value[],
): { min: Value; max: Value } | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  let min = first;
  let max = first;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** Columns whose items (07 §6.3) are as distinct as their values; of floats zeros and NaN are special. */
const COUNTED: ReadonlySet<WrittenColumn["kind"]> = new Set(["i32", "i64", "bool", "utf8"]);

/** The sketch of each column has one entry for each distinct value: it is exact below its size. */
export async function expectDistinct(bytes: Uint8Array, columns: readonly WrittenColumn[]): Promise<void> {
  for (const { leaf, kind, values } of columns) {
    if (!COUNTED.has(kind)) continue;
    const distinct = new ThetaBuilder();
    await scanBytes(bytes, {
      engine: createFastEngine(),
      columns: new Set([leaf]),
      distinct,
      distinctLeaf: leaf,
    });
    const items = new Set<unknown>(values.filter((value) => value !== null && value !== ""));
    expect([leaf, entryCount(distinct.result())]).toEqual([leaf, items.size]);
  }
}
