import fc from "fast-check";
import { expect, it } from "vitest";
import { compareFields } from "./fields.ts";

const none = new Set<string>();

it("diff: names every field that differs, and says what a side lacks", () => {
  const left = { rows: "3", file: { min: "a", max: "z" } };
  const right = { rows: "4", file: { min: "a", nulls: "0" } };
  expect(compareFields(left, right, none)).toEqual([
    { field: "rows", left: "3", right: "4" },
    { field: "file.max", left: "z", right: undefined },
    { field: "file.nulls", left: undefined, right: "0" },
  ]);
});

it("diff: columns are compared by id whatever their order, other lists by index", () => {
  const column = (columnId: string, min: string) => ({ columnId, scalar: { min } });
  const left = { columns: [column("1", "a"), column("2", "b")], ids: [1, 2] };
  const right = { columns: [column("2", "b"), column("1", "c")], ids: [2, 1] };
  expect(compareFields(left, right, none).map(({ field }) => field)).toEqual([
    "columns[1].scalar.min",
    "ids[0]",
    "ids[1]",
  ]);
});

it("diff: a field that is ignored is ignored at every index, with what is below it", () => {
  const left = { columns: [{ columnId: "1", scalar: { min: "a", max: "b" } }] };
  const right = { columns: [{ columnId: "1", scalar: { min: "x", max: "y" } }] };
  expect(compareFields(left, right, new Set(["columns.scalar.min"])).map(({ field }) => field)).toEqual([
    "columns[1].scalar.max",
  ]);
  expect(compareFields(left, right, new Set(["columns"]))).toEqual([]);
});

it("diff: times of the clock are left out wherever they stand", () => {
  const left = { createdAt: "1", metadata: { capturedAtMs: "1", rows: 1 } };
  expect(compareFields(left, { createdAt: "2", metadata: { capturedAtMs: "2", rows: 1 } }, none)).toEqual([]);
});

it("diff: a value has no difference from itself, and one from anything else", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(compareFields(a, structuredClone(a), none)).toEqual([]);
      const same = JSON.stringify(a) === JSON.stringify(b);
      if (same) return;
      const differences = compareFields({ v: a }, { v: b }, none);
      // Objects that differ in the order of their keys alone are the same.
      if (differences.length === 0) expect(sorted(a)).toBe(sorted(b));
    }),
  );
});

/** An empty list and an empty object have nothing to differ in. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, entry) =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([x], [y]) => (x < y ? -1 : 1)))
      : Object.is(entry, -0)
        ? "-0"
        : entry,
  );
}
