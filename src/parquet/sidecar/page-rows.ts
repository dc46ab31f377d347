import {
  type DecimalAnnotation,
  type PageBounds,
  type PageIndexRow,
  UnreadableFileError,
} from "../../model/index.ts";
import type { Cell } from "./cells.ts";

/**
 * Puts the columns of a sidecar back into page rows and holds them to 06 §4.2: what may never be null isn't, what goes
 * together comes together, and what this product can't express is refused rather than dropped.
 */
export interface SidecarTable {
  /** For messages. */
  readonly file: string;
  readonly columns: ReadonlyMap<string, readonly Cell[]>;
  readonly rowCount: number;
}

export function pageRowsOf(table: SidecarTable): PageIndexRow[] {
  return Array.from({ length: table.rowCount }, (_, row) => pageRowAt({ ...table, row }));
}

interface Place extends SidecarTable {
  readonly row: number;
}

function pageRowAt(at: Place): PageIndexRow {
  const rowCount = required(at, "row_count", isNumber) >>> 0;
  const liveRowCount = required(at, "live_row_count", isNumber) >>> 0;
  if (liveRowCount !== rowCount) {
    throw refused(at, "live_row_count", `is ${liveRowCount} where row_count is ${rowCount}`);
  }
  const maxRepLevel = required(at, "parquet_max_rep_level", isNumber);
  if (maxRepLevel !== 0)
    throw refused(at, "parquet_max_rep_level", `is ${maxRepLevel} where only 0 is indexed`);
  return {
    columnName: required(at, "column_name", isText),
    rowGroup: required(at, "row_group", isNumber) >>> 0,
    pageOrdinal: required(at, "page_ordinal", isNumber) >>> 0,
    firstRowIndex: required(at, "first_row_index", isBigint),
    rowCount,
    pageHeaderOffset: required(at, "page_header_offset", isBigint),
    pageTotalCompressedSize: required(at, "page_total_compressed_size", isNumber),
    dictionaryPageHeaderOffset: optional(at, "dictionary_page_header_offset", isBigint),
    dictionaryPageTotalCompressedSize: optional(at, "dictionary_page_total_compressed_size", isNumber),
    requiresDictionaryPage: required(at, "requires_dictionary_page", isBoolean),
    parquetPhysicalType: required(at, "parquet_physical_type", isText),
    parquetCompression: required(at, "parquet_compression", isText),
    parquetMaxDefLevel: required(at, "parquet_max_def_level", isNumber),
    decimal: decimalAt(at),
    bounds: boundsAt(at),
  };
}

function decimalAt(at: Place): DecimalAnnotation | undefined {
  const precision = optional(at, "decimal_precision", isNumber);
  const scale = optional(at, "decimal_scale", isNumber);
  const bits = optional(at, "decimal_bits", isNumber);
  if (precision === undefined && scale === undefined && bits === undefined) return undefined;
  if (precision === undefined)
    throw refused(at, "decimal_precision", "is null where the other decimal columns are not");
  if (scale === undefined)
    throw refused(at, "decimal_scale", "is null where the other decimal columns are not");
  return { precision, scale, bits };
}

function boundsAt(at: Place): PageBounds | undefined {
  const i32 = minMax(at, "i32", isNumber);
  const i64 = minMax(at, "i64", isBigint);
  const f32 = minMax(at, "f32", isNumber);
  const f64 = minMax(at, "f64", isNumber);
  const bool = minMax(at, "bool", isBoolean);
  const utf8 = minMax(at, "utf8", isText);
  const decimal128 = minMax(at, "decimal128_unscaled", isBytes);
  const decimal256 = minMax(at, "decimal256_unscaled", isBytes);
  const found: (PageBounds | undefined)[] = [
    i32 && { kind: "i32", ...i32 },
    i64 && { kind: "i64", ...i64 },
    f32 && { kind: "f32", ...f32 },
    f64 && { kind: "f64", ...f64 },
    bool && { kind: "bool", ...bool },
    utf8 && { kind: "utf8", ...utf8 },
    decimal128 && { kind: "decimal128", ...decimal128 },
    decimal256 && { kind: "decimal256", ...decimal256 },
  ];
  const [bounds, other] = found.filter((candidate) => candidate !== undefined);
  if (bounds !== undefined && other !== undefined) {
    throw refused(at, `min_${other.kind}`, `is set beside min_${bounds.kind}`);
  }
  return bounds;
}

function minMax<T extends Cell>(
  at: Place,
  suffix: string,
  is: (cell: Cell) => cell is T,
): { min: T; max: T } | undefined {
  const min = optional(at, `min_${suffix}`, is);
  const max = optional(at, `max_${suffix}`, is);
  if (min === undefined && max === undefined) return undefined;
  if (min === undefined) throw refused(at, `min_${suffix}`, "is null where the maximum is not");
  if (max === undefined) throw refused(at, `max_${suffix}`, "is null where the minimum is not");
  return { min, max };
}

function required<T extends Cell>(at: Place, column: string, is: (cell: Cell) => cell is T): NonNullable<T> {
  const value = optional(at, column, is);
  if (value === undefined || value === null) throw refused(at, column, "is null");
  return value;
}

function optional<T extends Cell>(at: Place, column: string, is: (cell: Cell) => cell is T): T | undefined {
  const cell = at.columns.get(column)?.[at.row];
  if (cell === undefined || is(cell)) return cell;
  throw refused(at, column, `holds a ${typeof cell}`);
}

const isNumber = (cell: Cell): cell is number => typeof cell === "number";
const isBigint = (cell: Cell): cell is bigint => typeof cell === "bigint";
const isBoolean = (cell: Cell): cell is boolean => typeof cell === "boolean";
const isText = (cell: Cell): cell is string => typeof cell === "string";
const isBytes = (cell: Cell): cell is Uint8Array => cell instanceof Uint8Array;

function refused(at: Place, column: string, what: string): UnreadableFileError {
  return new UnreadableFileError(`the value in row ${at.row} ${what}`, {
    file: at.file,
    column,
  });
}
