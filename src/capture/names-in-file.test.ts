import { expect, test } from "vitest";
import { byWantedName, namesInFile } from "./names-in-file.ts";

const field = (name: string, fieldId?: number) => ({ name, fieldId });

const BY_ID = {
  names: ["col-1", "col-2"],
  fieldIds: new Map([
    ["col-1", 1],
    ["col-2", 2],
  ]),
};

test("05 §7.4 (decision 29): where the table maps by field id, a file's own names don't matter", () => {
  // The file of a converted table: its names are logical ones, one of them another column's physical name.
  const names = namesInFile([field("a", 1), field("col-1", 2)], BY_ID);
  expect([...names]).toEqual([
    ["a", "col-1"],
    ["col-1", "col-2"],
  ]);
  const figures = new Map([
    ["a", 10n],
    ["col-1", 20n],
    ["else", 30n],
  ]);
  expect([...byWantedName(figures, names)]).toEqual([
    ["col-1", 10n],
    ["col-2", 20n],
  ]);
});

test("a column that a file of ids lacks, or has twice, is not looked for by name", () => {
  expect([...namesInFile([field("col-1", 7), field("x", 2), field("y", 2)], BY_ID)]).toEqual([]);
});

test("a file without ids, and a table that maps by name, go by name", () => {
  const same = [
    ["col-1", "col-1"],
    ["col-2", "col-2"],
  ];
  expect([...namesInFile([field("col-1"), field("col-2")], BY_ID)]).toEqual(same);
  expect([...namesInFile([field("a", 1)], { ...BY_ID, fieldIds: undefined })]).toEqual(same);
});
