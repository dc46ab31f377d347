import { describe, expect, it } from "vitest";
import { canonicalColumnPath, fieldIdColumnId, pathOrdinalColumnId } from "./column-id.ts";

const id = (name: string, ordinal: number) => pathOrdinalColumnId({ name, ordinal });

describe("07 §5.1: column ids", () => {
  it("07 T39: FIELD_ID is the field id if positive", () => {
    expect([10, 0, -1, undefined].map(fieldIdColumnId)).toEqual([10n, 0n, 0n, 0n]);
  });
  it("07 T41: PATH_ORDINAL has no id without ordinal or name", () => {
    expect(id("a", 0)).toBe(0n);
    expect(id("a", -1)).toBe(0n);
    expect(pathOrdinalColumnId({ path: " ", name: "\t", ordinal: 1 })).toBe(0n);
  });
  it("takes the path where it is not blank, else the name", () => {
    expect(pathOrdinalColumnId({ path: "id", name: "other", ordinal: 1 })).toBe(id("id", 1));
    expect(pathOrdinalColumnId({ path: " ", name: "id", ordinal: 1 })).toBe(id("id", 1));
  });
});

describe("07 §5.2: canonical paths (07 T40)", () => {
  const table = [
    ["a.element.b", "a[].b"],
    ["address.[].", "address[]"],
    ["a.element", "a[]"],
    [".a.", "a"],
    ["a..element..b", "a[].b"],
    ["...a....b..", "a.b"],
    ["a.element.b.element.c", "a[].b[].c"],
    [".element", "[]"],
    ["a.element.element.b", "a[].element.b"],
    ["m.key", "m.key"],
    ["items.element.properties.key", "items[].properties.key"],
    ["a.element.[].b", "a[][].b"],
    ["  spaced.name ", "spaced.name"],
  ] as const;
  it.each(table)("%s is %s", (path, canonical) => {
    expect(canonicalColumnPath(path)).toBe(canonical);
  });
  it("a second pass changes nothing, except for the one quirk", () => {
    for (const [path, canonical] of table) {
      const twice = canonicalColumnPath(canonical);
      expect(twice).toBe(path === "a.element.element.b" ? "a[][].b" : canonical);
    }
  });
});

describe("07 §5.3: the hash (07 T40)", () => {
  it.each([
    ["id", 1, 162491776983173634n],
    ["id", 2, 205919331842838789n],
    ["id", 300, 200476532655519840n],
    ["x", 1, 183150713313310597n],
    ["a.element.b", 3, 156634042515728222n],
    ["a[].b", 3, 156634042515728222n],
    ["a[].b", 4, 208177357629774601n],
    ["a[].c", 3, 194515677803263716n],
    ["location.lat", 2, 151757819429933837n],
    ["location.lat", 4, 175591585984817132n],
    ["назв", 5, 162385956898378865n],
    ["data🔒[].sensitive", 1, 187642809101737533n],
    ["new_col", 5, 175945841184415539n],
    ["new_col", 8, 153594420152515378n],
    ["name", 1, 215775542974849077n],
    ["location", 2, 170681768144397261n],
    ["amount", 3, 169518628630058116n],
    ["dt", 4, 165759684048413160n],
    ["skew_key", 2, 158699933878341655n],
    ["name", 2, 149149129882598613n],
  ])("%s, %i", (path, ordinal, expected) => {
    expect(id(path, ordinal)).toBe(expected);
  });
  it("07 T42: `col`, 5", () => {
    expect(id("col", 5)).toBe(156808895112350469n);
  });
  it("a lone surrogate is not U+FFFD", () => {
    expect(id("a\ud800", 1)).not.toBe(id("a\ufffd", 1));
  });
});
