import { describe, expect, it } from "vitest";
import {
  field,
  filesOf,
  included,
  metricsOf,
  opened,
  POLICY,
  recordedIds,
  selecting,
} from "../../../test/support/iceberg-table.ts";
import type { CapturePolicy } from "../../model/index.ts";

describe("schemas and columns (04 §8, §10)", () => {
  it("04 T46: all three scopes, and nested leaves through their metrics", async () => {
    const fields = [
      field(1, "c_i32", "int"),
      field(2, "c_arr", { type: "list", "element-id": 4, element: "int" }),
      field(3, "c_str", "string"),
    ];
    const entries = [{ path: "p", rows: 1, valueCounts: { 1: 1, 3: 1, 4: 3 }, nullCounts: { 4: 0 } }];
    const input = { schemas: [{ id: 0, fields }], entries };
    const ids = async (policy: CapturePolicy) => {
      const snapshot = await opened(input, { policy });
      const [file] = await filesOf(snapshot);
      return recordedIds(snapshot, file).sort();
    };
    expect(await ids(POLICY)).toEqual([1n, 2n, 3n, 4n]);
    expect(await ids(selecting("c_i32"))).toEqual([1n, 3n, 4n]);
    expect(await ids({ ...POLICY, defaultColumnScope: "explicit-only" })).toEqual([1n, 2n, 3n, 4n]);
  });

  it("QUIRK: an empty set of names includes every field, nested ones too", async () => {
    const fields = [field(1, "u", { type: "struct", fields: [field(2, "name", "string")] })];
    const snapshot = await opened(
      { schemas: [{ id: 0, fields }] },
      { policy: { ...POLICY, defaultColumnScope: "explicit-only" } },
    );
    expect(included(snapshot)).toEqual([1, 2]);
  });

  const evolved = {
    schemas: [
      { id: 10, fields: [field(1, "old_col", "int"), field(2, "shared_col", "int")] },
      { id: 20, fields: [field(3, "new_col", "int"), field(2, "shared_col", "long")] },
    ],
    currentSchema: 20,
    snapshotSchema: 10,
  };

  it("04 T47: columns are those of the snapshot's own schema", async () => {
    expect(included(await opened(evolved))).toEqual([1, 2]);
    expect(included(await opened(evolved, { policy: selecting("old_col", "shared_col") }))).toEqual([1, 2]);
    expect(included(await opened(evolved, { generation: "inline" }))).toEqual([1, 2]);
  });

  it("04 §8.2: a snapshot of schema 0 selects by it in chunked, by the current one in inline", async () => {
    const fromZero = {
      schemas: [
        { id: 0, fields: [field(1, "dropped", "int"), field(2, "before", "int")] },
        { id: 1, fields: [field(2, "after", "long"), field(3, "added", "int")] },
      ],
      currentSchema: 1,
      snapshotSchema: 0,
      entries: [{ path: "p", lower: { 1: "2a000000", 2: "2b000000" } }],
    };
    const chunked = await opened(fromZero);
    expect(chunked.columns.map((c) => [c.fieldId, c.displayName, c.included])).toEqual([
      [1, "dropped", true],
      // Names of surviving ids are the current ones (must match).
      [2, "after", true],
    ]);
    const [file] = await filesOf(chunked);
    // Decision 29: the dropped column's bound is decoded by the snapshot's own schema.
    expect(metricsOf(file).columns.get(1n)).toEqual({ min: "42" });
    expect(metricsOf(file).columns.get(2n)).toEqual({ min: "43" });
    expect(included(await opened(fromZero, { generation: "inline" }))).toEqual([2, 3]);
  });

  it("an unknown schema id falls back to the current schema", async () => {
    expect(included(await opened({ ...evolved, snapshotSchema: 99 }))).toEqual([3, 2]);
  });

  it("04 T48: display names are leaf names, nested columns have no top-level name (decision 32)", async () => {
    const user = { type: "struct", fields: [field(2, "name", "string"), field(3, "age", "int")] };
    const snapshot = await opened(
      { schemas: [{ id: 0, fields: [field(1, "user", user), field(4, "Age", "int")] }] },
      { policy: selecting("#2", "user.age", "Age") },
    );
    expect(snapshot.columns.map((c) => [c.displayName, c.included, c.topLevelName])).toEqual([
      ["user", false, "user"],
      ["name", true, undefined],
      ["age", true, undefined],
      ["Age", true, "Age"],
    ]);
  });

  it("04 T49: the first 32 top-level columns by default; those with metrics appear all the same", async () => {
    const fields = Array.from({ length: 40 }, (_, index) => field(index + 1, `c${index}`, "int"));
    const counts = Object.fromEntries(fields.map(({ id }) => [id, 1]));
    const entries = [{ path: "without" }, { path: "with", valueCounts: counts }];
    const snapshot = await opened({ schemas: [{ id: 0, fields }], entries });
    const [without, withMetrics] = await filesOf(snapshot);
    expect(recordedIds(snapshot, without)).toHaveLength(32);
    expect(recordedIds(snapshot, withMetrics)).toHaveLength(40);
  });

  it("04 T50: selectors are exact paths or #id; an unknown one fails the group", async () => {
    const user = { type: "struct", fields: [field(2, "name", "string")] };
    const tags = { type: "list", "element-id": 4, element: "string" };
    const map = { type: "map", "key-id": 6, key: "string", "value-id": 7, value: "int" };
    const schemas = [{ id: 0, fields: [field(1, "user", user), field(3, "tags", tags), field(5, "m", map)] }];
    const select = async (...selectors: string[]) =>
      included(await opened({ schemas }, { policy: selecting(...selectors) }));
    expect(await select("user.name", "tags.element", "m.value", " #5 ")).toEqual([2, 4, 5, 7]);
    await expect(select("USER.NAME")).rejects.toThrow(/^Unknown column selector: USER\.NAME$/);
    await expect(select("tags[]")).rejects.toThrow(/^Unknown column selector: tags\[\]$/);
    await expect(select("#x")).rejects.toThrow(/^For input string: "x"$/);
    await expect(select("#")).rejects.toThrow(/^For input string: ""$/);
    // Decision 31: an id that no schema knows is dropped.
    expect(await select("#99")).toEqual([]);
  });

  it("columns that are asked for in the index only do not restrict statistics", async () => {
    const policy = { ...POLICY, columns: [{ selector: "nope", captureStats: false, captureIndex: true }] };
    expect(included(await opened({}, { policy }))).toEqual([1]);
  });

  it("a name that begins with # is a name in the default scope (may improve)", async () => {
    const snapshot = await opened({
      schemas: [{ id: 0, fields: [field(1, "#7", "int"), field(2, " b ", "int")] }],
    });
    expect(included(snapshot)).toEqual([1, 2]);
  });

  it("04 T56: a field id of 0 has no column id", async () => {
    const snapshot = await opened({
      schemas: [{ id: 0, fields: [field(10, "a", "int"), field(0, "b", "int")] }],
    });
    expect(snapshot.columns.map((column) => column.columnId)).toEqual([10n, 0n]);
  });

  it("04 T57: a type without a mapping fails the group, wrapped once, though the column is not selected", async () => {
    const schemas = [{ id: 0, fields: [field(1, "a", "int"), field(2, "g", "geometry")] }];
    await expect(opened({ schemas }, { policy: selecting("a") })).rejects.toMatchObject({
      message: "Stats compute failed for snapshot 42",
      cause: { message: "Unrecognized Iceberg type: GEOMETRY" },
    });
  });

  it("04 T69: a name that several included columns share has no width and no NDV", async () => {
    const user = { type: "struct", fields: [field(2, "name", "string")] };
    const schemas = [{ id: 0, fields: [field(1, "user", user), field(3, "name", "string")] }];
    const both = await opened({ schemas }, { policy: selecting("user.name", "name") });
    expect(both.columns.map((column) => column.topLevelName)).toEqual(["user", undefined, undefined]);
    const one = await opened({ schemas }, { policy: selecting("name") });
    expect(one.columns.map((column) => column.topLevelName)).toEqual(["user", undefined, "name"]);
  });
});
