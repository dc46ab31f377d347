import { describe, expect, test } from "vitest";
import type { CaptureOutput, CapturePolicy, Generation } from "../model/index.ts";
import type { SnapshotColumn, TableFile } from "../table/index.ts";
import { type CaptureRequest, fileTasks, scannedNames, wantsPages, wantsStats } from "./request.ts";

function column(displayName: string, change: Partial<SnapshotColumn> = {}): SnapshotColumn {
  return {
    columnId: 1n,
    displayName,
    logicalType: "INT",
    topLevelName: displayName,
    fieldId: undefined,
    included: true,
    ...change,
  };
}

const PLAN = { columns: [] };

function file(change: Partial<TableFile> = {}): TableFile {
  return {
    path: "s3://b/t/x.parquet",
    content: 1,
    format: "PARQUET",
    sizeBytes: 10n,
    partitionDataJson: "",
    partitionSpecId: 0,
    equalityFieldIds: [],
    sequenceNumber: undefined,
    metrics: { source: "footer", plan: PLAN },
    readable: true,
    ...change,
  };
}

const FROM_METADATA: Partial<TableFile> = {
  metrics: { source: "metadata", metrics: { rowCount: 1n, columns: new Map() } },
};

interface Asked extends Partial<CaptureRequest> {
  readonly outputs?: readonly CaptureOutput[];
  readonly selectors?: CapturePolicy["columns"];
}

function request({ outputs = ["file"], selectors = [], ...change }: Asked = {}): CaptureRequest {
  return {
    generation: "chunked",
    tableId: { accountId: "a", id: "t", kind: 4 },
    snapshotId: 1n,
    policy: {
      columns: selectors,
      outputs: new Set(outputs),
      defaultColumnScope: "all",
      maxDefaultColumns: 32,
      properties: {},
    },
    columns: [column("a"), column("b")],
    store: { local: { kind: "none" } },
    distinct: undefined,
    metadataNdv: undefined,
    crc: "error",
    nowMs: 0,
    ...change,
  };
}

const DISTINCT = { k: 4096, fraction: 1, maxFiles: 0, suffixedOnly: false };

const taskFor = (asked: Asked, ofFile: Partial<TableFile> = {}, sampled = true) =>
  fileTasks(request(asked))(file(ofFile), sampled);

describe("what a file is opened for", () => {
  test("05 §7.3: its footer where the metadata has no figures", () => {
    expect(taskFor({ generation: "inline" })).toMatchObject({
      footerPlan: PLAN,
      widthNames: [],
      index: undefined,
      distinct: undefined,
    });
  });

  test("07 §7: widths in chunked, even where the metadata has every figure", () => {
    expect(taskFor({}, FROM_METADATA)).toMatchObject({ footerPlan: undefined, widthNames: ["a", "b"] });
  });

  test("nothing in inline where the metadata has every figure, and nothing for a file that can't be read", () => {
    expect(taskFor({ generation: "inline" }, FROM_METADATA)).toBeUndefined();
    expect(taskFor({ outputs: ["file", "page-index"] }, { readable: false })).toBeUndefined();
  });

  test("decision 11: the page index alone asks for no statistics", () => {
    expect(taskFor({ outputs: ["page-index"], distinct: DISTINCT })).toMatchObject({
      footerPlan: undefined,
      widthNames: [],
      distinct: undefined,
      index: { columns: { by: "all" } },
    });
  });

  test("06 T3 R24 (decision 10), 06 §2.1: the page index of what the metadata or the suffix calls Parquet, and of nothing else", () => {
    const indexOf = (ofFile: Partial<TableFile>) => taskFor({ outputs: ["page-index"] }, ofFile)?.index;
    expect(indexOf({ path: "s3://b/x", format: "parquet" })).toBeDefined();
    expect(indexOf({ path: "s3://b/x.parquet", format: "" })).toBeDefined();
    expect(indexOf({ path: "s3://b/x.PARQ", format: "" })).toBeDefined();
    expect(indexOf({ path: "s3://b/x.parquet.gz", format: "" })).toBeUndefined();
    expect(indexOf({ path: "s3://b/x", format: "" })).toBeUndefined();
    expect(indexOf({ path: "s3://b/x.orc", format: "ORC" })).toBeUndefined();
  });

  test("07 T50, 07 §7.2: no widths and no distinct values of files that are not Parquet, and of delete files", () => {
    const asked = { distinct: DISTINCT };
    expect(taskFor(asked, { ...FROM_METADATA, path: "s3://b/x.orc", format: "ORC" })).toBeUndefined();
    expect(taskFor(asked, { ...FROM_METADATA, content: 2 })).toBeUndefined();
  });

  test("04 T70, 07 §6.1: an Iceberg file without suffix has widths and no distinct values; one of Delta has both", () => {
    const unsuffixed = { ...FROM_METADATA, path: "s3://b/t/part-0" };
    const iceberg = { distinct: { ...DISTINCT, suffixedOnly: true } };
    expect(taskFor(iceberg, unsuffixed)).toMatchObject({ widthNames: ["a", "b"], distinct: undefined });
    expect(taskFor(iceberg, { ...unsuffixed, path: "s3://b/t/part-0.PARQ" })?.distinct).toBeDefined();
    expect(taskFor({ distinct: DISTINCT }, unsuffixed)).toMatchObject({
      widthNames: ["a", "b"],
      distinct: { names: ["a", "b"], k: 4096 },
    });
  });

  test("07 §6.1: distinct values of sampled files only", () => {
    expect(taskFor({ distinct: DISTINCT })?.distinct).toEqual({ names: ["a", "b"], k: 4096 });
    expect(taskFor({ distinct: DISTINCT }, {}, false)?.distinct).toBeUndefined();
    expect(taskFor({})?.distinct).toBeUndefined();
  });
});

describe("the columns of the page index", () => {
  const selector = (text: string, captureIndex = true) => ({
    selector: text,
    captureStats: true,
    captureIndex,
  });
  const columnsOf = (...selectors: CapturePolicy["columns"]) =>
    taskFor({ outputs: ["page-index"], selectors })?.index?.columns;

  test("06 §2.2: selectors are trimmed, each counts once, blank ones and those without the index flag not at all", () => {
    expect(columnsOf(selector(" a "), selector("a"), selector(" "), selector("b", false))).toEqual({
      by: "path",
      paths: ["a"],
    });
  });

  test("06 §2.2, 03 M9: none left means every column", () => {
    expect(columnsOf(selector("  "), selector("b", false))).toEqual({ by: "all" });
  });

  test("06 T4 S1, 03 M8: a column that is asked for in statistics alone is not indexed, and the FILE record's footer is read all the same", () => {
    const columns = [
      { selector: "stats_only", captureStats: true, captureIndex: false },
      { selector: "index_only", captureStats: false, captureIndex: true },
    ];
    const task = taskFor({ outputs: ["file", "page-index"], selectors: columns });
    expect(task?.index?.columns).toEqual({ by: "path", paths: ["index_only"] });
    expect(task?.footerPlan).toEqual(PLAN);
  });

  test("06 T4 S2: the default scope and its limit concern statistics, not the index", () => {
    const policy: CapturePolicy = {
      columns: [],
      outputs: new Set(["page-index"]),
      defaultColumnScope: "explicit-only",
      maxDefaultColumns: 1,
      properties: {},
    };
    const task = fileTasks({ ...request(), policy })(file(), true);
    expect(task?.index?.columns).toEqual({ by: "all" });
  });
});

describe("07 §6.2: columns with widths and distinct values", () => {
  test("are included and top-level", () => {
    const columns = [
      column("a", { topLevelName: "physical-a" }),
      column("b", { included: false }),
      column("s.c", { topLevelName: undefined }),
      column("  "),
    ];
    expect(scannedNames(columns)).toEqual(["physical-a"]);
  });

  test("decision 32: a name that an included nested column shares has none", () => {
    expect(scannedNames([column("a"), column("a", { topLevelName: undefined }), column("b")])).toEqual(["b"]);
    const hidden = column("a", { topLevelName: undefined, included: false });
    expect(scannedNames([column("a"), hidden])).toEqual(["a"]);
  });
});

test("04 T64 (decision 8): statistics of any kind are wanted, the page index is not one", () => {
  const wanted = (...outputs: CaptureOutput[]) => wantsStats(request({ outputs }).policy);
  expect([wanted("table"), wanted("file"), wanted("column"), wanted("page-index")]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test.each<[Asked, Generation, boolean]>([
  [{ outputs: ["file"] }, "chunked", false],
  [{ outputs: ["page-index"] }, "chunked", true],
  [{ outputs: ["file"], distinct: DISTINCT }, "inline", true],
])("pages are decoded for the index or distinct values only: %j", (asked, generation, expected) => {
  expect(wantsPages(request({ ...asked, generation }))).toBe(expected);
});
