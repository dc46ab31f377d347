import { expect, test } from "vitest";
import { wireColumns } from "./wire-columns.ts";

const PATHS: Readonly<Record<string, string>> = { amount: "qty", qty: "col-3", plain: "plain", "#4": "s.x" };

const snapshot = {
  locateColumn: (selector: string) => {
    const path = PATHS[selector];
    return path === undefined ? undefined : { path, fieldId: undefined };
  },
};

const entry = (selector: string, captureStats: boolean, captureIndex: boolean) => ({
  selector,
  captureStats,
  captureIndex,
});

test("06 §2.2: a column whose path in the files is another one is indexed by that path, and no other column with it", () => {
  const both = [entry(" amount ", true, true), entry("qty", true, true), entry("#4", true, true)];
  expect(wireColumns(both, snapshot)).toEqual([
    entry(" amount ", true, false),
    entry("qty", false, true),
    entry("qty", true, false),
    entry("col-3", false, true),
    entry("#4", true, false),
    entry("s.x", false, true),
  ]);
});

test("what is only for statistics, what has the same name in the files, and what the table lacks stays as it is", () => {
  const columns = [entry("amount", true, false), entry("plain", true, true), entry("col-3", true, true)];
  expect(wireColumns(columns, snapshot)).toEqual(columns);
});

test("what is only for the index becomes one entry", () => {
  expect(wireColumns([entry("amount", false, true)], snapshot)).toEqual([entry("qty", false, true)]);
});
