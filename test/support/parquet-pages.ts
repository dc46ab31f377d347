import { crc32 } from "node:zlib";
import type { Codec } from "../../src/parquet/metadata.ts";
import { createByteBuffer, writtenBytes } from "../../src/parquet/write/byte-buffer.ts";
import { i32, putThrift, struct, type ThriftValue } from "../../src/parquet/write/thrift-writer.ts";
import { compress } from "./parquet-codecs.ts";
import {
  bitPackedLevels,
  bitsFor,
  concat,
  ENCODING_NUMBER,
  encodeIndices,
  encodeValues,
  hybrid,
  plain,
  type TestEncoding,
  type TestType,
  type TestValue,
  uint32,
} from "./parquet-encodings.ts";

/** One page of a test file. `null` is a null; `definitionLevels` says how deep it is, 0 unless given. */
export type TestPage = DictionaryPage | DataPage | { readonly page: "index"; readonly body: Uint8Array };

interface PageOverrides {
  /** True for the right checksum, a number for another. */
  readonly crc?: boolean | number;
  /** In place of the encoded and compressed body. */
  readonly body?: Uint8Array;
  /** In place of what the header would say. */
  readonly uncompressedSize?: number;
  readonly compressedSize?: number;
  readonly valueCount?: number;
  readonly encoding?: TestEncoding;
  readonly encodingNumber?: number;
}

export interface DictionaryPage extends PageOverrides {
  readonly page: "dictionary";
  readonly values: readonly TestValue[];
}

export interface DataPage extends PageOverrides {
  readonly page: "v1" | "v2";
  readonly values: readonly (TestValue | null)[];
  readonly definitionLevels?: readonly number[];
  readonly repetitionLevels?: readonly number[];
  /** Of v1 pages. */
  readonly levelEncoding?: "RLE" | "BIT_PACKED";
  /** Of v2 pages. */
  readonly isCompressed?: boolean;
  readonly rowCount?: number;
}

export interface TestColumn {
  readonly type: TestType;
  readonly maxDefinitionLevel: number;
  readonly maxRepetitionLevel: number;
}

export interface WrittenPage {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly valueCount: number;
}

/** Encodes a page; `dictionary` holds the values of the chunk's dictionary page so far. */
export function writePage(
  page: TestPage,
  column: TestColumn,
  codec: Codec,
  dictionary: readonly TestValue[],
): WrittenPage {
  switch (page.page) {
    case "index":
      return finish(page.body, page.body.length, 1, {}, 0, (sizes) => struct(...sizes, [6, struct()]));
    case "dictionary": {
      const raw = plain(column.type, page.values);
      const count = page.valueCount ?? page.values.length;
      const encoding = page.encodingNumber ?? ENCODING_NUMBER[page.encoding ?? "PLAIN"];
      return finish(page.body ?? compress(codec, raw), raw.length, 2, page, 0, (sizes) =>
        struct(...sizes, [7, struct([1, i32(count)], [2, i32(encoding)])]),
      );
    }
    case "v1":
      return writeV1(page, column, codec, dictionary);
    case "v2":
      return writeV2(page, column, codec, dictionary);
  }
}

function writeV1(
  page: DataPage,
  column: TestColumn,
  codec: Codec,
  dictionary: readonly TestValue[],
): WrittenPage {
  const encoding = page.encoding ?? "PLAIN";
  const levelEncoding = page.levelEncoding ?? "RLE";
  const levels = (values: readonly number[], max: number) => {
    if (max === 0) return new Uint8Array(0);
    if (levelEncoding === "BIT_PACKED") return bitPackedLevels(values, bitsFor(max));
    const runs = hybrid(values, bitsFor(max));
    return concat([uint32(runs.length), runs]);
  };
  const raw = concat([
    levels(page.repetitionLevels ?? page.values.map(() => 0), column.maxRepetitionLevel),
    levels(definitionLevels(page, column), column.maxDefinitionLevel),
    presentValues(page, column, encoding, dictionary),
  ]);
  const count = page.valueCount ?? page.values.length;
  return finish(page.body ?? compress(codec, raw), raw.length, 0, page, count, (sizes) =>
    struct(...sizes, [
      5,
      struct(
        [1, i32(count)],
        [2, i32(page.encodingNumber ?? ENCODING_NUMBER[encoding])],
        [3, i32(ENCODING_NUMBER[levelEncoding])],
        [4, i32(ENCODING_NUMBER[levelEncoding])],
      ),
    ]),
  );
}

function writeV2(
  page: DataPage,
  column: TestColumn,
  codec: Codec,
  dictionary: readonly TestValue[],
): WrittenPage {
  const encoding = page.encoding ?? "PLAIN";
  const levels = (values: readonly number[], max: number) =>
    max === 0 ? new Uint8Array(0) : hybrid(values, bitsFor(max));
  const repetition = levels(page.repetitionLevels ?? page.values.map(() => 0), column.maxRepetitionLevel);
  const definition = levels(definitionLevels(page, column), column.maxDefinitionLevel);
  const values = presentValues(page, column, encoding, dictionary);
  const isCompressed = page.isCompressed ?? true;
  const body = page.body ?? concat([repetition, definition, isCompressed ? compress(codec, values) : values]);
  const count = page.valueCount ?? page.values.length;
  const rows =
    page.rowCount ?? (page.repetitionLevels ?? page.values.map(() => 0)).filter((l) => l === 0).length;
  const rawLength = repetition.length + definition.length + values.length;
  return finish(body, rawLength, 3, page, count, (sizes) =>
    struct(...sizes, [
      8,
      struct(
        [1, i32(count)],
        [2, i32(page.values.filter((value) => value === null).length)],
        [3, i32(rows)],
        [4, i32(page.encodingNumber ?? ENCODING_NUMBER[encoding])],
        [5, i32(definition.length)],
        [6, i32(repetition.length)],
        [7, page.isCompressed === undefined ? undefined : { type: "bool", value: page.isCompressed }],
      ),
    ]),
  );
}

function definitionLevels(page: DataPage, column: TestColumn): readonly number[] {
  return (
    page.definitionLevels ?? page.values.map((value) => (value === null ? 0 : column.maxDefinitionLevel))
  );
}

function presentValues(
  page: DataPage,
  column: TestColumn,
  encoding: TestEncoding,
  dictionary: readonly TestValue[],
): Uint8Array {
  const present = page.values.filter((value) => value !== null);
  if (encoding !== "PLAIN_DICTIONARY" && encoding !== "RLE_DICTIONARY") {
    return encodeValues(column.type, encoding, present);
  }
  const places = new Map(dictionary.map((value, index) => [keyOf(value), index]));
  return encodeIndices(
    present.map((value) => places.get(keyOf(value)) ?? dictionary.length),
    dictionary.length,
  );
}

function keyOf(value: TestValue): string {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  return Object.is(value, -0) ? "-0" : String(value);
}

type Sizes = readonly (readonly [number, ThriftValue | undefined])[];

function finish(
  body: Uint8Array,
  uncompressedSize: number,
  type: number,
  overrides: PageOverrides,
  valueCount: number,
  header: (sizes: Sizes) => ThriftValue,
): WrittenPage {
  const crc = overrides.crc === true ? crc32(body) : overrides.crc;
  const buffer = createByteBuffer(64);
  putThrift(
    buffer,
    header([
      [1, i32(type)],
      [2, i32(overrides.uncompressedSize ?? uncompressedSize)],
      [3, i32(overrides.compressedSize ?? body.length)],
      [4, typeof crc === "number" ? i32(crc | 0) : undefined],
    ]),
  );
  return { header: writtenBytes(buffer).slice(), body, valueCount };
}
