import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as encode from "../../../test/support/page-encoder.ts";
import { UnreadableFileError } from "../../model/index.ts";
import { ThetaBuilder, type ThetaSketch } from "../../sketch/index.ts";
import {
  type Annotation,
  createFastEngine,
  createReferenceEngine,
  ENCODING,
  indexedType,
  type PageEngine,
  type PageHeader,
  type PhysicalType,
  type SchemaLeaf,
} from "../index.ts";

const fast = createFastEngine();
const reference = createReferenceEngine();

interface Column {
  readonly type: PhysicalType;
  readonly typeLength: number;
  readonly annotation: Annotation | undefined;
  readonly value: fc.Arbitrary<Uint8Array>;
}

const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer.slice(0));
const small = fc.integer({ min: -300, max: 300 });
const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 14 }),
    fc.string({ unit: fc.constantFrom("a", "b", "\0", "é", "\u{e000}", "\u{1f600}"), maxLength: 20 }),
    fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 200 }),
  )
  .map((s) => Uint8Array.from(Buffer.from(s)));
const broken = fc
  .array(fc.constantFrom(0x41, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0xff, 0xc3), { maxLength: 6 })
  .map((b) => Uint8Array.from(b));
const decimal = (precision: number): Annotation => ({ kind: "DECIMAL", precision, scale: 2 });

const COLUMNS: Readonly<Record<string, Column>> = {
  BOOLEAN: {
    type: "BOOLEAN",
    typeLength: 0,
    annotation: undefined,
    value: fc.boolean().map((b) => Uint8Array.of(b ? 1 : 0)),
  },
  INT32: {
    ...{ type: "INT32", typeLength: 0, annotation: undefined },
    value: fc.oneof(small, fc.integer()).map((v) => bytesOf(Int32Array.of(v))),
  },
  "INT32 DECIMAL": {
    ...{ type: "INT32", typeLength: 0, annotation: decimal(9) },
    value: fc.oneof(small, fc.integer()).map((v) => bytesOf(Int32Array.of(v))),
  },
  INT64: {
    ...{ type: "INT64", typeLength: 0, annotation: undefined },
    value: fc
      .oneof(small.map(BigInt), fc.bigInt())
      .map((v) => bytesOf(BigInt64Array.of(BigInt.asIntN(64, v)))),
  },
  "INT64 DECIMAL": {
    ...{ type: "INT64", typeLength: 0, annotation: decimal(40) },
    value: fc
      .oneof(small.map(BigInt), fc.bigInt())
      .map((v) => bytesOf(BigInt64Array.of(BigInt.asIntN(64, v)))),
  },
  FLOAT: {
    ...{ type: "FLOAT", typeLength: 0, annotation: undefined },
    value: fc.oneof(small, fc.constantFrom(0, -0), fc.float()).map((v) => bytesOf(Float32Array.of(v))),
  },
  DOUBLE: {
    ...{ type: "DOUBLE", typeLength: 0, annotation: undefined },
    value: fc.oneof(small, fc.constantFrom(0, -0), fc.double()).map((v) => bytesOf(Float64Array.of(v))),
  },
  STRING: { type: "BYTE_ARRAY", typeLength: 0, annotation: { kind: "STRING" }, value: text },
  "malformed STRING": {
    ...{ type: "BYTE_ARRAY", typeLength: 0, annotation: { kind: "STRING" } },
    value: fc.oneof({ arbitrary: text, weight: 5 }, { arbitrary: broken, weight: 1 }),
  },
  "unannotated BYTE_ARRAY": {
    ...{ type: "BYTE_ARRAY", typeLength: 0, annotation: undefined },
    value: fc.oneof(text, fc.uint8Array({ maxLength: 20 })),
  },
  "BYTE_ARRAY DECIMAL": {
    ...{ type: "BYTE_ARRAY", typeLength: 0, annotation: decimal(38) },
    value: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
      fc.uint8Array({ minLength: 1, maxLength: 16 }),
    ),
  },
  "FIXED_LEN_BYTE_ARRAY DECIMAL": {
    ...{ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 12, annotation: decimal(20) },
    value: fc.oneof(
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      small.map((v) => Uint8Array.from({ length: 12 }, (_, i) => (i < 11 ? v >> 8 : v))),
    ),
  },
  UUID: {
    ...{ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 16, annotation: { kind: "UUID" } },
    value: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  },
  "FIXED_LEN_BYTE_ARRAY of letters": {
    ...{ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 5, annotation: undefined },
    value: fc
      .array(fc.constantFrom(0x61, 0x62), { minLength: 5, maxLength: 5 })
      .map((b) => Uint8Array.from(b)),
  },
};

interface Page {
  readonly header: PageHeader;
  readonly body: Uint8Array;
}

interface Chunk {
  readonly leaf: SchemaLeaf;
  readonly codec: (typeof encode.CODECS)[number];
  readonly pages: readonly Page[];
}

function leafOf(column: Column, maxDefinitionLevel: number): SchemaLeaf {
  const { type, typeLength, annotation } = column;
  return {
    ...{ index: 0, path: ["c"], name: "c", physicalType: type, typeLength, annotation },
    ...{ fieldId: undefined, maxDefinitionLevel, maxRepetitionLevel: 0 },
  };
}

/** A chunk of a few pages: by dictionary while there is one, then in any other encoding, v1 and v2 mixed. */
function chunkOf(column: Column): fc.Arbitrary<Chunk> {
  const page = fc.record({
    picks: fc.array(fc.nat(), { maxLength: 90 }),
    fresh: fc.array(column.value, { maxLength: 40 }),
    levels: fc.array(fc.nat(200), { minLength: 1, maxLength: 30 }),
    v2: fc.constantFrom(undefined, { isCompressed: true }, { isCompressed: false }),
    bitPackedLevels: fc.boolean(),
    encoding: fc.constantFrom(...encode.encodingsOf(column.type)),
    repeat: fc.constantFrom(1, 1, 20),
  });
  return fc
    .record({
      codec: fc.constantFrom(...encode.CODECS),
      maxLevel: fc.constantFrom(0, 1, 1, 2, 3),
      dictionary: fc.array(column.value, { maxLength: 60 }),
      extraBits: fc.nat(2),
      pages: fc.array(fc.tuple(fc.boolean(), page), { minLength: 1, maxLength: 4 }),
    })
    .map(({ codec, maxLevel, dictionary, extraBits, pages }) => {
      const { type, typeLength } = column;
      const hasDictionary = type !== "BOOLEAN" && dictionary.length > 0;
      const bitWidth = Math.ceil(Math.log2(dictionary.length + 1)) + extraBits;
      const built: Page[] = hasDictionary
        ? [encode.dictionaryPage(codec, { type, typeLength, values: dictionary })]
        : [];
      for (const [wantsDictionary, p] of pages) {
        const byDictionary = wantsDictionary && hasDictionary;
        const indices = p.picks.flatMap((pick) =>
          Array.from({ length: p.repeat }, () => pick % dictionary.length),
        );
        const count = byDictionary ? indices.length : p.fresh.length;
        const encoding = byDictionary ? ENCODING.rleDictionary : p.encoding;
        const values = byDictionary
          ? encode.encodeIndices(indices, bitWidth)
          : encode.encodeValues({ type, typeLength, values: p.fresh }, encoding);
        const levels = maxLevel === 0 ? undefined : spreadLevels(count, maxLevel, p.levels);
        const valueCount = levels?.length ?? count;
        built.push(
          encode.dataPage({
            ...{ codec, v2: p.v2, levels, maxLevel, bitPackedLevels: p.bitPackedLevels },
            ...{ encoding, values, valueCount },
          }),
        );
      }
      return { leaf: leafOf(column, maxLevel), codec, pages: built };
    });
}

/** `present` maximum levels with nulls of every lower level between them. */
function spreadLevels(present: number, maxLevel: number, choices: readonly number[]): number[] {
  const levels: number[] = [];
  let left = present;
  for (let i = 0; left > 0 || levels.length === 0; i++) {
    const choice = choices[i % choices.length] ?? 0;
    // the bound keeps choices that are all nulls from going on for ever
    if (choice < 30 && i < 200) levels.push(choice % maxLevel);
    else if (left > 0) {
      levels.push(maxLevel);
      left--;
    } else levels.push(0);
  }
  return levels;
}

type Outcome =
  | { readonly bounds: readonly unknown[]; readonly sketch: ThetaSketch | undefined }
  | { readonly refused: true };

function decode(
  engine: PageEngine,
  { leaf, codec, pages }: Chunk,
  wants: "bounds" | "items" | "both",
): Outcome {
  const sketch = wants === "bounds" ? undefined : new ThetaBuilder();
  const decoder = engine.openChunk({
    ...{ file: "f", rowGroup: 0, leaf, codec, distinct: sketch },
    bounds: wants === "items" ? undefined : indexedType(leaf),
  });
  try {
    const bounds: unknown[] = [];
    pages.forEach(({ header, body }, i) => {
      if (header.type === "dictionary") decoder.dictionaryPage(header, body, { page: undefined, offset: 4 });
      else bounds.push(decoder.dataPage(header, body, { page: i, offset: 4 }));
    });
    decoder.close();
    return { bounds, sketch: sketch?.result() };
  } catch (error) {
    decoder.close();
    if (!(error instanceof UnreadableFileError)) throw error;
    return { refused: true };
  }
}

describe("06 §3.5, §3.6, 07 §6.3 every encoding, codec and page version", () => {
  it.each(Object.keys(COLUMNS))("gives the reference engine's bounds and items of %s", (name) => {
    const column = COLUMNS[name]!;
    fc.assert(
      fc.property(
        chunkOf(column),
        fc.constantFrom("bounds" as const, "items" as const, "both" as const),
        (chunk, wants) => {
          const expected = decode(reference, chunk, wants);
          expect(expected).not.toHaveProperty("refused");
          expect(decode(fast, chunk, wants)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each(Object.keys(COLUMNS))(
    "refuses damaged pages of %s, or reads them as the reference engine does",
    (name) => {
      const column = COLUMNS[name]!;
      const change = fc.record({
        page: fc.nat(),
        at: fc.nat(),
        value: fc.nat(255),
        cut: fc.option(fc.nat(), { freq: 6 }),
      });
      fc.assert(
        fc.property(chunkOf(column), fc.array(change, { minLength: 1, maxLength: 3 }), (chunk, changes) => {
          const pages = chunk.pages.map(({ header, body }) => ({ header, body: body.slice() }));
          for (const { page, at, value, cut } of changes) {
            const target = pages[page % pages.length];
            if (target === undefined || target.body.length === 0) continue;
            target.body[at % target.body.length] = value;
            if (cut !== null) target.body = target.body.slice(0, cut % target.body.length);
          }
          const damaged = { ...chunk, pages };
          expect(decode(fast, damaged, "both")).toEqual(decode(reference, damaged, "both"));
        }),
        { numRuns: 150 },
      );
    },
  );
});
