import { expect, test } from "vitest";
import { aFileGroup, aFileRecord, anArtifact, aTableRecord } from "../../test/support/file-groups.ts";
import { checkArtifacts, fileResults } from "./completeness.ts";

test("03 R23, 06 T4 V1: page index asked for and no artifact at all", () => {
  const group = aFileGroup({ outputs: ["page-index"] });
  expect(() => checkArtifacts(group, [])).toThrow(
    "page-index capture produced no staged artifacts for file group group-1",
  );
});

test("03 R24, 06 T4 V2: planned paths without artifact are named once, in plan order", () => {
  const group = aFileGroup({ outputs: ["page-index"], filePaths: ["a", "b", "a", "c"] });
  expect(() => checkArtifacts(group, [anArtifact("b")])).toThrow(
    "page-index capture did not produce artifacts for planned files in file group group-1: a, c",
  );
});

test("03 §9.6: artifacts of unplanned paths are no fault, and none is asked of a statistics capture", () => {
  checkArtifacts(aFileGroup({ outputs: ["page-index"], filePaths: ["a"] }), [
    anArtifact("a"),
    anArtifact("z"),
  ]);
  checkArtifacts(aFileGroup({ outputs: ["file"] }), []);
});

test("03 M18: each planned path has its count, 0 without record; unplanned ones and aggregates don't count", () => {
  const results = fileResults(aFileGroup({ filePaths: ["a", "b"] }), {
    statsRecords: [aTableRecord(), aFileRecord("a"), aFileRecord("z")],
    artifacts: [],
  });
  expect(results).toEqual([
    { filePath: "a", statsProcessed: 1n, artifactUri: undefined },
    { filePath: "b", statsProcessed: 0n, artifactUri: undefined },
  ]);
});

test("03 §10.4: a path's result names the last of its artifacts", () => {
  const first = anArtifact("a");
  const last = { ...first, record: { ...first.record, artifactUri: "second" } };
  const [result] = fileResults(aFileGroup({ filePaths: ["a"] }), {
    statsRecords: [],
    artifacts: [first, last],
  });
  expect(result?.artifactUri).toBe("second");
});
