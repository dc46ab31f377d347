import type { WrittenAnnotation, WrittenColumn, WrittenType } from "../write/schema.ts";

/**
 * The schema of a page-index sidecar, 06 §4.1: root `arrow_schema`, 34 columns whose names, order, repetition, physical,
 * logical and converted types are the contract with every reader. The writer and the reader both stand on this table.
 */

export const SIDECAR_ROOT_NAME = "arrow_schema";

/** Key of the footer entry that names the data file, exactly as planned (06 §4.4). */
export const DATA_FILE_PATH_KEY = "sidecar.data_file_path";

const STRING = { kind: "STRING" } as const;
const UINT_32 = { kind: "INTEGER", bitWidth: 32, signed: false } as const;
const UINT_8 = { kind: "INTEGER", bitWidth: 8, signed: false } as const;
const INT_16 = { kind: "INTEGER", bitWidth: 16, signed: true } as const;
const INT_8 = { kind: "INTEGER", bitWidth: 8, signed: true } as const;
const DECIMAL_38 = { kind: "DECIMAL", precision: 38 } as const;
const DECIMAL_76 = { kind: "DECIMAL", precision: 76 } as const;

export const SIDECAR_COLUMNS: readonly WrittenColumn[] = [
  required("column_name", "BYTE_ARRAY", STRING),
  required("row_group", "INT32", UINT_32),
  required("page_ordinal", "INT32", UINT_32),
  required("first_row_index", "INT64"),
  required("row_count", "INT32", UINT_32),
  required("live_row_count", "INT32", UINT_32),
  optional("page_header_offset", "INT64"),
  required("page_total_compressed_size", "INT32"),
  optional("dictionary_page_header_offset", "INT64"),
  optional("dictionary_page_total_compressed_size", "INT32"),
  required("requires_dictionary_page", "BOOLEAN"),
  required("parquet_physical_type", "BYTE_ARRAY", STRING),
  required("parquet_compression", "BYTE_ARRAY", STRING),
  required("parquet_max_def_level", "INT32", INT_16),
  required("parquet_max_rep_level", "INT32", INT_16),
  optional("min_i32", "INT32"),
  optional("max_i32", "INT32"),
  optional("min_i64", "INT64"),
  optional("max_i64", "INT64"),
  optional("min_f32", "FLOAT"),
  optional("max_f32", "FLOAT"),
  optional("min_f64", "DOUBLE"),
  optional("max_f64", "DOUBLE"),
  optional("min_bool", "BOOLEAN"),
  optional("max_bool", "BOOLEAN"),
  optional("min_utf8", "BYTE_ARRAY", STRING),
  optional("max_utf8", "BYTE_ARRAY", STRING),
  optional("decimal_precision", "INT32", UINT_8),
  optional("decimal_scale", "INT32", INT_8),
  optional("decimal_bits", "INT32", INT_16),
  optional("min_decimal128_unscaled", "FIXED_LEN_BYTE_ARRAY", DECIMAL_38, 16),
  optional("max_decimal128_unscaled", "FIXED_LEN_BYTE_ARRAY", DECIMAL_38, 16),
  optional("min_decimal256_unscaled", "FIXED_LEN_BYTE_ARRAY", DECIMAL_76, 32),
  optional("max_decimal256_unscaled", "FIXED_LEN_BYTE_ARRAY", DECIMAL_76, 32),
];

function required(name: string, physicalType: WrittenType, annotation?: WrittenAnnotation): WrittenColumn {
  return { name, optional: false, physicalType, typeLength: 0, annotation };
}

function optional(
  name: string,
  physicalType: WrittenType,
  annotation?: WrittenAnnotation,
  typeLength = 0,
): WrittenColumn {
  return { name, optional: true, physicalType, typeLength, annotation };
}
