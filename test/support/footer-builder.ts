import type {
  Annotation,
  ChunkStatistics,
  ColumnOrder,
  FileMetadata,
  PhysicalType,
  SchemaLeaf,
} from "../../src/parquet/index.ts";

/** Footers as plain values, for tests of what is made of them. */

export interface LeafSpec {
  readonly path: readonly string[];
  readonly physicalType: PhysicalType;
  readonly annotation?: Annotation;
  readonly typeLength?: number;
  readonly fieldId?: number;
  readonly required?: boolean;
  readonly repeated?: boolean;
}

export interface ChunkSpec {
  readonly statistics?: Partial<ChunkStatistics>;
  readonly uncompressedSize?: number;
}

export interface FooterSpec {
  readonly leaves: readonly LeafSpec[];
  /** Per row group: its rows, and the chunks in leaf order. */
  readonly rowGroups: readonly { readonly rows: number; readonly chunks: readonly ChunkSpec[] }[];
  readonly createdBy?: string | undefined;
  readonly columnOrders?: readonly ColumnOrder[];
}

export function footerOf(spec: FooterSpec): FileMetadata {
  const leaves = spec.leaves.map(leafOf);
  return {
    version: 1,
    createdBy: "createdBy" in spec ? spec.createdBy : "parquet-mr version 1.13.1 (build x)",
    rowCount: spec.rowGroups.reduce((sum, group) => sum + group.rows, 0),
    schema: {
      root: {
        name: "root",
        repetition: "REQUIRED",
        fieldId: undefined,
        annotation: undefined,
        children: [],
        leafIndex: undefined,
      },
      leaves,
    },
    rowGroups: spec.rowGroups.map((group, ordinal) => ({
      ordinal,
      rowCount: group.rows,
      totalByteSize: 0,
      chunks: group.chunks.map((chunk, i) => ({
        leaf: leaves[i]!,
        codec: "SNAPPY",
        valueCount: group.rows,
        totalCompressedSize: 0,
        totalUncompressedSize: chunk.uncompressedSize ?? 0,
        dataPageOffset: 4,
        dictionaryPageOffset: undefined,
        encodings: ["PLAIN"],
        statistics: chunk.statistics === undefined ? undefined : { ...NO_STATISTICS, ...chunk.statistics },
        unreadable: undefined,
      })),
    })),
    keyValueMetadata: new Map(),
    columnOrders: spec.columnOrders,
    footerLength: 100,
  };
}

const NO_STATISTICS: ChunkStatistics = {
  min: undefined,
  max: undefined,
  minValue: undefined,
  maxValue: undefined,
  nullCount: undefined,
  distinctCount: undefined,
};

function leafOf(spec: LeafSpec, index: number): SchemaLeaf {
  return {
    index,
    path: spec.path,
    name: spec.path.join("."),
    physicalType: spec.physicalType,
    typeLength: spec.typeLength ?? 0,
    fieldId: spec.fieldId,
    maxDefinitionLevel: (spec.required ? 0 : 1) + (spec.repeated ? 1 : 0),
    maxRepetitionLevel: spec.repeated ? 1 : 0,
    annotation: spec.annotation,
  };
}

export function int32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

export function int64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
}

export function floatBytes(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

export function doubleBytes(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

/** Nanoseconds of the day and Julian day. */
export function int96Bytes(epochDay: number, nanosOfDay: bigint): Uint8Array {
  return Uint8Array.of(...int64Bytes(nanosOfDay), ...int32Bytes(epochDay + 2_440_588));
}
