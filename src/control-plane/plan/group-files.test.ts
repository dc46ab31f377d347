import { describe, expect, it } from "vitest";
import { createFileGrouping, estimatedResultBytes, type GroupSizing } from "./group-files.ts";

const files = Array.from({ length: 20 }, (_, index) => ({ path: `f${index}`, sizeBytes: 1_000_000n }));
const sizing = {
  filesPerGroup: 8,
  maxResultBytes: undefined,
  statsColumns: 10,
  indexColumns: 10,
  sketchColumns: 0,
};

function groupFiles(planned: typeof files, of: GroupSizing) {
  const grouping = createFileGrouping(of);
  for (const file of planned) grouping.add(file);
  return grouping.groups;
}

describe("groups of files", () => {
  it("hold as many files as were asked for, in plan order", () => {
    const groups = groupFiles(files, sizing);
    expect(groups.map((group) => group.length)).toEqual([8, 8, 4]);
    expect(groups.flat()).toEqual(files.map(({ path }) => path));
  });

  it("01 §10.3: hold fewer where their results might not fit into one message", () => {
    const maxResultBytes = 3 * estimatedResultBytes(1_000_000n, sizing);
    expect(groupFiles(files, { ...sizing, maxResultBytes }).map((group) => group.length)).toEqual([
      3, 3, 3, 3, 3, 3, 2,
    ]);
  });

  it("never hold none, however large a file is", () => {
    const huge = [{ path: "huge", sizeBytes: 10n ** 12n }];
    expect(groupFiles(huge, { ...sizing, maxResultBytes: 1 })).toEqual([["huge"]]);
    expect(groupFiles([], sizing)).toEqual([]);
  });
});
