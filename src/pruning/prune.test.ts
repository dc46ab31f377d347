import { describe, expect, it } from "vitest";
import type { PageBounds, PageIndexRow } from "../model/index.ts";
import type { ColumnView } from "./column-view.ts";
import { parsePredicate } from "./parse.ts";
import { prunePages } from "./prune.ts";
import { pageRow, pagesOf } from "./testing.ts";

const i64 = (min: bigint, max: bigint): PageBounds => ({ kind: "i64", min, max });
const i32 = (min: number, max: number): PageBounds => ({ kind: "i32", min, max });
const utf8 = (min: string, max: string): PageBounds => ({ kind: "utf8", min, max });
const f32 = (min: number, max: number): PageBounds => ({
  kind: "f32",
  min: Math.fround(min),
  max: Math.fround(max),
});
const f64 = (min: number, max: number): PageBounds => ({ kind: "f64", min, max });

function kept(rows: readonly PageIndexRow[], predicate: string, view?: ColumnView): string {
  const views = new Map(view === undefined ? [] : [["x", view]]);
  return prunePages(rows, parsePredicate(predicate), views).kept.join("");
}

function keptOf(bounds: readonly (PageBounds | undefined)[], predicate: string, view?: ColumnView): string {
  return kept(pagesOf("x", bounds), predicate, view);
}

const SIGNED = { kind: "integer", signed: true } as const;

describe("pages that a comparison leaves", () => {
  it.each([
    ["x = 15", "010"],
    ["x < 10", "100"],
    ["x <= 10", "110"],
    ["x > 19", "001"],
    ["x >= 19", "011"],
    ["x <> 15", "111"],
    ["x = 15.5", "010"],
    ["x > 18.5 AND x < 20", "010"],
    ["x IN (1, 25)", "101"],
    ["x BETWEEN 9 AND 10", "110"],
    ["x NOT BETWEEN 5 AND 25", "101"],
    ["x < 1e300", "111"],
    ["x < -1e300", "000"],
    ["x > 1e-300", "111"],
    ["'12' = x", "010"],
  ])("of whole numbers: %s", (predicate, expected) => {
    expect(keptOf([i64(0n, 9n), i64(10n, 19n), i64(20n, 29n)], predicate, SIGNED)).toBe(expected);
  });

  it("<> gives up a page whose values are all the literal", () => {
    expect(keptOf([i64(5n, 5n), i64(5n, 6n)], "x <> 5", SIGNED)).toBe("01");
  });

  it("compares exactly where doubles would not", () => {
    expect(keptOf([i64(9007199254740993n, 9007199254740993n)], "x = 9007199254740992", SIGNED)).toBe("0");
  });

  it("decimals by value, whatever their scale, and a text that would be rounded not at all", () => {
    const bytes = (value: number) =>
      Uint8Array.of(...new Uint8Array(15).fill(value < 0 ? 255 : 0), value & 255);
    const row = pageRow({
      bounds: { kind: "decimal128", min: bytes(-5), max: bytes(100) },
      decimal: { precision: 9, scale: 2, bits: 32 },
    });
    expect(kept([row], "x > 1.00")).toBe("0");
    expect(kept([row], "x >= 1")).toBe("1");
    expect(kept([row], "x < -0.05")).toBe("0");
    expect(kept([row], "x > 1.001")).toBe("0");
    expect(kept([row], "x > '1.001'")).toBe("1");
  });

  it("06 §3.6: a NaN bound is no bound", () => {
    expect(keptOf([f64(Number.NaN, Number.NaN), f64(1, 2)], "x > 5")).toBe("10");
  });

  it("a 32-bit float against a literal that it can't hold: only what both readings give up", () => {
    expect(keptOf([f32(0.1, 0.1)], "x = 0.1")).toBe("1");
    expect(keptOf([f32(0.1, 0.1)], "x > 0.1")).toBe("1");
    expect(keptOf([f32(0.1, 0.1)], "x > 0.2")).toBe("0");
    expect(keptOf([f64(Number.NEGATIVE_INFINITY, -0)], "x >= 0")).toBe("1");
  });

  it("booleans, as words", () => {
    const pages: PageBounds[] = [
      { kind: "bool", min: false, max: false },
      { kind: "bool", min: false, max: true },
    ];
    expect(keptOf(pages, "x = true")).toBe("01");
    expect(keptOf(pages, "x = 'false'")).toBe("11");
    expect(keptOf(pages, "x <> FALSE")).toBe("01");
  });

  it.each([
    ["x = 'b'", "100"],
    ["x > 'f'", "001"],
    ["x LIKE 'ma%'", "001"],
    ["x LIKE 'd%'", "110"],
    ["x LIKE '%z'", "111"],
    ["x NOT LIKE 'd%'", "101"],
    ["x NOT LIKE 'd_%'", "111"],
    ["x = ''", "000"],
  ])("of texts: %s", (predicate, expected) => {
    expect(keptOf([utf8("a", "da"), utf8("da", "dz"), utf8("m", "z")], predicate)).toBe(expected);
  });

  it("06 §0 fact 8: a range that ends at a text above U+D7FF is left open, since byte order differs; equality is not", () => {
    expect(keptOf([utf8("a", "😀")], "x > 'Ａ'")).toBe("1");
    expect(keptOf([utf8("a", "b")], "x = 'Ａ'")).toBe("0");
  });

  it("06 §3.6: texts with U+FFFD may stand for other bytes", () => {
    expect(keptOf([utf8("a\ufffd", "a\ufffd")], "x <> 'a\ufffd'")).toBe("1");
  });
});

describe("pages without values", () => {
  it("pass IS NULL alone", () => {
    expect(keptOf([undefined, i64(1n, 2n)], "x IS NULL")).toBe("11");
    expect(keptOf([undefined, i64(1n, 2n)], "x IS NOT NULL")).toBe("01");
    expect(keptOf([undefined, i64(1n, 2n)], "NOT x = 7")).toBe("01");
    expect(keptOf([undefined], "x LIKE '%'")).toBe("0");
  });

  it("a required column has no nulls", () => {
    expect(kept(pagesOf("x", [i64(1n, 2n)], { parquetMaxDefLevel: 0 }), "x IS NULL")).toBe("0");
  });
});

describe("06 §2.3: integers without annotation", () => {
  const days = (text: string) => Date.parse(text) / 86_400_000;

  it("dates by their day; a time of that day may be compared as either", () => {
    const pages = [i32(days("1995-01-01"), days("1995-01-31")), i32(days("1995-02-01"), days("1995-02-28"))];
    for (const view of [undefined, { kind: "date" } as const]) {
      expect(keptOf(pages, "x >= '1995-02-01'", view)).toBe("01");
      expect(keptOf(pages, "x = DATE '1995-01-31'", view)).toBe("10");
      expect(keptOf(pages, "x > '1995-01-31 12:00:00'", view)).toBe("01");
      expect(keptOf(pages, "x = '1995-01-31 12:00:00'", view)).toBe("10");
    }
  });

  it.each([
    ["milliseconds", 1_000n],
    ["microseconds", 1_000_000n],
    ["nanoseconds", 1_000_000_000n],
  ])("timestamps in %s", (_, perSecond) => {
    const at = (second: bigint) => second * perSecond;
    const view = { kind: "timestamp", perSecond, utc: true } as const;
    const pages = [i64(at(0n), at(59n)), i64(at(60n), at(119n))];
    expect(keptOf(pages, "x < '1970-01-01 00:01:00'", view)).toBe("10");
    expect(keptOf(pages, "x >= '1970-01-01T01:01:00+01:00'", view)).toBe("01");
    expect(keptOf(pages, "x = '1970-01-01'", view)).toBe("10");
  });

  it("digits beyond the microsecond are neither cut nor rounded", () => {
    const view = { kind: "timestamp", perSecond: 1_000_000_000n, utc: true } as const;
    expect(keptOf([i64(200n, 200n), i64(2000n, 2000n)], "x < '1970-01-01 00:00:00.000000500'", view)).toBe(
      "10",
    );
  });

  it("a text against 64 bits of unknown meaning, or a zone against wall clocks, decides nothing and says so", () => {
    const { kept, undecided } = prunePages(pagesOf("x", [i64(0n, 1n)]), parsePredicate("x > '2026-01-01'"));
    expect([...kept]).toEqual([1]);
    expect(undecided).toEqual([expect.stringContaining("'2026-01-01'")]);
    const view = { kind: "timestamp", perSecond: 1_000n, utc: false } as const;
    expect(keptOf([i64(0n, 1n)], "x > '2026-01-01T00:00:00Z'", view)).toBe("1");
  });

  it("times of day", () => {
    expect(keptOf([i32(0, 1_000), i32(60_000, 61_000)], "x >= '00:01:00'")).toBe("01");
    const view = { kind: "time", perSecond: 1_000_000n } as const;
    expect(keptOf([i64(0n, 60_000_000n)], "x > '00:01:00'", view)).toBe("0");
  });

  it("06 §3.6: bounds of unsigned integers were compared as signed", () => {
    const unsigned = { kind: "integer", signed: false } as const;
    // 0xfffffffe to 5: holds values from 0 to 5 and from 4294967294 on.
    expect(keptOf([i32(-2, 5)], "x = 4294967295", unsigned)).toBe("1");
    expect(keptOf([i32(-2, 5)], "x = 100", unsigned)).toBe("0");
    expect(keptOf([i32(-2, -1)], "x < 100", unsigned)).toBe("0");
    expect(keptOf([i32(0, 5), i32(6, 9)], "x > 5", unsigned)).toBe("01");
    expect(keptOf([i32(-2, 5)], "x > 5", SIGNED)).toBe("0");
    // Not known which: only what both readings give up.
    expect(keptOf([i32(-2, 5)], "x > 5")).toBe("1");
    expect(keptOf([i32(-2, 5)], "x = 100")).toBe("0");
  });

  it("a literal of another kind decides nothing and says so", () => {
    const { undecided, kept } = prunePages(
      pagesOf("x", [i64(0n, 1n)]),
      parsePredicate("x = TRUE OR x LIKE 'a%'"),
    );
    expect([...kept]).toEqual([1]);
    expect(undecided).toHaveLength(2);
  });
});

describe("several columns", () => {
  const rows = [
    ...pagesOf("a", [i64(0n, 9n), i64(10n, 19n), i64(20n, 29n)]),
    ...[0, 1].map((i) =>
      pageRow({
        columnName: "b",
        pageOrdinal: i,
        firstRowIndex: BigInt(i * 15),
        rowCount: 15,
        bounds: utf8(i === 0 ? "a" : "n", i === 0 ? "m" : "z"),
      }),
    ),
  ];

  it("rows that AND leaves are those that every part leaves; pages of every column follow", () => {
    const result = prunePages(rows, parsePredicate("a >= 10 AND b < 'n'"));
    expect(result.rowGroups).toEqual([{ rowGroup: 0, rowCount: 30, ranges: [{ first: 10, end: 15 }] }]);
    expect([...result.kept]).toEqual([0, 1, 0, 1, 0]);
    expect([result.rowCount, result.keptRowCount]).toEqual([30, 5]);
  });

  it("rows that OR leaves are those that any part leaves", () => {
    expect(prunePages(rows, parsePredicate("a < 5 OR b >= 'n'")).rowGroups[0]?.ranges).toEqual([
      { first: 0, end: 10 },
      { first: 15, end: 30 },
    ]);
  });

  it("a column without page index leaves every row, and is named", () => {
    const result = prunePages(rows, parsePredicate("c = 1"));
    expect([...result.kept]).toEqual([1, 1, 1, 1, 1]);
    expect(result.undecided).toEqual(["c has no page index here"]);
    expect(prunePages(rows, parsePredicate("c = 1 AND a < 10")).keptRowCount).toBe(10);
  });

  it("row groups are decided one by one, each from row 0", () => {
    const second = pagesOf("a", [i64(100n, 109n), i64(0n, 1n)], { rowGroup: 1 });
    const result = prunePages([...rows, ...second], parsePredicate("a >= 100"));
    expect(result.rowGroups.map(({ ranges }) => ranges)).toEqual([[], [{ first: 0, end: 10 }]]);
  });

  it("rows of a page that is missing from the index stay", () => {
    const gap = pagesOf("a", [i64(0n, 9n), i64(10n, 19n), i64(20n, 29n)]).filter((_, i) => i !== 1);
    expect(prunePages(gap, parsePredicate("a = 100")).rowGroups[0]?.ranges).toEqual([{ first: 10, end: 20 }]);
  });

  it("names match exactly, else without regard to case if only one does", () => {
    expect(prunePages(rows, parsePredicate("A < 10")).keptRowCount).toBe(10);
    expect(prunePages(rows, parsePredicate('"A" < 10')).undecided).toHaveLength(1);
    const both = [...rows, ...pagesOf("A", [i64(0n, 9n)])];
    expect(prunePages(both, parsePredicate("A < 10")).undecided).toEqual([]);
  });

  it("06 §4.3: two columns of one dotted name decide nothing", () => {
    const twice = pagesOf("a", [i64(0n, 9n), i64(0n, 9n)]).map((row) => ({
      ...row,
      pageOrdinal: 0,
      firstRowIndex: 0n,
    }));
    expect(prunePages(twice, parsePredicate("a = 100")).undecided).toEqual([
      "two columns of the file are named a",
    ]);
  });
});
