import { expect, test } from "vitest";
import { aFileGroup } from "../../test/support/file-groups.ts";
import { judgeGroup } from "./guards.ts";

test("03 R21: a group without paths fails with the reference's text", () => {
  expect(judgeGroup(aFileGroup({ filePaths: [] }))).toEqual({
    kind: "hopeless",
    message: "planned file group does not contain any file handles",
  });
});

test("03 R22: a policy without outputs asks for nothing", () => {
  expect(judgeGroup(aFileGroup({ outputs: [] }))).toEqual({ kind: "nothing-asked" });
});

test("03 §6 step 8 comes before step 9: no paths and no outputs is still hopeless", () => {
  expect(judgeGroup(aFileGroup({ filePaths: [], outputs: [] })).kind).toBe("hopeless");
});

test("03 §18 row 6 by decision 7: a path planned twice fails for good, named, outputs or not", () => {
  const verdict = judgeGroup(aFileGroup({ filePaths: ["x", "y", "y"], outputs: [] }));
  expect(verdict).toEqual({
    kind: "hopeless",
    message: "file group group-1 plans the same file twice: y; it can't be captured",
  });
});

test.each([
  ["03 M10 namespace blank", { sourceNamespace: " " }, "names no source namespace"],
  ["03 §9.1 table blank", { sourceTable: "" }, "names no source table"],
  ["03 M6 snapshot read as −1", { snapshotId: -1n }, "names no snapshot (id -1)"],
  ["03 §9.1 table id absent", { tableId: { accountId: "", id: "", kind: 0 } }, "names no table id"],
  [
    "03 §9.1 connector absent",
    {
      connector: {
        resourceId: undefined,
        kind: "unspecified",
        uri: "",
        properties: {},
        auth: { scheme: "", properties: {}, headerHints: {} },
      },
    },
    "comes without a source connector",
  ],
] as const)("%s by decision 7: fails for good, never an empty success", (_name, change, what) => {
  expect(judgeGroup(aFileGroup(change))).toEqual({
    kind: "hopeless",
    message: `file group group-1 ${what}; it can't be captured`,
  });
});

test("a whole payload is captured; snapshot 0 is a snapshot", () => {
  expect(judgeGroup(aFileGroup())).toEqual({ kind: "capture" });
  expect(judgeGroup(aFileGroup({ snapshotId: 0n }))).toEqual({ kind: "capture" });
});
