import { expect, it } from "vitest";
import { partitionDataJson } from "./partition-json.ts";

it.each([
  [null, "null"],
  ["us-east", '"us-east"'],
  ["", '""'],
  ["2026-02-01", '"2026-02-01"'],
  ["1", "1"],
  ["007", "007"],
  ["-3", "-3"],
  ["+5", "+5"],
  ["1.50", "1.50"],
  ["1e3", "1e3"],
  ["TRUE", "true"],
  ["False", "false"],
  ["NaN", "NaN"],
  ["Infinity", "Infinity"],
  ["-Infinity", "-Infinity"],
  ["1d", "1d"],
  ["2F", "2F"],
  ["0x1p3", "0x1p3"],
  [".5", ".5"],
  ["5.", "5."],
  [" 12 ", " 12 "],
  ['a"b', '"a\\"b"'],
  ["a\\b", '"a\\\\b"'],
  ["null", '"null"'],
  ["inf", '"inf"'],
  ["1L", '"1L"'],
  ["1_000", '"1_000"'],
  ["a\tb", '"a\tb"'],
])("05 T27, 05 §9.1: the value %j is written %s", (value, text) => {
  expect(partitionDataJson([{ key: "k", value }])).toBe(`{"partitionValues":[{"id":"k","value":${text}}]}`);
});

it("05 §9.1 keeps the first place and the last value of a repeated key, and writes an empty list for none", () => {
  const values = [
    { key: "a", value: "1" },
    { key: "b", value: "x" },
    { key: "a", value: "2" },
  ];
  expect(partitionDataJson(values)).toBe('{"partitionValues":[{"id":"a","value":2},{"id":"b","value":"x"}]}');
  expect(partitionDataJson([])).toBe('{"partitionValues":[]}');
});
