import { describe, expect, it } from "vitest";
import {
  CAPTURED_METADATA,
  type ColumnStats,
  FILE_CONTENT,
  type FileContent,
  type Ndv,
  type NdvSketch,
  type SketchPayload,
  type StatsRecord,
} from "../model/index.ts";
import {
  addInt64,
  addText,
  EMPTY_THETA,
  serialiseTheta,
  ThetaBuilder,
  type ThetaSketch,
} from "../sketch/index.ts";
import { scannedNdv, thetaPayload } from "./ndv-rollup.ts";
import { emptyTableRecord, mergePartials, rollupInline, rollupToPartials } from "./rollup.ts";
import { WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";

const tableId = { accountId: "acct", id: "t", kind: 4 };
const BOTH = { table: true, column: true, capturedAtMs: 77n };

const textSketch = (...texts: string[]) =>
  build((builder) => texts.forEach((text) => void addText(builder, text)));
const longSketch = (...longs: bigint[]) =>
  build((builder) => longs.forEach((long) => void addInt64(builder, long)));

function build(feed: (builder: ThetaBuilder) => void, k?: number): ThetaSketch {
  const builder = new ThetaBuilder(k);
  feed(builder);
  return builder.result();
}

function column(stats: Partial<ColumnStats> = {}): ColumnStats {
  return {
    displayName: "qty",
    logicalType: "INT",
    rowCount: 0n,
    nullCount: undefined,
    nanCount: undefined,
    ndv: undefined,
    min: undefined,
    max: undefined,
    avgWidthBytes: undefined,
    properties: {},
    ...stats,
  };
}

interface FileSpec {
  readonly rows?: bigint;
  readonly size?: bigint;
  readonly content?: FileContent;
  readonly columns?: readonly (readonly [bigint, ColumnStats])[];
  readonly metadata?: StatsRecord["metadata"];
}

let nextFile = 0;
function file(spec: FileSpec): StatsRecord {
  const filePath = `s3://b/f${nextFile++}.parquet`;
  return {
    tableId,
    snapshotId: 9n,
    target: { kind: "file", filePath },
    metadata: "metadata" in spec ? spec.metadata : CAPTURED_METADATA,
    value: {
      kind: "file",
      file: {
        filePath,
        fileFormat: "PARQUET",
        rowCount: spec.rows ?? 0n,
        sizeBytes: spec.size ?? 0n,
        columns: (spec.columns ?? []).map(([columnId, scalar]) => ({ columnId, scalar })),
        fileContent: spec.content ?? FILE_CONTENT.data,
        partitionDataJson: "",
        partitionSpecId: 0,
        equalityFieldIds: [],
        sequenceNumber: undefined,
      },
    },
  };
}

/** FILE records with one entry each for column 5. */
const files = (...entries: Partial<ColumnStats>[]) =>
  entries.map((entry) => file({ columns: [[5n, column(entry)]] }));

const partial = (stats: Partial<ColumnStats>, columnId = 5n): StatsRecord => ({
  tableId,
  snapshotId: 9n,
  target: { kind: "column", columnId },
  metadata: CAPTURED_METADATA,
  value: { kind: "scalar", scalar: column(stats) },
});

function onlyColumn(records: readonly StatsRecord[]): ColumnStats {
  const scalars = records.flatMap(({ value }) => (value.kind === "scalar" ? [value.scalar] : []));
  expect(scalars).toHaveLength(1);
  return scalars[0] ?? column();
}

const rollUpColumn = (...entries: Partial<ColumnStats>[]) =>
  onlyColumn(rollupToPartials(files(...entries), BOTH));
const rollUpColumnInline = (...entries: Partial<ColumnStats>[]) =>
  onlyColumn(rollupInline(files(...entries), BOTH));

const approx = (estimate: number, seen?: bigint, total?: bigint) => ({
  estimate,
  rowsSeen: seen,
  rowsTotal: total,
  method: "test",
  properties: {},
});
const sketchOfType = (sketchType: string, data: Uint8Array = Uint8Array.of(1, 2, 3)): NdvSketch => ({
  ...thetaPayload(EMPTY_THETA, 1n),
  sketchType,
  data,
});
const opaque = (...types: string[]): Ndv["sketches"] => types.map((type) => sketchOfType(type));
const ndvOf = (sketch: ThetaSketch, seen = 0n, total = 0n) => scannedNdv(sketch, { seen, total }, 5n);
const payload = (sketchType: string): SketchPayload => ({
  role: 4,
  sketchType,
  data: Uint8Array.of(9),
  params: {},
  capturedAtMs: 3n,
  completeness: 1,
});

describe("07 §9.1: selection", () => {
  it("07 T65: a group with only delete files has no partials", () => {
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

describe("07 §9.4: NDV", () => {
  it("07 T51: rows_total falls back to the file's rows, unset if there are none", () => {
    expect(scannedNdv(EMPTY_THETA, { seen: 0n, total: 999n }, 1n).approx).toMatchObject({
      estimate: 0,
      rowsSeen: 0n,
      rowsTotal: 999n,
    });
    expect(scannedNdv(EMPTY_THETA, { seen: 0n, total: 0n }, 1n).approx?.rowsTotal).toBeUndefined();
  });
  it("07 T56: only opaque sketches with estimates give the largest", () => {
    const rolledUp = rollUpColumn(
      { ndv: { approx: approx(50), sketches: opaque("hll") } },
      { ndv: { approx: approx(50), sketches: opaque("tuple") } },
    );
    expect(rolledUp.ndv).toEqual({
      approx: {
        estimate: 50,
        rowsSeen: undefined,
        rowsTotal: undefined,
        method: "rollup-max",
        properties: {},
      },
      sketches: [],
    });
  });
  it("07 T57: opaque sketches without estimates give nothing", () => {
    const entry = (type: string) => ({ ndv: { approx: undefined, sketches: opaque(type) } });
    expect(rollUpColumn(entry("hll"), entry("tuple"), entry("cpc")).ndv).toBeUndefined();
    expect(rollUpColumn({ ndv: { approx: approx(0), sketches: [] } }, {}).ndv).toBeUndefined();
  });
  it("an exact count takes part, also zero", () => {
    const exact = (count: bigint) => ({ ndv: { approx: undefined, exact: count, sketches: [] } });
    expect(rollUpColumn(exact(0n), {}).ndv?.approx?.estimate).toBe(0);
    expect(rollUpColumn(exact(7n), { ndv: { approx: approx(3), sketches: [] } }).ndv?.approx?.estimate).toBe(
      7,
    );
  });
  it("07 T48, T58: rows seen and total sum", () => {
    const rolledUp = rollUpColumn(
      { ndv: ndvOf(textSketch("a"), 50n, 100n) },
      { ndv: ndvOf(textSketch("b"), 70n, 100n) },
    );
    expect(rolledUp.ndv?.approx).toMatchObject({ rowsSeen: 120n, rowsTotal: 200n });
    const small = rollUpColumn(
      { ndv: ndvOf(textSketch("a"), 10n, 100n) },
      { ndv: ndvOf(textSketch("a"), 20n, 200n) },
    );
    expect(small.ndv?.approx).toMatchObject({ estimate: 1, rowsSeen: 30n, rowsTotal: 300n });
  });
  it("07 T59: one contributor keeps its Ndv as it is", () => {
    const ndv: Ndv = {
      approx: approx(50),
      sketches: [sketchOfType("theta", serialiseTheta(textSketch("a"))), ...opaque("tuple")],
    };
    expect(rollUpColumn({ ndv }).ndv).toBe(ndv);
  });
  it("07 T71: an estimate without a sketch doesn't count beside a sketch (QUIRK)", () => {
    const rolledUp = rollUpColumn(
      { ndv: ndvOf(longSketch(1n, 2n), 10n) },
      { ndv: { approx: approx(1000, 90n), sketches: [] } },
    );
    expect(rolledUp.ndv?.approx).toMatchObject({ estimate: 2, rowsSeen: 100n });
  });
  it("an empty sketch counts, a sketch without bytes does not", () => {
    const bytes = (data: Uint8Array) => ({
      ndv: { approx: undefined, sketches: [sketchOfType("x-THETA-y", data)] },
    });
    expect(rollUpColumn(bytes(serialiseTheta(EMPTY_THETA)), {}).ndv?.approx?.estimate).toBe(0);
    expect(rollUpColumn(bytes(new Uint8Array(0)), {}).ndv).toBeUndefined();
  });
  it("a sketch with larger k is cut to 4096 as soon as there is a second contributor", () => {
    const large = build((builder) => {
      for (let i = 0; i < 5000; i++) builder.addLong(i, 0);
    }, 8192);
    const rolledUp = rollUpColumn({ ndv: ndvOf(large) }, {});
    expect(rolledUp.ndv?.sketches[0]?.data).toHaveLength(32792);
  });
  it("a malformed theta sketch fails the group and names the column", () => {
    const entry = { ndv: { approx: undefined, sketches: [sketchOfType("theta")] } };
    expect(() => rollUpColumn(entry, {})).toThrow("NDV sketches of column 5");
    expect(rollUpColumn(entry).ndv).toBe(entry.ndv);
  });
  it("does not depend on the order of files", () => {
    const entries = [longSketch(1n, 2n), longSketch(2n, 3n), longSketch(9n)].map((sketch) => ({
      ndv: ndvOf(sketch),
    }));
    expect(rollUpColumn(...entries).ndv).toEqual(rollUpColumn(...entries.toReversed()).ndv);
  });
});

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

describe("07 §9.5: the inline server's roll-up", () => {
  it("rebuilds NDV from theta sketches even for one contributor, without row counts", () => {
    const rolledUp = rollUpColumnInline({ ndv: ndvOf(longSketch(1n, 2n), 10n, 10n) });
    expect(rolledUp.ndv).toEqual({
      approx: {
        estimate: 2,
        rowsSeen: undefined,
        rowsTotal: undefined,
        method: "apache-datasketches-theta",
        properties: {},
      },
      sketches: [thetaPayload(longSketch(1n, 2n), 77n)],
    });
  });
  it("knows a theta sketch by both words", () => {
    const ndv = { approx: approx(5), sketches: [sketchOfType("theta", serialiseTheta(textSketch("a")))] };
    expect(rollUpColumnInline({ ndv }).ndv).toBe(ndv);
    expect(rollUpColumnInline({ ndv }, {}).ndv).toBeUndefined();
  });
  it("has no largest estimate, no width, no sketches, no properties", () => {
    const entry = {
      rowCount: 10n,
      avgWidthBytes: 8n,
      ndv: { approx: approx(50), sketches: [] },
      sketches: [payload("x")],
    };
    const rolledUp = rollUpColumnInline(entry, entry);
    expect(rolledUp).toEqual(column({ rowCount: 20n }));
  });
  it("07 T70: an unreadable or blank type is an error only when two usable bounds meet", () => {
    const foo = { logicalType: "FOO", min: "1" };
    expect(rollUpColumnInline(foo, { logicalType: "FOO", min: " " }).min).toBe("1");
    expect(() => rollUpColumnInline(foo, foo)).toThrow('Unrecognized logical type: "FOO"');
    const blank = { logicalType: "", max: "1" };
    expect(() => rollUpColumnInline(blank, blank)).toThrow("Logical type must not be null/blank");
  });
  it("merges bounds by type", () => {
    expect(rollUpColumnInline({ min: "10", max: "10" }, { min: "9", max: "9" })).toMatchObject({
      min: "9",
      max: "10",
    });
  });
});
