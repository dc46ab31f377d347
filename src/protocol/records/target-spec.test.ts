import { expect, test } from "vitest";
import { decodeTargetSpec, encodeTargetSpec, type TargetSpec } from "./target-spec.ts";

test.each<[TargetSpec, string]>([
  [{ kind: "table" }, "table"],
  [{ kind: "column", columnId: 42n }, "column:42"],
  [{ kind: "file", filePath: "s3://bucket/path.parquet" }, "file:czM6Ly9idWNrZXQvcGF0aC5wYXJxdWV0"],
  [{ kind: "expression", engineKind: "pg", key: Buffer.from("x+y"), version: "1" }, "expression:cGc:eCt5:MQ"],
  [{ kind: "composite", columnIds: [1n, 2n, 3n] }, "composite:1:2:3"],
])("01 D4: %o is %s, and back", (target, text) => {
  expect(encodeTargetSpec(target)).toBe(text);
  expect(decodeTargetSpec(text)).toEqual(target);
});

test("01 D4: composite ids are written in ascending order", () => {
  expect(encodeTargetSpec({ kind: "composite", columnIds: [3n, 1n, 2n] })).toBe("composite:1:2:3");
});

test("01 §4.2.1: an expression may lack its version", () => {
  expect(decodeTargetSpec("expression:cGc:eCt5")).toMatchObject({ kind: "expression", version: "" });
});

test.each([
  "bogus",
  "column:abc",
  "column:0",
  "composite:1",
  "composite:1:1",
  "composite:0:1",
  "",
  "  ",
  "file:",
  "file:%%",
])("01 D5: %j is no target", (text) => {
  expect(decodeTargetSpec(text)).toBeUndefined();
});
