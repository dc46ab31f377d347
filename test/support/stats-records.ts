import { expect } from "vitest";
import {
  CAPTURED_METADATA,
  type ColumnStats,
  FILE_CONTENT,
  type FileContent,
  type Ndv,
  type NdvSketch,
  type SketchPayload,
  type StatsRecord,
} from "../../src/model/index.ts";
import { addInt64, addText, EMPTY_THETA, ThetaBuilder, type ThetaSketch } from "../../src/sketch/index.ts";
import { rollupInline, rollupToPartials, scannedNdv, thetaPayload } from "../../src/stats/index.ts";

/** Statistics records, with what a test of a roll-up cares about and defaults for the rest. */

export const tableId = { accountId: "acct", id: "t", kind: 4 };
export const BOTH = { table: true, column: true, capturedAtMs: 77n };

export const textSketch = (...texts: string[]) =>
  build((builder) => texts.forEach((text) => void addText(builder, text)));
export const longSketch = (...longs: bigint[]) =>
  build((builder) => longs.forEach((long) => void addInt64(builder, long)));

export function build(feed: (builder: ThetaBuilder) => void, k?: number): ThetaSketch {
  const builder = new ThetaBuilder(k);
  feed(builder);
  return builder.result();
}

export function column(stats: Partial<ColumnStats> = {}): ColumnStats {
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
export function file(spec: FileSpec): StatsRecord {
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
export const files = (...entries: Partial<ColumnStats>[]) =>
  entries.map((entry) => file({ columns: [[5n, column(entry)]] }));

export const partial = (stats: Partial<ColumnStats>, columnId = 5n): StatsRecord => ({
  tableId,
  snapshotId: 9n,
  target: { kind: "column", columnId },
  metadata: CAPTURED_METADATA,
  value: { kind: "scalar", scalar: column(stats) },
});

export function onlyColumn(records: readonly StatsRecord[]): ColumnStats {
  const scalars = records.flatMap(({ value }) => (value.kind === "scalar" ? [value.scalar] : []));
  expect(scalars).toHaveLength(1);
  return scalars[0] ?? column();
}

export const rollUpColumn = (...entries: Partial<ColumnStats>[]) =>
  onlyColumn(rollupToPartials(files(...entries), BOTH));
export const rollUpColumnInline = (...entries: Partial<ColumnStats>[]) =>
  onlyColumn(rollupInline(files(...entries), BOTH));

export const approx = (estimate: number, seen?: bigint, total?: bigint) => ({
  estimate,
  rowsSeen: seen,
  rowsTotal: total,
  method: "test",
  properties: {},
});
export const sketchOfType = (sketchType: string, data: Uint8Array = Uint8Array.of(1, 2, 3)): NdvSketch => ({
  ...thetaPayload(EMPTY_THETA, 1n),
  sketchType,
  data,
});
export const opaque = (...types: string[]): Ndv["sketches"] => types.map((type) => sketchOfType(type));
export const ndvOf = (sketch: ThetaSketch, seen = 0n, total = 0n) => scannedNdv(sketch, { seen, total }, 5n);
export const payload = (sketchType: string): SketchPayload => ({
  role: 4,
  sketchType,
  data: Uint8Array.of(9),
  params: {},
  capturedAtMs: 3n,
  completeness: 1,
});
