import { zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../test/support/iceberg-builder.ts";
import { addInt64, parseTheta, serialiseTheta, ThetaBuilder, thetaEstimate } from "../../sketch/index.ts";
import { metadataFileNdv } from "./file-ndv.ts";
import { readPuffinFooter } from "./puffin-file.ts";
import { puffinNdv } from "./puffin-ndv.ts";

const { signal } = new AbortController();

function sketchOf(...values: number[]): Uint8Array {
  const builder = new ThetaBuilder(4096);
  for (const value of values) addInt64(builder, BigInt(value));
  return serialiseTheta(builder.result());
}

interface BlobInput {
  readonly fields: readonly number[];
  readonly data: Uint8Array;
  readonly type?: string;
  readonly codec?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

function puffinFile(blobs: readonly BlobInput[], flags = 0): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from("PFA1")];
  let offset = 4;
  const described = blobs.map((blob) => {
    const data = blob.codec === "zstd" ? zstdCompressSync(blob.data) : blob.data;
    parts.push(data);
    const json = {
      type: blob.type ?? "apache-datasketches-theta-v1",
      fields: blob.fields,
      "snapshot-id": 7,
      offset,
      length: data.length,
      ...(blob.codec === undefined ? {} : { "compression-codec": blob.codec }),
      properties: blob.properties ?? {},
    };
    offset += data.length;
    return json;
  });
  const payload = Buffer.from(JSON.stringify({ blobs: described.reverse() }));
  const length = Buffer.alloc(4);
  length.writeInt32LE(payload.length);
  parts.push(Buffer.from("PFA1"), payload, length, Uint8Array.of(flags, 0, 0, 0), Buffer.from("PFA1"));
  return new Uint8Array(Buffer.concat(parts));
}

const COLUMNS = [
  { fieldId: 1, columnId: 1n, name: "a" },
  { fieldId: 2, columnId: 2n, name: "b" },
];

async function read(
  blobs: readonly BlobInput[] | Uint8Array,
  options: { columns?: typeof COLUMNS; statistics?: readonly unknown[]; thetaK?: number } = {},
) {
  const warnings: string[] = [];
  const ndv = await puffinNdv(
    {
      store: memoryStore({ "s.puffin": blobs instanceof Uint8Array ? blobs : puffinFile(blobs) }),
      snapshotId: 7n,
      statistics: options.statistics ?? [{ "snapshot-id": 7, "statistics-path": "s.puffin" }],
      columns: options.columns ?? COLUMNS,
      thetaK: options.thetaK ?? 4096,
      warn: (message) => warnings.push(message),
    },
    signal,
  );
  return { ndv, warnings };
}

describe("Puffin statistics (04 §12, 07 §6.8)", () => {
  const both = [
    { fields: [1], data: sketchOf(1, 2, 3), codec: "zstd", properties: { ndv: "3" } },
    { fields: [2], data: sketchOf(), type: " Apache-DataSketches-THETA-v1 " },
  ];

  it("04 T67: with a sketch for every included column, the table's figures by column id", async () => {
    const { ndv, warnings } = await read(both);
    expect(warnings).toEqual([]);
    expect(ndv?.get(1n)).toEqual({ estimate: 3, sketch: sketchOf(1, 2, 3), properties: { ndv: "3" } });
    expect(ndv?.get(2n)).toEqual({ estimate: 0, sketch: sketchOf(), properties: {} });
  });

  it("04 T68: one column without a blob, and there is nothing", async () => {
    expect((await read(both.slice(0, 1))).ndv).toBeUndefined();
    expect((await read([])).ndv).toBeUndefined();
  });

  it("blobs of one column are united, and the first value of a property wins, by ascending offset", async () => {
    const { ndv } = await read([
      { fields: [1, 2], data: sketchOf(1, 2), properties: { ndv: "2" } },
      { fields: [1], data: sketchOf(2, 3), properties: { ndv: "9", other: "x" } },
    ]);
    expect(ndv?.get(1n)).toMatchObject({ estimate: 3, properties: { ndv: "2", other: "x" } });
    expect(ndv?.get(2n)).toMatchObject({ estimate: 2 });
  });

  it("the union is cut to theta_k entries", async () => {
    const values = Array.from({ length: 1000 }, (_, index) => index);
    const { ndv } = await read([{ fields: [1, 2], data: sketchOf(...values) }], { thetaK: 16 });
    const sketch = parseTheta(ndv?.get(1n)?.sketch ?? new Uint8Array());
    expect(sketch.entries).toHaveLength(2 * 16);
    expect(ndv?.get(1n)?.estimate).toBe(thetaEstimate(sketch));
  });

  it("a name that several included columns share has no NDV, but counts as covered", async () => {
    const columns = [...COLUMNS, { fieldId: 3, columnId: 3n, name: "a" }];
    const { ndv } = await read(both, { columns });
    expect([...(ndv?.keys() ?? [])]).toEqual([2n]);
  });

  it("an estimate without a sketch counts as known and is not shown", async () => {
    const statistics = [
      { "snapshot-id": 7, "statistics-path": "s.puffin" },
      { "snapshot-id": 7, "blob-metadata": [{ fields: [2], properties: { ndv: "1_000" } }] },
    ];
    const { ndv } = await read(both.slice(0, 1), { statistics });
    expect([...(ndv?.keys() ?? [])]).toEqual([1n]);
  });

  it("statistics of another snapshot, and broken entries, are not used", async () => {
    const statistics = [{ "snapshot-id": 8, "statistics-path": "s.puffin" }, 5, { "snapshot-id": "x" }];
    expect(await read(both, { statistics })).toEqual({ ndv: undefined, warnings: [] });
  });

  it("decision 34: what can't be read is left out with a warning", async () => {
    const lz4 = await read([
      { ...both[0], codec: "lz4", fields: [1], data: sketchOf(1) },
      { fields: [2], data: sketchOf(1) },
    ]);
    expect(lz4).toEqual({
      ndv: undefined,
      warnings: [expect.stringContaining("codec lz4 is not supported")],
    });
    const noSketch = await read([{ fields: [1, 2], data: Buffer.from("no sketch") }]);
    expect(noSketch).toEqual({ ndv: undefined, warnings: [expect.stringContaining("Sketch at offset 4")] });
    const noFile = await read(both, { statistics: [{ "snapshot-id": 7, "statistics-path": "gone" }] });
    expect(noFile).toEqual({
      ndv: undefined,
      warnings: [expect.stringContaining("Statistics file gone is not used")],
    });
  });

  it("blobs that no included column needs are not decompressed", async () => {
    const { ndv, warnings } = await read([...both, { fields: [9], data: Buffer.from("x"), codec: "lz4" }]);
    expect(ndv?.size).toBe(2);
    expect(warnings).toEqual([]);
  });
});

describe("NDV of a FILE record (04 §12.4)", () => {
  const ndv = { estimate: 42, sketch: sketchOf(1), properties: { ndv: "42" } };

  it("has the table's estimate and sketch, the file's rows as total, and no rows seen", () => {
    expect(metadataFileNdv(ndv, 42n, 5n)).toEqual({
      approx: {
        estimate: 42,
        rowsSeen: undefined,
        rowsTotal: 42n,
        method: "apache-datasketches-theta",
        properties: { ndv: "42" },
      },
      sketches: [
        {
          sketchType: "apache-datasketches-theta-v1",
          data: sketchOf(1),
          encoding: "raw",
          compression: "none",
          version: 1,
          capturedAtMs: 5n,
        },
      ],
    });
    expect(metadataFileNdv(ndv, 0n, 5n).approx?.rowsTotal).toBeUndefined();
  });
});

describe("Puffin footers", () => {
  it.each([
    ["no Puffin file", Buffer.from("PAR1PAR1PAR1PAR1PAR1PAR1"), "not a Puffin file"],
    ["a short file", Buffer.from("PFA1PFA1"), "not a Puffin file"],
    ["a compressed footer", puffinFile([], 1), "compressed"],
    ["a footer length beyond the file", withFooterLength(puffinFile([]), 1000), "damaged"],
    ["a negative footer length", withFooterLength(puffinFile([]), -1), "damaged"],
  ])("refuse %s", (_what, bytes, reason) => {
    expect(() => readPuffinFooter(bytes)).toThrow(reason);
  });

  it("refuse a blob beyond the file", () => {
    const json = JSON.stringify({ blobs: [{ type: "x", fields: [1], offset: 4, length: 5000 }] });
    const length = Buffer.alloc(4);
    length.writeInt32LE(json.length);
    const file = Buffer.concat([
      Buffer.from(`PFA1PFA1${json}`),
      length,
      Buffer.alloc(4),
      Buffer.from("PFA1"),
    ]);
    expect(() => readPuffinFooter(file)).toThrow("beyond the file");
  });
});

function withFooterLength(bytes: Uint8Array, length: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeInt32LE(length, copy.length - 12);
  return copy;
}
