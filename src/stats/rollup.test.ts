import { describe, expect, it } from "vitest";
import {
  BOTH,
  column,
  file,
  files,
  ndvOf,
  partial,
  payload,
  rollUpColumn,
  tableId,
  textSketch,
} from "../../test/support/stats-records.ts";
import { CAPTURED_METADATA, FILE_CONTENT } from "../model/index.ts";
import { thetaPayload } from "./ndv-rollup.ts";
import { emptyTableRecord, rollupToPartials } from "./rollup.ts";
import { WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";

describe("07 §9.1: selection", () => {
  it("04 T63, 07 T65: a group with only delete files has no partials", () => {
    const deletes = [FILE_CONTENT.positionDeletes, FILE_CONTENT.equalityDeletes].map((content) =>
      file({ content, rows: 3n, columns: [[5n, column({ rowCount: 3n })]] }),
    );
    expect(rollupToPartials(deletes, BOTH)).toEqual([]);
    expect(rollupToPartials([], BOTH)).toEqual([]);
  });
  it("07 T75: kinds that were not asked for are not made", () => {
    const records = files({ rowCount: 1n });
    const kinds = (table: boolean, columns: boolean) =>
      rollupToPartials(records, { table, column: columns, capturedAtMs: 0n }).map(
        ({ target }) => target.kind,
      );
    expect(kinds(false, false)).toEqual([]);
    expect(kinds(true, false)).toEqual(["table"]);
    expect(kinds(false, true)).toEqual(["column"]);
  });
  it("unspecified content counts as data, records without a file value do not count", () => {
    const records = [partial({ rowCount: 100n }), file({ content: FILE_CONTENT.unspecified, rows: 4n })];
    expect(rollupToPartials(records, BOTH)[0]?.value).toMatchObject({
      table: { rowCount: 4n, dataFileCount: 1n },
    });
  });
  it("negative counts and sizes count as 0; a path twice counts twice", () => {
    const negative = file({
      rows: -5n,
      size: -1n,
      columns: [[5n, column({ rowCount: -5n, nullCount: -2n })]],
    });
    const twice = file({ rows: 2n, size: 10n, columns: [[5n, column({ rowCount: 2n, nullCount: 1n })]] });
    const [table, scalar] = rollupToPartials([negative, twice, twice], BOTH);
    expect(table?.value).toEqual({
      kind: "table",
      table: { rowCount: 4n, dataFileCount: 3n, totalSizeBytes: 20n },
    });
    expect(scalar?.value).toMatchObject({ scalar: { rowCount: 4n, nullCount: 2n } });
  });
  it("a column without an id is left out", () => {
    const record = file({
      columns: [
        [0n, column()],
        [-3n, column()],
      ],
    });
    expect(rollupToPartials([record], BOTH).map(({ target }) => target.kind)).toEqual(["table"]);
  });
});

describe("07 §9.2: TABLE", () => {
  it("07 T66: one empty data file", () => {
    expect(rollupToPartials([file({})], BOTH)).toEqual([
      {
        tableId,
        snapshotId: 9n,
        target: { kind: "table" },
        metadata: CAPTURED_METADATA,
        value: { kind: "table", table: { rowCount: 0n, dataFileCount: 1n, totalSizeBytes: 0n } },
      },
    ]);
  });
  it("takes the metadata of the first data record, also if that has none", () => {
    const deletes = file({ content: FILE_CONTENT.positionDeletes });
    const records = [deletes, file({ metadata: undefined }), file({})];
    expect(rollupToPartials(records, BOTH)[0]?.metadata).toBeUndefined();
  });
  it("07 §10: an empty plan has a zero TABLE record without metadata", () => {
    expect(emptyTableRecord({ tableId, snapshotId: 9n })).toMatchObject({
      metadata: undefined,
      value: { table: { rowCount: 0n, dataFileCount: 0n, totalSizeBytes: 0n } },
    });
  });
});

describe("07 §9.3: COLUMN", () => {
  it("07 T55: two files, type text LONG, with sketches of both kinds", () => {
    const entry = { logicalType: "LONG", min: "1", max: "100", avgWidthBytes: 8n };
    const rolledUp = rollUpColumn(
      {
        ...entry,
        rowCount: 50n,
        nullCount: 5n,
        ndv: ndvOf(textSketch("a")),
        sketches: [payload("tdigest")],
      },
      {
        ...entry,
        rowCount: 70n,
        nullCount: 7n,
        ndv: ndvOf(textSketch("b")),
        sketches: [payload("frequent-items")],
      },
    );
    expect(rolledUp).toEqual(
      column({
        logicalType: "LONG",
        rowCount: 120n,
        nullCount: 12n,
        min: "1",
        max: "100",
        avgWidthBytes: 8n,
        properties: { [WIDTH_WEIGHT_PROPERTY]: "120" },
        ndv: {
          approx: {
            estimate: 2,
            rowsSeen: undefined,
            rowsTotal: undefined,
            method: "apache-datasketches-theta",
            properties: {},
          },
          sketches: [thetaPayload(textSketch("a", "b"), 77n)],
        },
      }),
    );
    expect(rolledUp.sketches).toBeUndefined();
  });
  it("07 T60: one contributor keeps its other sketches, in order", () => {
    const sketches = [payload("tdigest"), payload("frequent-items")];
    expect(rollUpColumn({ sketches }).sketches).toBe(sketches);
  });
  it("07 T67: widths without rows, or rows without width, don't count", () => {
    const rolledUp = rollUpColumn(
      { avgWidthBytes: 7n, rowCount: 0n },
      { avgWidthBytes: 0n, rowCount: 10n },
      { avgWidthBytes: 9n, rowCount: 10n },
    );
    expect(rolledUp.avgWidthBytes).toBe(9n);
    expect(rolledUp.properties).toEqual({ [WIDTH_WEIGHT_PROPERTY]: "10" });
  });
  it("no width, no property: those of the files are dropped", () => {
    const rolledUp = rollUpColumn({ rowCount: 3n, properties: { x: "y" } });
    expect(rolledUp.avgWidthBytes).toBeUndefined();
    expect(rolledUp.properties).toEqual({});
  });
  it("07 T69: a file without bounds or null count does not void the others", () => {
    const rolledUp = rollUpColumn({ min: "3", nullCount: 2n, rowCount: 10n }, { rowCount: 5n });
    expect(rolledUp).toMatchObject({ min: "3", max: undefined, nullCount: 2n, rowCount: 15n });
  });
  it("07 T70: a type that can't be read fails the group, also without bounds", () => {
    expect(() => rollUpColumn({ logicalType: "FOO" })).toThrow('Unrecognized logical type: "FOO"');
  });
  it("07 T76: BINARY bounds merge (deviation 07 §4.4)", () => {
    const entry = { logicalType: "BINARY" };
    const rolledUp = rollUpColumn(
      { ...entry, min: "AQ==", max: "Ag==" },
      { ...entry, min: "AA==", max: "AQ==" },
    );
    expect(rolledUp).toMatchObject({ min: "AA==", max: "Ag==" });
  });
  it("name and type are the first that aren't blank; NaN counts sum like null counts", () => {
    const rolledUp = rollUpColumn(
      { displayName: " ", logicalType: "", nanCount: 0n },
      { displayName: "b", logicalType: "DOUBLE", nanCount: 2n },
      { displayName: "c", logicalType: "INT" },
    );
    expect(rolledUp).toMatchObject({
      displayName: "b",
      logicalType: "DOUBLE",
      nanCount: 2n,
      nullCount: undefined,
    });
  });
  it("bounds of unknown type keep the first; once a type is seen they compare", () => {
    expect(rollUpColumn({ logicalType: "", min: "10" }, { logicalType: "", min: "9" }).min).toBe("10");
    expect(rollUpColumn({ logicalType: "", min: "10" }, { min: "9" }).min).toBe("9");
  });
  it("a present empty bound is as none (07 §4.2 QUIRK)", () => {
    const entry = { logicalType: "STRING" };
    expect(rollUpColumn({ ...entry, min: "" }, { ...entry, min: "b" }).min).toBe("b");
    expect(rollUpColumn({ ...entry, min: "" }).min).toBeUndefined();
  });
  it("columns come in first-seen order, with the first metadata there is", () => {
    const first = file({
      metadata: undefined,
      columns: [
        [9n, column()],
        [5n, column()],
      ],
    });
    const second = file({
      columns: [
        [7n, column()],
        [9n, column()],
      ],
    });
    const columns = rollupToPartials([first, second], { ...BOTH, table: false });
    expect(columns.map(({ target }) => (target.kind === "column" ? target.columnId : 0n))).toEqual([
      9n,
      5n,
      7n,
    ]);
    expect(columns.map(({ metadata }) => metadata)).toEqual([
      CAPTURED_METADATA,
      undefined,
      CAPTURED_METADATA,
    ]);
  });
});
