import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CAPTURED_METADATA,
  type ColumnStats,
  type FileContent,
  type IndexArtifactRecord,
  type StatsRecord,
} from "../../model/index.ts";
import { DamagedRecordError } from "./codec.ts";
import { loadRecordCodec } from "./load-codec.ts";
import { timestampInit } from "./wire-values.ts";

const inline = await loadRecordCodec("inline");
const chunked = await loadRecordCodec("chunked");

const tableId = { accountId: "acct", id: "table-1", kind: 4 };

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function column(overrides: Partial<ColumnStats> = {}): ColumnStats {
  return {
    displayName: "id",
    logicalType: "INT",
    rowCount: 3n,
    nullCount: undefined,
    nanCount: undefined,
    ndv: undefined,
    min: undefined,
    max: undefined,
    avgWidthBytes: undefined,
    properties: {},
    ...overrides,
  };
}

function fileRecord(columns: readonly ColumnStats[] = []): StatsRecord {
  const filePath = "s3://b/f.parquet";
  return {
    tableId,
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
        columns: columns.map((scalar, index) => ({ columnId: BigInt(index + 1), scalar })),
        fileContent: 1,
        partitionDataJson: "",
        partitionSpecId: 0,
        equalityFieldIds: [],
        sequenceNumber: undefined,
      },
    },
  };
}

const thetaSketch = {
  sketchType: "apache-datasketches-theta-v1",
  data: Uint8Array.of(1, 2, 3),
  encoding: "raw",
  compression: "none",
  version: 1,
  capturedAtMs: 5n,
};

const withNdv = column({
  nullCount: 0n,
  min: "",
  max: "9",
  avgWidthBytes: 8n,
  ndv: {
    approx: {
      estimate: 0,
      rowsSeen: 3n,
      rowsTotal: 3n,
      method: "apache-datasketches-theta",
      properties: {},
    },
    sketches: [thetaSketch],
  },
});

const artifact: IndexArtifactRecord = {
  tableId,
  snapshotId: 55n,
  filePath: "s3://b/f.parquet",
  artifactUri: "/accounts/acct/tables/table-1/index-sidecars/x.parquet",
  contentSha256B64: "AAAA",
  createdAtMs: 1_700_000_000_123,
  coverage: {
    rowsIndexed: 3n,
    liveRowsIndexed: 3n,
    pagesIndexed: undefined,
    rowGroupsIndexed: undefined,
    bytesScanned: 1024n,
  },
  sourceFileFormat: "PARQUET",
  properties: { materialization: "page_index", source_file_content: "FC_DATA" },
};

describe.each([inline, chunked])("records, $generation", (codec) => {
  test("01 E17: a FILE record to bytes", () => {
    expect(hex(codec.statsToBytes(fileRecord()))).toBe(
      "0a110a046163637412077461626c652d31180410371a1422120a1073333a2f2f622f662e70617271756574220608011001380262370a11" +
        "0a046163637412077461626c652d31180410371a1073333a2f2f622f662e7061727175657422075041525155455428033080084001",
    );
  });

  test("01 §13 hazard 2: explicit zeros and empty bounds survive, absent ones stay absent", () => {
    const record = fileRecord([column({ nullCount: 0n, min: "" })]);
    const copy = codec.statsFromBytes(codec.statsToBytes(record));
    expect(copy).toEqual(record);
  });

  test("07 §6.7: a sketch and its estimate survive", () => {
    const record = fileRecord([withNdv]);
    const copy = codec.statsFromBytes(codec.statsToBytes(record));
    const kept = codec.generation === "chunked";
    expect(copy).toEqual(
      fileRecord([
        {
          ...withNdv,
          avgWidthBytes: kept ? 8n : undefined,
          ndv: { approx: withNdv.ndv?.approx, sketches: [{ ...thetaSketch, capturedAtMs: kept ? 5n : 0n }] },
        },
      ]),
    );
  });

  test("01 §13 hazard 15: JSON has one line, lowerCamelCase names, 64-bit integers as text", () => {
    const json = codec.statsToJson(fileRecord([withNdv]));
    expect(json).not.toContain("\n");
    expect(JSON.parse(json)).toMatchObject({
      tableId: { accountId: "acct", id: "table-1", kind: "RK_TABLE" },
      snapshotId: "55",
      target: { file: { filePath: "s3://b/f.parquet" } },
      metadata: {
        producer: "SPROD_SOURCE_NATIVE",
        completeness: "SC_COMPLETE",
        captureMode: "SCM_ASYNC",
      },
      file: { rowCount: "3", columns: [{ columnId: "1", scalar: { nullCount: "0", min: "", max: "9" } }] },
    });
  });

  test("01 §13 hazard 15: sketches are standard base64, in their place between the other fields", () => {
    const json = JSON.parse(codec.statsToJson(fileRecord([column(), withNdv])));
    const sketch = json.file.columns[1].scalar.ndv.sketches[0];
    expect(sketch.data).toBe("AQID");
    expect(Object.keys(sketch).indexOf("data")).toBe(codec.generation === "inline" ? 1 : 2);
  });

  test("06 §5.1: an artifact record to JSON, and through bytes unchanged", () => {
    expect(JSON.parse(codec.artifactToJson(artifact))).toEqual({
      tableId: { accountId: "acct", id: "table-1", kind: "RK_TABLE" },
      snapshotId: "55",
      target: { file: { filePath: "s3://b/f.parquet" } },
      artifactUri: artifact.artifactUri,
      artifactFormat: "parquet",
      artifactFormatVersion: 1,
      contentEtag: "AAAA",
      contentSha256B64: "AAAA",
      state: "IAS_READY",
      createdAt: "2023-11-14T22:13:20.123Z",
      refreshedAt: "2023-11-14T22:13:20.123Z",
      coverage: { rowsIndexed: "3", liveRowsIndexed: "3", bytesScanned: "1024" },
      sourceFileFormat: "PARQUET",
      properties: { materialization: "page_index", source_file_content: "FC_DATA" },
    });
    expect(codec.artifactFromBytes(codec.artifactToBytes(artifact))).toEqual(artifact);
  });

  test("01 §13 hazard 7: map entries keep the order in which they were made", () => {
    const one = codec.artifactToBytes({ ...artifact, properties: { b: "1", a: "2" } });
    const other = codec.artifactToBytes({ ...artifact, properties: { a: "2", b: "1" } });
    expect(hex(one)).not.toBe(hex(other));
    expect(hex(one)).toBe(hex(codec.artifactToBytes({ ...artifact, properties: { b: "1", a: "2" } })));
  });

  test("01 §13 hazard 13: a path with a lone surrogate is refused", () => {
    const record: StatsRecord = { ...fileRecord(), target: { kind: "file", filePath: "s3://b/\ud800" } };
    expect(() => codec.statsToBytes(record)).toThrow(/unpaired surrogate/);
  });

  test("bytes that are no record are refused by name, whatever is wrong with them", () => {
    const whole = codec.statsToBytes(fileRecord([column()]));
    for (const bytes of [whole.subarray(0, -1), Uint8Array.of(0xff), Uint8Array.of(0x0a, 0x05, 1)]) {
      expect(() => codec.statsFromBytes(bytes)).toThrow(DamagedRecordError);
      expect(() => codec.artifactFromBytes(bytes)).toThrow(DamagedRecordError);
    }
    expect(() => codec.statsFromBytes(Uint8Array.of(0xff))).toThrow(
      /^1 bytes are not a TargetStatsRecord: ./,
    );
  });

  test("01 E15: an exact count, also of zero, survives", () => {
    // scalar (11) with ndv (7) { exact: 0 }, and column target 3
    const bytes = Buffer.from("1a0412020803" + "5a043a020800", "hex");
    const record = codec.statsFromBytes(bytes);
    expect(record.value).toMatchObject({ scalar: { ndv: { exact: 0n, approx: undefined } } });
    expect(hex(codec.statsToBytes(record))).toContain("3a020800");
  });

  test("any record survives the way through bytes", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(codec.statsFromBytes(codec.statsToBytes(record))).toEqual(record);
      }),
      { numRuns: 200 },
    );
  });
});

test("01 §12.1: the average width is chunked only, at number 10", () => {
  const record: StatsRecord = {
    ...fileRecord(),
    target: { kind: "column", columnId: 1n },
    value: { kind: "scalar", scalar: column({ avgWidthBytes: 8n }) },
  };
  expect(hex(chunked.statsToBytes(record))).toContain("5008");
  expect(hex(inline.statsToBytes(record))).not.toContain("5008");
});

test("07 §7: sketches of other programs survive in chunked", () => {
  const sketches = [
    {
      role: 4,
      sketchType: "kll",
      data: Uint8Array.of(9),
      params: { k: "200" },
      capturedAtMs: 7n,
      completeness: 1,
    },
  ];
  const record = fileRecord([column({ sketches })]);
  expect(chunked.statsFromBytes(chunked.statsToBytes(record))).toEqual(record);
});

test("01 E19: sketch parameters in the order encoding, compression, version", () => {
  expect(hex(chunked.statsToBytes(fileRecord([withNdv])))).toContain(
    "220f0a08656e636f64696e67120372617722130a0b636f6d7072657373696f6e12046e6f6e65220c0a0776657273696f6e120131",
  );
});

test("01 §1: nanoseconds are never negative, also before 1970", () => {
  expect(timestampInit(-1)).toEqual({ seconds: -1n, nanos: 999_000_000 });
  expect(timestampInit(1_700_000_000_123)).toEqual({ seconds: 1_700_000_000n, nanos: 123_000_000 });
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: "grapheme" });
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const anyColumn: fc.Arbitrary<ColumnStats> = fc.record({
  displayName: text,
  logicalType: text,
  rowCount: int64,
  nullCount: optional(int64),
  nanCount: optional(int64),
  ndv: fc.constant(undefined),
  min: optional(text),
  max: optional(text),
  avgWidthBytes: fc.constant(undefined),
  properties: fc.constant({}),
});

const anyRecord: fc.Arbitrary<StatsRecord> = fc
  .record({
    filePath: text,
    fileFormat: text,
    rowCount: int64,
    sizeBytes: int64,
    columns: fc.array(fc.record({ columnId: int64, scalar: anyColumn }), { maxLength: 4 }),
    fileContent: fc.constantFrom<FileContent>(0, 1, 2, 3),
    partitionDataJson: text,
    partitionSpecId: fc.nat(),
    equalityFieldIds: fc.array(fc.nat(), { maxLength: 3 }),
    sequenceNumber: optional(int64),
  })
  .map((file) => ({
    tableId,
    snapshotId: 7n,
    target: { kind: "file", filePath: file.filePath },
    metadata: CAPTURED_METADATA,
    value: { kind: "file", file },
  }));
