import { toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CAPTURED_METADATA,
  type ColumnStats,
  type FileColumnStats,
  type StatsRecord,
} from "../../model/index.ts";
import { TargetStatsRecordSchema as ChunkedSchema } from "../chunked/gen/floecat/catalog/stats_pb.ts";
import { statsMessage as chunkedMessage, chunkedRecordCodec } from "../chunked/records.ts";
import { TargetStatsRecordSchema as InlineSchema } from "../inline/gen/floecat/catalog/stats_pb.ts";
import { statsMessage as inlineMessage, inlineRecordCodec } from "../inline/records.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const count = fc.oneof(fc.constant(0n), fc.constant(undefined), int64);
const text = fc.oneof(fc.constant(""), fc.string({ unit: "grapheme" }));

const columnStats: fc.Arbitrary<ColumnStats> = fc.record({
  displayName: text,
  logicalType: text,
  rowCount: fc.oneof(fc.constant(0n), int64),
  nullCount: count,
  nanCount: count,
  ndv: fc.option(
    fc.constant({
      approx: { estimate: 2.5, rowsSeen: 3n, rowsTotal: 3n, method: "m", properties: {} },
      sketches: [
        {
          sketchType: "t",
          data: Uint8Array.of(1, 2, 3),
          encoding: "e",
          compression: "none",
          version: 1,
          capturedAtMs: 5n,
        },
      ],
    }),
    { nil: undefined, freq: 4 },
  ),
  min: fc.option(text, { nil: undefined }),
  max: fc.option(text, { nil: undefined }),
  avgWidthBytes: count,
  properties: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, fc.constant({ note: "x" })),
});

const columns: fc.Arbitrary<readonly FileColumnStats[]> = fc.array(
  fc.record({ columnId: fc.oneof(fc.constant(0n), int64), scalar: columnStats }),
  { maxLength: 6 },
);

function fileRecord(ofFile: readonly FileColumnStats[]): StatsRecord {
  const filePath = "s3://b/f.parquet";
  return {
    tableId: { accountId: "acct", id: "table-1", kind: 4 },
    snapshotId: 55n,
    target: { kind: "file", filePath },
    metadata: CAPTURED_METADATA,
    value: {
      kind: "file",
      file: {
        filePath,
        fileFormat: "PARQUET",
        rowCount: 3n,
        sizeBytes: 1024n,
        columns: ofFile,
        fileContent: 1,
        partitionDataJson: "",
        partitionSpecId: 0,
        equalityFieldIds: [],
        sequenceNumber: 7n,
      },
    },
  };
}

describe("01 §13 hazard 15: JSON of FILE records is what the protobuf runtime writes of the message, to the byte", () => {
  test("chunked", () => {
    fc.assert(
      fc.property(columns, (ofFile) => {
        const record = fileRecord(ofFile);
        const expected = JSON.stringify(toJson(ChunkedSchema, chunkedMessage(record)));
        expect(chunkedRecordCodec.statsToJson(record)).toBe(expected);
      }),
    );
  });

  test("inline", () => {
    fc.assert(
      fc.property(columns, (ofFile) => {
        const record = fileRecord(ofFile);
        const expected = JSON.stringify(toJson(InlineSchema, inlineMessage(record)));
        expect(inlineRecordCodec.statsToJson(record)).toBe(expected);
      }),
    );
  });
});
