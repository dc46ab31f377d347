import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it, test } from "vitest";
import {
  ScalarStatsSchema,
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import { ResourceIdSchema } from "../../protocol/chunked/gen/floecat/common/common_pb.ts";
import { canonicalFileRecord, contentImage } from "./canonical.ts";

type Init = MessageInitShape<typeof TargetStatsRecordSchema>;
type ScalarInit = MessageInitShape<typeof ScalarStatsSchema>;

/** What content equality passes over: two readings of one clock, two orders of one map, two names. */
interface Variant {
  readonly timeMs: number;
  readonly properties: Record<string, string>;
  readonly displayName: string;
}

const ONE: Variant = { timeMs: 1, properties: { a: "1", b: "2" }, displayName: "qty" };
const OTHER: Variant = { timeMs: 2, properties: { b: "2", a: "1" }, displayName: "amount" };
const WITH_EXTRA: Variant = { ...ONE, properties: { ...ONE.properties, c: "3" } };

const upstream = ({ timeMs, properties }: Variant) => ({
  commitRef: "7",
  fetchedAt: timestampFromMs(timeMs),
  properties,
});

const sketch = ({ timeMs, properties }: Variant) => ({
  sketchType: "apache-datasketches-theta-v1",
  data: Uint8Array.of(1, 2),
  params: properties,
  capturedAtMs: BigInt(timeMs),
});

function scalar(variant: Variant) {
  return {
    displayName: variant.displayName,
    logicalType: "INT",
    rowCount: 3n,
    upstream: upstream(variant),
    ndv: {
      mode: { case: "approx" as const, value: { estimate: 2, properties: variant.properties } },
      sketches: [sketch(variant)],
    },
    sketches: [sketch(variant)],
    properties: variant.properties,
  };
}

function record(variant: Variant, own: Pick<Init, "target" | "value">): TargetStatsRecord {
  const { timeMs, properties } = variant;
  return create(TargetStatsRecordSchema, {
    tableId: { accountId: "acct", id: "t", kind: 4 },
    snapshotId: 7n,
    metadata: {
      producer: 1,
      capturedAt: timestampFromMs(timeMs),
      refreshedAt: timestampFromMs(timeMs + 1),
      coverage: { rowsScanned: 3n, properties },
      properties,
    },
    properties,
    ...own,
  });
}

/** A record of each type (01: TABLE, COLUMN, expression, composite, FILE). */
const TYPES: readonly (readonly [string, (variant: Variant) => TargetStatsRecord])[] = [
  [
    "TABLE",
    (variant) =>
      record(variant, {
        target: { target: { case: "table", value: {} } },
        value: {
          case: "table",
          value: { rowCount: 3n, upstream: upstream(variant), properties: variant.properties },
        },
      }),
  ],
  [
    "COLUMN",
    (variant) =>
      record(variant, {
        target: { target: { case: "column", value: { columnId: 5n } } },
        value: { case: "scalar", value: scalar(variant) },
      }),
  ],
  [
    "expression",
    (variant) =>
      record(variant, {
        target: {
          target: {
            case: "expression",
            value: {
              engineKind: "trino",
              engineExpressionKey: Uint8Array.of(9),
              properties: variant.properties,
            },
          },
        },
        value: { case: "scalar", value: scalar(variant) },
      }),
  ],
  [
    "composite",
    (variant) =>
      record(variant, {
        target: { target: { case: "composite", value: { columnIds: [1n, 2n] } } },
        value: { case: "scalar", value: scalar(variant) },
      }),
  ],
  [
    "FILE",
    (variant) =>
      record(variant, {
        target: { target: { case: "file", value: { filePath: "s3://b/x" } } },
        value: {
          case: "file",
          value: { filePath: "s3://b/x", rowCount: 3n, columns: [{ columnId: 5n, scalar: scalar(variant) }] },
        },
      }),
  ],
];

describe.each(TYPES)("07 T72, §8.8: hash image of a %s record", (_, of) => {
  it("is equal whatever the times, the order of maps and the display names are", () => {
    expect(contentImage(of(OTHER))).toBe(contentImage(of(ONE)));
    // Whether the order is that of the caller or that of the wire.
    const decoded = fromBinary(TargetStatsRecordSchema, toBinary(TargetStatsRecordSchema, of(OTHER)));
    expect(contentImage(decoded)).toBe(contentImage(of(ONE)));
  });

  it("is another one with an extra property", () => {
    expect(contentImage(of(WITH_EXTRA))).not.toBe(contentImage(of(ONE)));
  });

  it("leaves the record as it was", () => {
    const one = of(ONE);
    contentImage(one);
    expect(one).toEqual(of(ONE));
  });
});

test("07 §8.8: everything else counts", () => {
  const column = (value: ScalarInit) =>
    contentImage(
      record(ONE, {
        target: { target: { case: "column", value: { columnId: 5n } } },
        value: { case: "scalar", value },
      }),
    );
  const one = scalar(ONE);
  const ndvSketch = sketch(ONE);
  const images = [
    column(one),
    column({ ...one, min: "" }),
    column({ ...one, nullCount: 0n }),
    column({ ...one, avgWidthBytes: 1n }),
    column({ ...one, rowCount: 4n }),
    column({ ...one, logicalType: "DOUBLE" }),
    column({ ...one, sketches: [] }),
    column({ ...one, sketches: [{ ...ndvSketch, data: Uint8Array.of(1, 3) }] }),
    column({ ...one, sketches: [{ ...ndvSketch, role: 1 }] }),
    column({ ...one, ndv: { mode: { case: "exact", value: 2n }, sketches: [ndvSketch] } }),
    column({ ...one, upstream: { ...upstream(ONE), commitRef: "8" } }),
  ];
  expect(new Set(images).size).toBe(images.length);
});

describe("07 §8.8: canonical form of a FILE record", () => {
  const canonical = (init: Init) => canonicalFileRecord(create(TargetStatsRecordSchema, init));

  it("has the envelope's ids in the value, its path in the target, and no properties", () => {
    const tableId = create(ResourceIdSchema, { accountId: "acct", id: "t", kind: 4 });
    const stored = canonical({
      tableId,
      snapshotId: 7n,
      target: { target: { case: "file", value: { filePath: "other" } } },
      metadata: { producer: 1 },
      value: { case: "file", value: { filePath: " s3://b/x ", snapshotId: 1n } },
      properties: { a: "1" },
    });
    expect(stored).toMatchObject({
      tableId,
      snapshotId: 7n,
      target: { target: { case: "file", value: { filePath: "s3://b/x" } } },
      metadata: { producer: 1 },
      value: { case: "file", value: { tableId, snapshotId: 7n, filePath: " s3://b/x " } },
      properties: {},
    });
  });

  it("sorts equality ids, and columns by signed id, then by the base64 text of their bytes, an absent value first", () => {
    const named = (displayName: string) => create(ScalarStatsSchema, { displayName });
    const base64 = (displayName: string) =>
      Buffer.from(toBinary(ScalarStatsSchema, named(displayName))).toString("base64");
    const names = ["", "z", "yy", "x~", "xÿ"];
    const stored = canonical({
      value: {
        case: "file",
        value: {
          equalityFieldIds: [3, 1, 2],
          columns: [
            { columnId: 5n, scalar: named("b") },
            ...names.map((name) => ({ columnId: 9n, scalar: named(name) })),
            { columnId: 9n },
            { columnId: -1n, scalar: named("c") },
            { columnId: 5n, scalar: named("a") },
          ],
        },
      },
    });
    if (stored.value.case !== "file") throw new Error("not a FILE record");
    const { columns, equalityFieldIds } = stored.value.value;
    expect(equalityFieldIds).toEqual([1, 2, 3]);
    expect(columns.map(({ columnId }) => columnId)).toEqual([-1n, 5n, 5n, ...Array(6).fill(9n)]);
    const ofNine = columns.slice(3).map(({ scalar: value }) => value?.displayName);
    const inOrder = names.toSorted((a, b) => (base64(a) < base64(b) ? -1 : 1));
    expect(ofNine.filter((name) => name !== undefined && name !== "")).toEqual(
      inOrder.filter((name) => name !== ""),
    );
    expect(ofNine.slice(0, 2).filter((name) => name === undefined || name === "")).toHaveLength(2);
    expect(columns.slice(1, 3).map(({ scalar: value }) => value?.displayName)).toEqual(["a", "b"]);
  });
});
