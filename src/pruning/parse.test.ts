import { describe, expect, it } from "vitest";
import { parsePredicate } from "./parse.ts";
import { PredicateError, predicateColumns } from "./predicate.ts";

const column = (name: string, quoted = false) => ({ name, quoted });
const text = (value: string) => ({ kind: "string", text: value });

describe("the text of a predicate", () => {
  it("is read with AND before OR, parentheses and any case of keywords", () => {
    expect(parsePredicate("a = 'x' or b < 'y' And (c >= 'z' OR d <> 'w')")).toMatchObject({
      kind: "or",
      terms: [
        { kind: "compare", column: column("a"), operator: "=", literal: text("x") },
        {
          kind: "and",
          terms: [
            { column: column("b"), operator: "<" },
            { kind: "or", terms: [{ operator: ">=" }, { operator: "<>" }] },
          ],
        },
      ],
    });
  });

  it("takes a literal on the left with the comparison turned round", () => {
    expect(parsePredicate("5 < x")).toMatchObject({
      column: column("x"),
      operator: ">",
      literal: { text: "5" },
    });
    expect(parsePredicate("'a' >= x")).toMatchObject({ operator: "<=" });
  });

  it("pushes NOT down to the leaves", () => {
    expect(parsePredicate("NOT (a < 1 AND b IS NULL)")).toMatchObject({
      kind: "or",
      terms: [
        { operator: ">=", column: column("a") },
        { kind: "null-test", wanted: "not-null" },
      ],
    });
    expect(parsePredicate("not a not in (1, 2)")).toMatchObject({
      kind: "or",
      terms: [{ operator: "=" }, { operator: "=" }],
    });
  });

  it("reads BETWEEN as two comparisons and NOT BETWEEN as the way out on either side", () => {
    expect(parsePredicate("d BETWEEN DATE '2026-03-01' AND '2026-03-02'")).toMatchObject({
      kind: "and",
      terms: [
        { operator: ">=", literal: text("2026-03-01") },
        { operator: "<=", literal: text("2026-03-02") },
      ],
    });
    expect(parsePredicate("d NOT BETWEEN 1 AND 2")).toMatchObject({
      kind: "or",
      terms: [{ operator: "<" }, { operator: ">" }],
    });
  });

  it("keeps the prefix of LIKE up to the first wildcard or backslash, and compares where there is none", () => {
    expect(parsePredicate("s LIKE 'ab%'")).toMatchObject({ kind: "like", prefix: "ab", prefixDecides: true });
    expect(parsePredicate("s LIKE 'a_b%'")).toMatchObject({
      kind: "like",
      prefix: "a",
      prefixDecides: false,
    });
    expect(parsePredicate("s LIKE '10\\%'")).toMatchObject({
      kind: "like",
      prefix: "10",
      prefixDecides: false,
    });
    expect(parsePredicate("s NOT LIKE 'ab%'")).toMatchObject({ kind: "like", negated: true });
    expect(parsePredicate("s LIKE 'ab'")).toMatchObject({ kind: "compare", operator: "=" });
  });

  it("names nested columns with dots and any other name in quotes", () => {
    expect(parsePredicate("address.city = 'x'")).toMatchObject({ column: column("address.city") });
    expect(parsePredicate('"col-b3""1" = 1')).toMatchObject({ column: column('col-b3"1', true) });
    expect(parsePredicate("`select me`.b = 1")).toMatchObject({ column: column("select me.b", true) });
    expect(predicateColumns(parsePredicate("a = 1 OR a = 2 AND b = 3")).map(({ name }) => name)).toEqual([
      "a",
      "b",
    ]);
  });

  it("reads signed, fractional and exponential numbers exactly, and doubled quotes in texts", () => {
    expect(parsePredicate("x = -1.50e3")).toMatchObject({
      literal: { text: "-1.50e3", value: { unscaled: -150n, scale: -1 } },
    });
    expect(parsePredicate("x = .5")).toMatchObject({ literal: { value: { unscaled: 5n, scale: 1 } } });
    expect(parsePredicate("x = 'it''s'")).toMatchObject({ literal: text("it's") });
  });

  it.each([
    ["", 0, "a column"],
    ["a", 1, "a comparison"],
    ["a = ", 4, "a value"],
    ["a = NULL", 4, "IS NULL"],
    ["a = 1 b", 6, "AND, OR or the end"],
    ["a = 'x", 4, "doesn't end"],
    ["lower(a) = 'x'", 5, "functions"],
    ["a = b", 4, "a value"],
    ["a IN ()", 6, "a value"],
    ["(a = 1", 6, ")"],
    ["a NOT = 1", 6, "IN, BETWEEN or LIKE"],
    ["a = 1; drop", 5, "no meaning"],
    [`${"(".repeat(300)}a = 1${")".repeat(300)}`, 201, "nested"],
  ])("%j is refused, with the place and what belongs there", (predicate, at, expected) => {
    expect(() => parsePredicate(predicate)).toThrow(PredicateError);
    expect(() => parsePredicate(predicate)).toThrow(
      expect.objectContaining({ at, message: expect.stringContaining(expected) }),
    );
  });

  it("is refused when longer than anyone types", () => {
    expect(() => parsePredicate(`a = 1 ${" ".repeat(20_000)}`)).toThrow("longer than");
  });
});
