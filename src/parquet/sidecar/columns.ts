import type { PageBounds, PageIndexRow } from "../../model/index.ts";
import {
  booleanBuilder,
  type ColumnBuilder,
  type ColumnShape,
  type ColumnValues,
  fixedBytesBuilder,
  float32Builder,
  float64Builder,
  int32Builder,
  int64Builder,
  textBuilder,
  uint32Builder,
} from "../write/column-builders.ts";
import { SIDECAR_COLUMNS } from "./schema.ts";

/**
 * Turns page rows into the 34 columns of a sidecar, in schema order: which field of a row fills which column, and when it is
 * null, 06 §4.2. One pass over the rows, since each of them is an object somewhere in memory.
 */
export function sidecarColumnValues(rows: readonly PageIndexRow[]): ColumnValues[] {
  const shape = (name: string, maxValues = rows.length): ColumnShape => {
    const column = SIDECAR_COLUMNS.find((candidate) => candidate.name === name);
    if (column === undefined) throw new RangeError(`a sidecar has no column ${name}`);
    return { name, rowCount: rows.length, optional: column.optional, maxValues };
  };
  // A page has bounds of one kind at most: arrays for all eight kinds at full length would mostly lie idle.
  const counts = countByKind(rows);
  const columnName = textBuilder(shape("column_name"));
  const rowGroup = uint32Builder(shape("row_group"));
  const pageOrdinal = uint32Builder(shape("page_ordinal"));
  const firstRowIndex = int64Builder(shape("first_row_index"));
  const rowCount = uint32Builder(shape("row_count"));
  const liveRowCount = uint32Builder(shape("live_row_count"));
  const pageHeaderOffset = int64Builder(shape("page_header_offset"));
  const pageSize = int32Builder(shape("page_total_compressed_size"));
  const dictionaryOffset = int64Builder(shape("dictionary_page_header_offset"));
  const dictionarySize = int32Builder(shape("dictionary_page_total_compressed_size"));
  const requiresDictionary = booleanBuilder(shape("requires_dictionary_page"));
  const physicalType = textBuilder(shape("parquet_physical_type"));
  const compression = textBuilder(shape("parquet_compression"));
  const maxDefLevel = int32Builder(shape("parquet_max_def_level"));
  const maxRepLevel = int32Builder(shape("parquet_max_rep_level"));
  const i32 = bounds(int32Builder(shape("min_i32", counts.i32)), int32Builder(shape("max_i32", counts.i32)));
  const i64 = bounds(int64Builder(shape("min_i64", counts.i64)), int64Builder(shape("max_i64", counts.i64)));
  const f32 = bounds(
    float32Builder(shape("min_f32", counts.f32)),
    float32Builder(shape("max_f32", counts.f32)),
  );
  const f64 = bounds(
    float64Builder(shape("min_f64", counts.f64)),
    float64Builder(shape("max_f64", counts.f64)),
  );
  const bool = bounds(
    booleanBuilder(shape("min_bool", counts.bool)),
    booleanBuilder(shape("max_bool", counts.bool)),
  );
  const utf8 = bounds(
    textBuilder(shape("min_utf8", counts.utf8)),
    textBuilder(shape("max_utf8", counts.utf8)),
  );
  const precision = int32Builder(shape("decimal_precision"));
  const scale = int32Builder(shape("decimal_scale"));
  const bits = int32Builder(shape("decimal_bits"));
  const decimal128 = bounds(
    fixedBytesBuilder(shape("min_decimal128_unscaled", counts.decimal128), 16),
    fixedBytesBuilder(shape("max_decimal128_unscaled", counts.decimal128), 16),
  );
  const decimal256 = bounds(
    fixedBytesBuilder(shape("min_decimal256_unscaled", counts.decimal256), 32),
    fixedBytesBuilder(shape("max_decimal256_unscaled", counts.decimal256), 32),
  );
  const boundBuilders: BoundBuilders = { i32, i64, f32, f64, bool, utf8, decimal128, decimal256 };

  let i = 0;
  for (const row of rows) {
    columnName.put(i, row.columnName);
    rowGroup.put(i, row.rowGroup);
    pageOrdinal.put(i, row.pageOrdinal);
    firstRowIndex.put(i, row.firstRowIndex);
    rowCount.put(i, row.rowCount);
    liveRowCount.put(i, row.rowCount);
    pageHeaderOffset.put(i, row.pageHeaderOffset);
    pageSize.put(i, row.pageTotalCompressedSize);
    if (row.dictionaryPageHeaderOffset !== undefined) dictionaryOffset.put(i, row.dictionaryPageHeaderOffset);
    if (row.dictionaryPageTotalCompressedSize !== undefined) {
      dictionarySize.put(i, row.dictionaryPageTotalCompressedSize);
    }
    requiresDictionary.put(i, row.requiresDictionaryPage);
    physicalType.put(i, row.parquetPhysicalType);
    compression.put(i, row.parquetCompression);
    maxDefLevel.put(i, row.parquetMaxDefLevel);
    maxRepLevel.put(i, 0);
    if (row.decimal !== undefined) {
      precision.put(i, row.decimal.precision);
      scale.put(i, row.decimal.scale);
      if (row.decimal.bits !== undefined) bits.put(i, row.decimal.bits);
    }
    if (row.bounds !== undefined) putBounds(boundBuilders, i, row.bounds);
    i++;
  }

  return [
    columnName,
    rowGroup,
    pageOrdinal,
    firstRowIndex,
    rowCount,
    liveRowCount,
    pageHeaderOffset,
    pageSize,
    dictionaryOffset,
    dictionarySize,
    requiresDictionary,
    physicalType,
    compression,
    maxDefLevel,
    maxRepLevel,
    ...[i32, i64, f32, f64, bool, utf8].flatMap(({ min, max }) => [min, max]),
    precision,
    scale,
    bits,
    ...[decimal128, decimal256].flatMap(({ min, max }) => [min, max]),
  ].map((builder) => builder.finish());
}

interface MinMaxBuilders<T> {
  readonly min: ColumnBuilder<T>;
  readonly max: ColumnBuilder<T>;
}

type BoundBuilders = {
  readonly [K in PageBounds["kind"]]: MinMaxBuilders<Extract<PageBounds, { readonly kind: K }>["min"]>;
};

function countByKind(rows: readonly PageIndexRow[]): Record<PageBounds["kind"], number> {
  const counts = { i32: 0, i64: 0, f32: 0, f64: 0, bool: 0, utf8: 0, decimal128: 0, decimal256: 0 };
  for (const { bounds: page } of rows) if (page !== undefined) counts[page.kind]++;
  return counts;
}

function bounds<T>(min: ColumnBuilder<T>, max: ColumnBuilder<T>): MinMaxBuilders<T> {
  return { min, max };
}

function putBounds(builders: BoundBuilders, row: number, page: PageBounds): void {
  switch (page.kind) {
    case "i32":
    case "f32":
    case "f64":
      builders[page.kind].min.put(row, page.min);
      builders[page.kind].max.put(row, page.max);
      return;
    case "i64":
      builders.i64.min.put(row, page.min);
      builders.i64.max.put(row, page.max);
      return;
    case "bool":
      builders.bool.min.put(row, page.min);
      builders.bool.max.put(row, page.max);
      return;
    case "utf8":
      builders.utf8.min.put(row, page.min);
      builders.utf8.max.put(row, page.max);
      return;
    case "decimal128":
    case "decimal256":
      builders[page.kind].min.put(row, page.min);
      builders[page.kind].max.put(row, page.max);
      return;
  }
}
