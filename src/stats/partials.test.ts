import { describe, expect, it } from "vitest";
import {
  BOTH,
  column,
  file,
  files,
  longSketch,
  ndvOf,
  onlyColumn,
  partial,
  payload,
  tableId,
  textSketch,
} from "../../test/support/stats-records.ts";
import { FILE_CONTENT, type StatsRecord } from "../model/index.ts";
import { emptyTableRecord, mergePartials, rollupToPartials } from "./rollup.ts";
import { WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";

describe("07 §9.6: worked example (07 T64)", () => {
  const records = [
    file({
      rows: 100n,
      size: 1000n,
      columns: [
        [
          5n,
          column({
            rowCount: 100n,
            nullCount: 4n,
            min: "-3",
            max: "9",
            avgWidthBytes: 5n,
            ndv: ndvOf(longSketch(1n, 2n), 100n, 100n),
          }),
        ],
      ],
    }),
    file({
      rows: 50n,
      size: 700n,
      columns: [
        [
          5n,
          column({
            rowCount: 50n,
            min: "10",
            max: "7000",
            avgWidthBytes: 18n,
            ndv: ndvOf(longSketch(2n, 3n), 50n, 50n),
          }),
        ],
      ],
    }),
    file({ rows: 3n, size: 90n, content: FILE_CONTENT.positionDeletes }),
  ];

  it("gives the table and column of the contract", () => {
    const [table, scalar] = rollupToPartials(records, BOTH);
    expect(table?.value).toEqual({
      kind: "table",
      table: { rowCount: 150n, dataFileCount: 2n, totalSizeBytes: 1700n },
    });
    const stats = onlyColumn(scalar === undefined ? [] : [scalar]);
    expect(stats).toMatchObject({
      rowCount: 150n,
      nullCount: 4n,
      min: "-3",
      max: "7000",
      avgWidthBytes: 10n,
      properties: { [WIDTH_WEIGHT_PROPERTY]: "150" },
    });
    expect(stats.ndv?.approx).toEqual({
      estimate: 3,
      method: "apache-datasketches-theta",
      rowsSeen: 150n,
      rowsTotal: 150n,
      properties: {},
    });
    expect(Buffer.from(stats.ndv?.sketches[0]?.data ?? []).toString("hex")).toBe(
      "02030300001acc93030000000000803f15f97dcbbd86a105c397fc1281709d1eba40b3c1da06695d",
    );
  });

  it("a second group merges to width 10 over 270 rows", () => {
    const second = partial({
      avgWidthBytes: 8n,
      rowCount: 120n,
      properties: { [WIDTH_WEIGHT_PROPERTY]: "120" },
    });
    const merged = mergePartials([...rollupToPartials(records, BOTH), second], BOTH);
    expect(merged[0]?.value).toMatchObject({ table: { rowCount: 150n, dataFileCount: 2n } });
    expect(onlyColumn(merged)).toMatchObject({
      rowCount: 270n,
      avgWidthBytes: 10n,
      properties: { [WIDTH_WEIGHT_PROPERTY]: "270" },
    });
  });
});

describe("07 §10: merging partials", () => {
  it("sums TABLE partials, counts included", () => {
    const group = (rows: bigint, count: bigint): StatsRecord => ({
      ...emptyTableRecord({ tableId, snapshotId: 9n }),
      value: { kind: "table", table: { rowCount: rows, dataFileCount: count, totalSizeBytes: 5n } },
    });
    expect(mergePartials([group(10n, 2n), group(5n, 1n)], BOTH)).toEqual([
      {
        tableId,
        snapshotId: 9n,
        target: { kind: "table" },
        metadata: undefined,
        value: { kind: "table", table: { rowCount: 15n, dataFileCount: 3n, totalSizeBytes: 10n } },
      },
    ]);
  });
  it("07 T61: other sketches survive one partial, not two", () => {
    const sketches = [payload("tdigest")];
    expect(onlyColumn(mergePartials([partial({ sketches })], BOTH)).sketches).toBe(sketches);
    expect(onlyColumn(mergePartials([partial({ sketches }), partial({})], BOTH)).sketches).toBeUndefined();
  });
  it("07 T63: one file through partial and merge stays as it was", () => {
    const sketches = [payload("tdigest")];
    const partials = rollupToPartials(
      files({ rowCount: 120n, avgWidthBytes: 8n, logicalType: "BIGINT", sketches }),
      BOTH,
    );
    const merged = mergePartials(partials, BOTH);
    expect(merged).toEqual(partials);
    expect(onlyColumn(merged)).toMatchObject({ rowCount: 120n, avgWidthBytes: 8n, sketches });
  });
  it.each([
    ["abc", undefined, {}],
    ["-5", undefined, {}],
    ["", 8n, { [WIDTH_WEIGHT_PROPERTY]: "10" }],
    [undefined, 8n, { [WIDTH_WEIGHT_PROPERTY]: "10" }],
  ])("07 T68: weight property %j", (weight, width, properties) => {
    const given: Record<string, string> = weight === undefined ? {} : { [WIDTH_WEIGHT_PROPERTY]: weight };
    const merged = mergePartials([partial({ avgWidthBytes: 8n, rowCount: 10n, properties: given })], BOTH);
    expect(onlyColumn(merged)).toMatchObject({ avgWidthBytes: width, properties });
  });
  it("records of files and columns without an id are ignored", () => {
    expect(mergePartials([partial({}, 0n), ...files({})], BOTH)).toEqual([]);
  });
  it("normalising a group's partials first changes nothing but the sketch time", () => {
    const group = rollupToPartials(
      files({ rowCount: 2n, ndv: ndvOf(textSketch("a")) }, { rowCount: 3n, ndv: ndvOf(textSketch("b")) }),
      BOTH,
    );
    expect(mergePartials(group, { ...BOTH, capturedAtMs: 99n })).toEqual(group);
  });
});
