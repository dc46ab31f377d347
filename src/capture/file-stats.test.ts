import { describe, expect, test } from "vitest";
import { FILE_CONTENT, type FileContent } from "../model/index.ts";
import type { SnapshotColumn, TableFile } from "../table/index.ts";
import { buildFileStats, fileRecord } from "./file-stats.ts";

function column(columnId: bigint, displayName: string, included = true): SnapshotColumn {
  return {
    columnId,
    displayName,
    logicalType: "INT",
    topLevelName: `physical-${displayName}`,
    fieldId: undefined,
    included,
  };
}

function file(content: FileContent = FILE_CONTENT.data): TableFile {
  return {
    path: "s3://b/t/x.parquet",
    content,
    format: content === FILE_CONTENT.data ? "PARQUET" : "",
    sizeBytes: 1939n,
    partitionDataJson: '{"partitionValues":[]}',
    partitionSpecId: 0,
    equalityFieldIds: [],
    sequenceNumber: undefined,
    metrics: { source: "metadata", metrics: { rowCount: 60n, columns: new Map() } },
    readable: true,
  };
}

const NO_EXTRAS = { widths: new Map<string, bigint>(), ndv: new Map() };

describe("FILE record (05 §9, 07 §8.3, §8.4)", () => {
  test("07 T44: an included column without metrics has an entry with the file's row count and nothing else", () => {
    const stats = buildFileStats(
      file(),
      { rowCount: 100n, columns: new Map() },
      [column(7n, "a")],
      NO_EXTRAS,
      "chunked",
    );
    expect(stats.columns).toEqual([
      {
        columnId: 7n,
        scalar: {
          displayName: "a",
          logicalType: "INT",
          rowCount: 100n,
          nullCount: undefined,
          nanCount: undefined,
          ndv: undefined,
          min: undefined,
          max: undefined,
          avgWidthBytes: undefined,
          properties: {},
        },
      },
    ]);
  });

  test("05 T26, 07 T43: a column without an id is left out, the others are kept, ascending by id", () => {
    const stats = buildFileStats(
      file(),
      { rowCount: 1n, columns: new Map() },
      [column(9n, "c"), column(0n, "none"), column(-1n, "worse"), column(3n, "a")],
      NO_EXTRAS,
      "chunked",
    );
    expect(stats.columns.map((entry) => entry.columnId)).toEqual([3n, 9n]);
  });

  test("07 §8.4: a column that was not asked for appears if the file has a metric for it", () => {
    const metrics = {
      rowCount: 5n,
      columns: new Map([[2n, { rowCount: 4n, nullCount: 0n, min: "", max: "z" }]]),
    };
    const stats = buildFileStats(
      file(),
      metrics,
      [column(1n, "a", false), column(2n, "b", false)],
      NO_EXTRAS,
      "chunked",
    );
    expect(stats.columns.map((entry) => entry.columnId)).toEqual([2n]);
    expect(stats.columns[0]?.scalar).toMatchObject({ rowCount: 4n, nullCount: 0n, min: "", max: "z" });
  });

  test("05 T31, 07 fact 9: width and distinct values are in chunked records only, found by the name in the file", () => {
    const extras = { widths: new Map([["physical-a", 5n]]), ndv: new Map() };
    const columns = [column(1n, "a")];
    const metrics = { rowCount: 5n, columns: new Map() };
    expect(buildFileStats(file(), metrics, columns, extras, "chunked").columns[0]?.scalar.avgWidthBytes).toBe(
      5n,
    );
    expect(
      buildFileStats(file(), metrics, columns, extras, "inline").columns[0]?.scalar.avgWidthBytes,
    ).toBeUndefined();
  });

  test("05 §10, 04 §15: delete files have no columns", () => {
    const stats = buildFileStats(
      file(FILE_CONTENT.positionDeletes),
      { rowCount: 14n, columns: new Map() },
      [column(1n, "a")],
      NO_EXTRAS,
      "chunked",
    );
    expect(stats).toMatchObject({ columns: [], fileContent: 2, fileFormat: "", rowCount: 14n });
  });

  test("07 §8.1, §8.2: the envelope copies the table id and says source-native, complete, async", () => {
    const tableId = { accountId: "acct", id: "t", kind: 4 };
    const stats = buildFileStats(file(), { rowCount: 1n, columns: new Map() }, [], NO_EXTRAS, "inline");
    expect(fileRecord({ tableId, snapshotId: 3n }, stats)).toEqual({
      tableId,
      snapshotId: 3n,
      target: { kind: "file", filePath: "s3://b/t/x.parquet" },
      metadata: { producer: 1, completeness: 1, captureMode: 2 },
      value: { kind: "file", file: stats },
    });
  });

  test("05 T21: columns without metrics have entries beside the one that has some", () => {
    const columns = [column(1n, "int"), column(2n, "date"), column(3n, "timestamp")];
    const metrics = { rowCount: 100n, columns: new Map([[1n, { nullCount: 2n, min: "1", max: "9" }]]) };
    const stats = buildFileStats(file(), metrics, columns, NO_EXTRAS, "chunked");
    expect(stats.columns.map(({ scalar }) => [scalar.rowCount, scalar.nullCount, scalar.min])).toEqual([
      [100n, 2n, "1"],
      [100n, undefined, undefined],
      [100n, undefined, undefined],
    ]);
  });

  test("05 T22, 07 T74: a container has no bounds, and an NDV total of 0 becomes the file's row count", () => {
    const columns: SnapshotColumn[] = [
      { ...column(1n, "list"), logicalType: "ARRAY" },
      { ...column(2n, "untyped"), logicalType: "" },
    ];
    const bounds = { min: "x", max: "y" };
    const known = new Map([
      [1n, bounds],
      [2n, bounds],
    ]);
    const approx = { estimate: 3, rowsSeen: 10n, rowsTotal: 0n, method: "theta", properties: {} };
    const ndv = new Map([["physical-list", { approx, sketches: [] }]]);
    const build = (rowCount: bigint) =>
      buildFileStats(
        file(),
        { rowCount, columns: known },
        columns,
        { widths: new Map(), ndv },
        "chunked",
      ).columns.map(({ scalar }) => scalar);
    for (const scalar of build(999n)) expect([scalar.min, scalar.max]).toEqual([undefined, undefined]);
    expect(build(999n)[0]?.ndv?.approx?.rowsTotal).toBe(999n);
    expect(build(0n)[0]?.ndv?.approx?.rowsTotal).toBeUndefined();
  });

  test("04 §12.1: figures of the table's metadata go to included columns by id, nested ones too, in chunked only", () => {
    const nested = { ...column(2n, "leaf"), topLevelName: undefined };
    const ndv = { approx: undefined, sketches: [] };
    const extras = { ...NO_EXTRAS, metadataNdv: new Map([2n, 3n].map((id) => [id, ndv])) };
    const metrics = { rowCount: 1n, columns: new Map([[3n, { nullCount: 0n }]]) };
    const columns = [nested, column(3n, "not-asked-for", false)];
    const ndvOf = (generation: "inline" | "chunked") =>
      buildFileStats(file(), metrics, columns, extras, generation).columns.map((entry) => entry.scalar.ndv);
    expect(ndvOf("chunked")).toEqual([ndv, undefined]);
    expect(ndvOf("inline")).toEqual([undefined, undefined]);
  });
});
