import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PageBounds, PageIndexRow } from "../model/index.ts";
import { parsePredicate } from "./parse.ts";
import { prunePages } from "./prune.ts";
import { pageRow } from "./testing.ts";

/** A row as a query engine sees it. */
interface Row {
  readonly n: number | null;
  readonly t: string | null;
}

/** The predicate as text, and as an engine runs it with SQL's three values: true, false, null. */
interface Filter {
  readonly text: string;
  run(row: Row): boolean | null;
}

const number = fc.integer({ min: -4, max: 12 });
const letters = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 3 });
const row: fc.Arbitrary<Row> = fc.record({
  n: fc.option(number, { freq: 4 }),
  t: fc.option(letters, { freq: 4 }),
});

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};
const operator = fc.constantFrom(...Object.keys(OPERATORS));
const compare = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.tuple(operator, number).map(([op, value]) => ({
    text: `n ${op} ${value}`,
    run: ({ n }: Row) => (n === null ? null : OPERATORS[op]?.(compare(n, value)) === true),
  })),
  fc.tuple(operator, letters).map(([op, value]) => ({
    text: `t ${op} '${value}'`,
    run: ({ t }: Row) => (t === null ? null : OPERATORS[op]?.(compare(t, value)) === true),
  })),
  fc.tuple(letters, fc.boolean()).map(([value, not]) => ({
    text: `t ${not ? "NOT " : ""}LIKE '${value}%'`,
    run: ({ t }: Row) => (t === null ? null : t.startsWith(value) !== not),
  })),
  fc.tuple(fc.constantFrom<keyof Row>("n", "t"), fc.boolean()).map(([column, not]) => ({
    text: `${column} IS ${not ? "NOT " : ""}NULL`,
    run: (values: Row) => (values[column] === null) !== not,
  })),
  fc.array(number, { minLength: 1, maxLength: 3 }).map((values) => ({
    text: `n NOT IN (${values.join(", ")})`,
    run: ({ n }: Row) => (n === null ? null : !values.includes(n)),
  })),
);

const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(tie("filter"), tie("filter")).map(([a, b]) => ({
      text: `(${a.text} AND ${b.text})`,
      run: (values: Row) => and(a.run(values), b.run(values)),
    })),
    fc.tuple(tie("filter"), tie("filter")).map(([a, b]) => ({
      text: `(${a.text} OR ${b.text})`,
      run: (values: Row) => not(and(not(a.run(values)), not(b.run(values)))),
    })),
    tie("filter").map((a) => ({ text: `NOT ${a.text}`, run: (values: Row) => not(a.run(values)) })),
  ),
}));

function and(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

function not(a: boolean | null): boolean | null {
  return a === null ? null : !a;
}

/** The page rows that capture would write for these rows, with pages of the given length. */
function index(rows: readonly Row[], column: keyof Row, pageLength: number): PageIndexRow[] {
  const pages: PageIndexRow[] = [];
  for (let first = 0; first < rows.length; first += pageLength) {
    const values = rows.slice(first, first + pageLength).map((values) => values[column]);
    pages.push(
      pageRow({
        columnName: column,
        pageOrdinal: pages.length,
        firstRowIndex: BigInt(first),
        rowCount: values.length,
        bounds: boundsOf(values.filter((value) => value !== null)),
      }),
    );
  }
  return pages;
}

function boundsOf(values: readonly (number | string)[]): PageBounds | undefined {
  const sorted = values.toSorted(compare);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (typeof min === "number" && typeof max === "number") return { kind: "i32", min, max };
  return typeof min === "string" && typeof max === "string" ? { kind: "utf8", min, max } : undefined;
}

describe("a page that is given up", () => {
  it("holds no row that passes, whatever the rows, the pages and the predicate", () => {
    let givenUp = 0;
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        filter,
        (rows, pageLengthN, pageLengthT, { text, run }) => {
          const pages = [...index(rows, "n", pageLengthN), ...index(rows, "t", pageLengthT)];
          const { kept, rowGroups } = prunePages(pages, parsePredicate(text));
          const ranges = rowGroups[0]?.ranges ?? [];
          rows.forEach((values, i) => {
            if (run(values) === true)
              expect(ranges.some(({ first, end }) => first <= i && i < end)).toBe(true);
          });
          pages.forEach((page, i) => {
            if (kept[i] === 1) return;
            givenUp++;
            const first = Number(page.firstRowIndex);
            expect(rows.slice(first, first + page.rowCount).some((values) => run(values) === true)).toBe(
              false,
            );
          });
        },
      ),
      { numRuns: 2_000 },
    );
    // The property is worth something only if pages are given up.
    expect(givenUp).toBeGreaterThan(1_000);
  });
});
