import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Codec } from "../../../src/parquet/metadata.ts";
import { CODECS } from "../../support/engine-contract/fields.ts";
import { buildParquet, type TestChunk, type TestField } from "../../support/parquet-builder.ts";
import type { TestEncoding, TestValue } from "../../support/parquet-encodings.ts";
import type { TestPage } from "../../support/parquet-pages.ts";
import type { Random } from "../harness/random.ts";

/** Sound files to begin with: small ones by our builder that have everything, and those of other writers that are here. */

/** Larger ones would only make inputs rarer: what they have, smaller ones have too. */
const LARGEST_SEED = 12 * 1024;
const LARGEST_RARE_SEED = 150 * 1024;

export interface ParquetSeeds {
  readonly count: number;
  pick(random: Random): Uint8Array;
}

export function parquetSeeds(): ParquetSeeds {
  const built = builtSeeds();
  const { small, large } = storedSeeds();
  return {
    count: built.length + small.length + large.length,
    pick(random) {
      if (large.length > 0 && random.chance(0.005)) return random.pick(large);
      return random.pick(small.length > 0 && random.chance(0.4) ? small : built);
    },
  };
}

function storedSeeds(): { small: readonly Uint8Array[]; large: readonly Uint8Array[] } {
  const root = join(import.meta.dirname, "../../..");
  const folders = [join(root, "test/fixtures/data"), join(root, "demo")];
  const conformance = process.env.CONFORMANCE_DATA;
  if (conformance !== undefined) folders.push(conformance);
  const files = folders
    .flatMap((folder) =>
      globSync("**/*.{parquet,parq,encrypted}", { cwd: folder })
        .toSorted()
        .map((name) => join(folder, name)),
    )
    .map((path) => new Uint8Array(readFileSync(path)))
    .filter((bytes) => bytes.length <= LARGEST_RARE_SEED);
  return {
    small: files.filter((bytes) => bytes.length <= LARGEST_SEED),
    large: files.filter((bytes) => bytes.length > LARGEST_SEED),
  };
}

interface ColumnKind {
  readonly field: TestField;
  readonly encodings: readonly TestEncoding[];
  readonly value: (index: number) => TestValue;
}

const utf8 = new TextEncoder();
const DICTIONARY: TestEncoding = "RLE_DICTIONARY";

const KINDS: readonly ColumnKind[] = [
  { field: { name: "b", type: "BOOLEAN" }, encodings: ["PLAIN", "RLE"], value: (i) => i % 3 === 0 },
  {
    field: { name: "i", type: "INT32" },
    encodings: ["PLAIN", DICTIONARY, "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    value: (i) => ((i * 7919) % 1009) - 500,
  },
  {
    field: { name: "l", type: "INT64", converted: 10 },
    encodings: ["PLAIN", DICTIONARY, "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    value: (i) => BigInt((i * 7919) % 1009) * 9_000_000_000_037n - 2n ** 51n,
  },
  { field: { name: "n", type: "INT96" }, encodings: ["PLAIN"], value: (i) => new Uint8Array(12).fill(i) },
  {
    field: { name: "f", type: "FLOAT" },
    encodings: ["PLAIN", DICTIONARY, "BYTE_STREAM_SPLIT"],
    value: (i) => i / 3,
  },
  {
    field: { name: "d", type: "DOUBLE" },
    encodings: ["PLAIN", DICTIONARY, "BYTE_STREAM_SPLIT"],
    value: (i) => (i === 5 ? Number.NaN : (i - 9) / 7),
  },
  {
    field: { name: "t", type: "BYTE_ARRAY", converted: 0 },
    encodings: ["PLAIN", DICTIONARY, "PLAIN_DICTIONARY", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    value: (i) => ["", "a", "Ａ", "😀", "é"][i % 5] + "word".repeat(i % 3),
  },
  {
    field: { name: "y", type: "BYTE_ARRAY" },
    encodings: ["PLAIN", DICTIONARY],
    value: (i) => utf8.encode(`raw ${i}`),
  },
  {
    field: { name: "q", type: "BYTE_ARRAY", converted: 5, precision: 20, scale: 3 },
    encodings: ["PLAIN", DICTIONARY, "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    value: (i) => Uint8Array.from({ length: 1 + (i % 9) }, (_, at) => i * 31 + at),
  },
  {
    field: { name: "x", type: "FIXED_LEN_BYTE_ARRAY", typeLength: 9, converted: 5, precision: 20, scale: 3 },
    encodings: ["PLAIN", DICTIONARY, "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
    value: (i) => Uint8Array.from({ length: 9 }, (_, at) => i * 31 + at),
  },
  {
    field: { name: "w", type: "FIXED_LEN_BYTE_ARRAY", typeLength: 20, converted: 5, precision: 45, scale: 0 },
    encodings: ["PLAIN", DICTIONARY],
    value: (i) => Uint8Array.from({ length: 20 }, (_, at) => i + at),
  },
  {
    field: { name: "m", type: "INT32", converted: 5, precision: 9, scale: 2 },
    encodings: ["PLAIN", DICTIONARY],
    value: (i) => i - 20,
  },
];

/** Every kind of column in every encoding, codecs and page versions in turn, and the shapes that schemas come in. */
function builtSeeds(): Uint8Array[] {
  let turn = 0;
  const flat = KINDS.flatMap((kind) =>
    kind.encodings.flatMap((encoding) => [0, 1].map(() => flatSeed(kind, encoding, turn++))),
  );
  const wide = [1, 2, 3].map((first) =>
    wideSeed(
      KINDS.filter((_, index) => index % 3 === first % 3),
      CODECS[first]!,
    ),
  );
  return [...flat, ...wide, ...nestedSeeds(), ...oddSeeds()];
}

const ROWS = 23;

function flatSeed(kind: ColumnKind, encoding: TestEncoding, turn: number): Uint8Array {
  const optional = turn % 4 !== 3;
  const field: TestField = { ...kind.field, repetition: optional ? "OPTIONAL" : "REQUIRED" };
  const chunk = chunkOf(kind, encoding, CODECS[turn % CODECS.length]!, optional, turn);
  return buildParquet({
    fields: [field],
    rowGroups: [{ rowCount: 2 * ROWS, chunks: [chunk] }],
    ...(turn % 5 === 0 ? { createdBy: "writer 1", keyValues: { k: "v" }, columnOrders: [true] } : {}),
  }).bytes;
}

function chunkOf(
  kind: ColumnKind,
  encoding: TestEncoding,
  codec: Codec,
  optional: boolean,
  turn: number,
): TestChunk {
  const values = Array.from({ length: ROWS }, (_, i) => (optional && i % 6 === 4 ? null : kind.value(i)));
  const present = values.filter((value) => value !== null);
  const isDictionary = encoding === DICTIONARY || encoding === "PLAIN_DICTIONARY";
  const crc = turn % 3 === 0;
  const first = turn % 2 === 0 ? "v1" : "v2";
  const pages: TestPage[] = [];
  if (isDictionary) pages.push({ page: "dictionary", values: distinct(present), crc });
  pages.push({ page: first, encoding, values, crc });
  // The second page of a dictionary chunk has fallen back to plain values, as writers do.
  const second = isDictionary && turn % 2 === 1 ? "PLAIN" : encoding;
  const levels = turn % 5 === 1 ? ({ levelEncoding: "BIT_PACKED" } as const) : {};
  pages.push({
    page: turn % 4 < 2 ? "v1" : "v2",
    encoding: second,
    values: values.toReversed(),
    crc,
    ...levels,
  });
  return {
    codec,
    pages,
    statistics: {
      nullCount: 3,
      minValue: utf8.encode("aaaa"),
      maxValue: utf8.encode("zzzz"),
      distinctCount: 9,
    },
  };
}

function distinct(values: readonly TestValue[]): TestValue[] {
  return [...new Map(values.map((value) => [String(value), value])).values()];
}

function wideSeed(kinds: readonly ColumnKind[], codec: Codec): Uint8Array {
  const chunks = kinds.map((kind, index) =>
    chunkOf(kind, kind.encodings[index % 2] ?? "PLAIN", codec, true, index),
  );
  const fields = kinds.map(({ field }): TestField => ({ ...field, repetition: "OPTIONAL" }));
  const rowGroup = { rowCount: 2 * ROWS, chunks };
  return buildParquet({ fields, rowGroups: [rowGroup, rowGroup], createdBy: "writer 2" }).bytes;
}

function nestedSeeds(): Uint8Array[] {
  const struct: TestField = {
    name: "s",
    repetition: "OPTIONAL",
    children: [{ name: "x", type: "INT64", repetition: "OPTIONAL" }],
  };
  const list: TestField = {
    name: "s",
    repetition: "OPTIONAL",
    converted: 3,
    children: [
      {
        name: "list",
        repetition: "REPEATED",
        children: [{ name: "element", type: "BYTE_ARRAY", converted: 0, repetition: "OPTIONAL" }],
      },
    ],
  };
  return (["v1", "v2"] as const).flatMap((page) =>
    (["UNCOMPRESSED", "SNAPPY"] as const).flatMap((codec) => [
      buildParquet({
        fields: [struct],
        rowGroups: [
          {
            rowCount: 5,
            chunks: [
              {
                codec,
                pages: [{ page, values: [5n, null, null, 7n, 9n], definitionLevels: [2, 0, 1, 2, 2] }],
              },
            ],
          },
        ],
      }).bytes,
      buildParquet({
        fields: [list],
        rowGroups: [
          {
            rowCount: 4,
            chunks: [
              {
                codec,
                pages: [
                  { page: "dictionary", values: ["a", "b", "c"] },
                  {
                    page,
                    encoding: DICTIONARY,
                    values: ["a", "b", null, "c", null, "a"],
                    definitionLevels: [3, 3, 1, 3, 2, 3],
                    repetitionLevels: [0, 1, 0, 0, 1, 0],
                  },
                ],
              },
            ],
          },
        ],
      }).bytes,
    ]),
  );
}

/** What is rare but allowed: empty pages, index pages, empty row groups, no row group, bytes after the last page. */
function oddSeeds(): Uint8Array[] {
  const field: TestField = { name: "i", type: "INT32", repetition: "OPTIONAL" };
  const pages: TestPage[] = [
    { page: "index", body: Uint8Array.of(1, 2, 3) },
    { page: "v1", values: [] },
    { page: "v2", values: [1, null, 3] },
    { page: "v1", values: [null, null] },
    { page: "v2", values: [] },
    { page: "v1", values: [4, 5] },
  ];
  return [
    buildParquet({ fields: [field], rowGroups: [] }).bytes,
    buildParquet({ fields: [field], rowGroups: [{ rowCount: 0, chunks: [{ pages: [] }] }] }).bytes,
    buildParquet({ fields: [field], rowGroups: [{ rowCount: 7, chunks: [{ codec: "ZSTD", pages }] }] }).bytes,
    buildParquet({
      fields: [field],
      rowGroups: [
        { rowCount: 7, chunks: [{ codec: "GZIP", pages: pages.slice(1), trailing: new Uint8Array(9) }] },
      ],
    }).bytes,
  ];
}
