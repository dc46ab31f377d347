import type { Codec, Repetition } from "../../src/parquet/metadata.ts";
import { createByteBuffer, writtenBytes } from "../../src/parquet/write/byte-buffer.ts";
import {
  i32,
  i64,
  list,
  putThrift,
  struct,
  type ThriftField,
  type ThriftValue,
  text,
} from "../../src/parquet/write/thrift-writer.ts";
import { concat, type TestType, type TestValue, uint32 } from "./parquet-encodings.ts";
import { type TestColumn, type TestPage, writePage } from "./parquet-pages.ts";

/**
 * Writes Parquet files page by page as a test wants them: any encoding, codec, level, checksum, and any lie about them. What
 * it says of offsets and sizes comes from writing, so it is an independent account of what a page walk should find.
 */

export interface TestField {
  readonly name: string;
  /** `REQUIRED` unless given. */
  readonly repetition?: Repetition;
  /** Absent for a group. */
  readonly type?: TestType;
  readonly typeLength?: number;
  readonly children?: readonly TestField[];
  /** `converted_type` by number. */
  readonly converted?: number;
  /** `LogicalType` union by its member. */
  readonly logical?: ThriftField;
  readonly precision?: number;
  readonly scale?: number;
  readonly fieldId?: number;
}

export interface TestStatistics {
  readonly min?: Uint8Array;
  readonly max?: Uint8Array;
  readonly minValue?: Uint8Array;
  readonly maxValue?: Uint8Array;
  readonly nullCount?: number | bigint;
  readonly distinctCount?: number | bigint;
}

export interface TestChunk {
  readonly codec?: Codec;
  readonly codecNumber?: number;
  readonly pages: readonly TestPage[];
  readonly statistics?: TestStatistics;
  /** In place of what writing gave. `dictionaryPageOffset: null` leaves the field out. */
  readonly valueCount?: number;
  readonly totalCompressedSize?: number;
  readonly dataPageOffset?: number;
  readonly dictionaryPageOffset?: number | null;
  readonly filePath?: string;
  readonly encrypted?: boolean;
  /** Bytes after the last page, counted as part of the chunk. */
  readonly trailing?: Uint8Array;
}

export interface TestFile {
  readonly fields: readonly TestField[];
  readonly rowGroups: readonly { readonly rowCount: number; readonly chunks: readonly TestChunk[] }[];
  readonly rowCount?: number;
  readonly createdBy?: string;
  readonly keyValues?: Readonly<Record<string, string>>;
  /** One per leaf: whether the order is type-defined. */
  readonly columnOrders?: readonly boolean[];
}

export interface BuiltPage {
  readonly rowGroup: number;
  readonly column: number;
  readonly page: TestPage["page"];
  /** Of the header. */
  readonly offset: number;
  readonly headerSize: number;
  /** Header and body. */
  readonly size: number;
}

export interface BuiltFile {
  readonly bytes: Uint8Array;
  readonly pages: readonly BuiltPage[];
}

const CODEC_NUMBER: Readonly<Record<Codec, number>> = {
  UNCOMPRESSED: 0,
  SNAPPY: 1,
  GZIP: 2,
  LZO: 3,
  BROTLI: 4,
  LZ4: 5,
  ZSTD: 6,
  LZ4_RAW: 7,
};

const TYPE_NUMBER: Readonly<Record<TestType, number>> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
};

const REPETITION_NUMBER: Readonly<Record<Repetition, number>> = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 };

const MAGIC = new TextEncoder().encode("PAR1");

export function buildParquet(file: TestFile): BuiltFile {
  const parts: Uint8Array[] = [MAGIC];
  let offset = MAGIC.length;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    offset += bytes.length;
  };
  const leaves = file.fields.flatMap((field) => leavesOf(field, [], 0, 0));
  const pages: BuiltPage[] = [];

  const rowGroups = file.rowGroups.map((group, rowGroup) => {
    const chunks = group.chunks.map((chunk, column) => {
      const leaf = leaves[column];
      if (leaf === undefined) throw new Error(`no field for chunk ${column}`);
      const start = offset;
      let dictionary: readonly TestValue[] = [];
      let dictionaryOffset: number | undefined;
      let dataOffset: number | undefined;
      let valueCount = 0;
      for (const page of chunk.pages) {
        const written = writePage(page, leaf, chunk.codec ?? "UNCOMPRESSED", dictionary);
        if (page.page === "dictionary") {
          dictionary = page.values;
          dictionaryOffset ??= offset;
        } else if (page.page !== "index") dataOffset ??= offset;
        pages.push({
          rowGroup,
          column,
          page: page.page,
          offset,
          headerSize: written.header.length,
          size: written.header.length + written.body.length,
        });
        valueCount += written.valueCount;
        put(written.header);
        put(written.body);
      }
      if (chunk.trailing !== undefined) put(chunk.trailing);
      const metadata = struct(
        [1, i32(TYPE_NUMBER[leaf.type])],
        [2, list("i32", [i32(0), i32(3)])],
        [3, list("binary", leaf.path.map(text))],
        [4, i32(chunk.codecNumber ?? CODEC_NUMBER[chunk.codec ?? "UNCOMPRESSED"])],
        [5, i64(chunk.valueCount ?? valueCount)],
        [6, i64(offset - start)],
        [7, i64(chunk.totalCompressedSize ?? offset - start)],
        [9, i64(chunk.dataPageOffset ?? dataOffset ?? start)],
        [11, dictionaryField(chunk, dictionaryOffset)],
        [12, chunk.statistics && statistics(chunk.statistics)],
      );
      return struct(
        [1, chunk.filePath === undefined ? undefined : text(chunk.filePath)],
        [2, i64(start)],
        [3, metadata],
        [8, chunk.encrypted ? struct([1, struct()]) : undefined],
      );
    });
    return struct([1, list("struct", chunks)], [2, i64(0)], [3, i64(group.rowCount)]);
  });

  const footer = struct(
    [1, i32(1)],
    [2, list("struct", schemaElements(file.fields))],
    [3, i64(file.rowCount ?? file.rowGroups.reduce((sum, group) => sum + group.rowCount, 0))],
    [4, list("struct", rowGroups)],
    [5, file.keyValues && keyValues(file.keyValues)],
    [6, file.createdBy === undefined ? undefined : text(file.createdBy)],
    [
      7,
      file.columnOrders &&
        list(
          "struct",
          file.columnOrders.map((typeDefined) => struct([typeDefined ? 1 : 2, struct()])),
        ),
    ],
  );
  put(withTail(thriftBytes(footer)));
  return { bytes: concat(parts), pages };
}

/** A footer's Thrift bytes with the length and the magic that follow them. */
export function withTail(footer: Uint8Array): Uint8Array {
  return concat([footer, uint32(footer.length), MAGIC]);
}

/** A file that is nothing but a footer. */
export function footerOnly(footer: ThriftValue): Uint8Array {
  return concat([MAGIC, withTail(thriftBytes(footer))]);
}

export function thriftBytes(value: ThriftValue): Uint8Array {
  const buffer = createByteBuffer(256);
  putThrift(buffer, value);
  return writtenBytes(buffer).slice();
}

/** Schema elements in footer order, below a root named `schema`. */
export function schemaElements(fields: readonly TestField[]): ThriftValue[] {
  return [struct([4, text("schema")], [5, i32(fields.length)]), ...fields.flatMap(fieldElements)];
}

function fieldElements(field: TestField): ThriftValue[] {
  const element = struct(
    [1, field.type === undefined ? undefined : i32(TYPE_NUMBER[field.type])],
    [2, optionalI32(field.typeLength)],
    [3, i32(REPETITION_NUMBER[field.repetition ?? "REQUIRED"])],
    [4, text(field.name)],
    [5, optionalI32(field.children?.length)],
    [6, optionalI32(field.converted)],
    [7, optionalI32(field.scale)],
    [8, optionalI32(field.precision)],
    [9, optionalI32(field.fieldId)],
    [10, field.logical && struct(field.logical)],
  );
  return [element, ...(field.children ?? []).flatMap(fieldElements)];
}

function optionalI32(value: number | undefined): ThriftValue | undefined {
  return value === undefined ? undefined : i32(value);
}

interface TestLeaf extends TestColumn {
  readonly path: readonly string[];
}

function leavesOf(
  field: TestField,
  above: readonly string[],
  definition: number,
  repetition: number,
): TestLeaf[] {
  const kind = field.repetition ?? "REQUIRED";
  const maxDefinitionLevel = definition + (kind === "REQUIRED" ? 0 : 1);
  const maxRepetitionLevel = repetition + (kind === "REPEATED" ? 1 : 0);
  const path = [...above, field.name];
  if (field.type !== undefined) return [{ path, type: field.type, maxDefinitionLevel, maxRepetitionLevel }];
  return (field.children ?? []).flatMap((child) =>
    leavesOf(child, path, maxDefinitionLevel, maxRepetitionLevel),
  );
}

function dictionaryField(chunk: TestChunk, found: number | undefined): ThriftValue | undefined {
  if (chunk.dictionaryPageOffset === null) return undefined;
  const offset = chunk.dictionaryPageOffset ?? found;
  return offset === undefined ? undefined : i64(offset);
}

function statistics(values: TestStatistics): ThriftValue {
  const binary = (value: Uint8Array | undefined): ThriftValue | undefined =>
    value === undefined ? undefined : { type: "binary", value };
  return struct(
    [1, binary(values.max)],
    [2, binary(values.min)],
    [3, values.nullCount === undefined ? undefined : i64(values.nullCount)],
    [4, values.distinctCount === undefined ? undefined : i64(values.distinctCount)],
    [5, binary(values.maxValue)],
    [6, binary(values.minValue)],
  );
}

function keyValues(entries: Readonly<Record<string, string>>): ThriftValue {
  return list(
    "struct",
    Object.entries(entries).map(([key, value]) => struct([1, text(key)], [2, text(value)])),
  );
}
