import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { byteSourceOf } from "../../../test/support/byte-source.ts";
import { GOLDEN_DATA_FILE_PATH, GOLDEN_ROWS } from "../../../test/support/golden-page-rows.ts";
import { sidecarRecord } from "../../../test/support/page-rows.ts";
import { readSidecar, writeSidecar } from "./index.ts";
import { sortPageRows } from "./sort.ts";

/** What pyarrow saw in our golden sidecar: written by `test/fixtures/generate/sidecar_pyarrow.py`. */
const FOLDER = new URL("../../../test/fixtures/data/sidecar/", import.meta.url);

const Golden = z.object({
  sha256: z.string(),
  schema: z.array(z.string()),
  arrowTypes: z.array(z.string()),
  keyValues: z.record(z.string(), z.string()),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.boolean()]))),
});

const signal = new AbortController().signal;
const golden = Golden.parse(JSON.parse(await readFile(new URL("golden.json", FOLDER), "utf8")));
const sortedRows = sortPageRows(GOLDEN_ROWS);

describe("06 §4, the golden sidecar as pyarrow has read it", () => {
  test("the writer still gives the bytes that pyarrow read", () => {
    const bytes = writeSidecar(GOLDEN_ROWS, GOLDEN_DATA_FILE_PATH);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(golden.sha256);
  });

  test("06 §4.1: root, and logical types as Arrow understands them", () => {
    expect(golden.schema[0]).toBe("required group field_id=-1 arrow_schema {");
    expect(golden.schema[2]).toBe(
      "  required int32 field_id=-1 row_group (Int(bitWidth=32, isSigned=false));",
    );
    expect(golden.schema[31]).toBe(
      "  optional fixed_len_byte_array(16) field_id=-1 min_decimal128_unscaled (Decimal(precision=38, scale=0));",
    );
    expect(golden.arrowTypes).toEqual(ARROW_TYPES);
  });

  test("06 §4.4: the key/value entries", () => {
    expect(golden.keyValues).toEqual({
      "sidecar.data_file_path": GOLDEN_DATA_FILE_PATH,
      "writer.model.name": "floecat-capture",
    });
  });

  test("06 §4.2, §4.3: every value of every row, in order", () => {
    expect(golden.rows).toEqual(sortedRows.map((row) => exactRecord(sidecarRecord(row))));
  });
});

test.each(["rewritten-v2-zstd-delta.parquet", "rewritten-v1-snappy-dictionary.parquet"])(
  "our reader reads the same rows from pyarrow's own sidecar %s",
  async (name) => {
    const bytes = await readFile(new URL(name, FOLDER));
    const sidecar = await readSidecar(byteSourceOf(bytes), { signal });
    expect(sidecar).toEqual({ dataFilePath: GOLDEN_DATA_FILE_PATH, rows: sortedRows });
  },
);

/** 06 §4.1, column "Arrow"; without an `ARROW:schema` entry dictionaries read as plain text. */
const ARROW_TYPES = `
column_name string not null
row_group uint32 not null
page_ordinal uint32 not null
first_row_index int64 not null
row_count uint32 not null
live_row_count uint32 not null
page_header_offset int64
page_total_compressed_size int32 not null
dictionary_page_header_offset int64
dictionary_page_total_compressed_size int32
requires_dictionary_page bool not null
parquet_physical_type string not null
parquet_compression string not null
parquet_max_def_level int16 not null
parquet_max_rep_level int16 not null
min_i32 int32
max_i32 int32
min_i64 int64
max_i64 int64
min_f32 float
max_f32 float
min_f64 double
max_f64 double
min_bool bool
max_bool bool
min_utf8 string
max_utf8 string
decimal_precision uint8
decimal_scale int8
decimal_bits int16
min_decimal128_unscaled decimal128(38, 0)
max_decimal128_unscaled decimal128(38, 0)
min_decimal256_unscaled decimal256(76, 0)
max_decimal256_unscaled decimal256(76, 0)
`
  .trim()
  .split("\n");

/** A record in the notation of the script: numbers as decimal text, floats as their bytes in hexadecimal, no nulls. */
function exactRecord(record: Record<string, unknown>): Record<string, string | boolean> {
  const exact: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === "boolean" || typeof value === "string") exact[name] = value;
    else if (typeof value === "bigint") exact[name] = value.toString();
    else if (value instanceof Uint8Array) exact[name] = unscaledOf(value).toString();
    else if (typeof value === "number")
      exact[name] = name.includes("_f") && isBound(name) ? floatHex(name, value) : `${value}`;
  }
  return exact;
}

function isBound(name: string): boolean {
  return name.startsWith("min_") || name.startsWith("max_");
}

function floatHex(name: string, value: number): string {
  const bytes = Buffer.alloc(name.endsWith("f32") ? 4 : 8);
  if (bytes.length === 4) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}

function unscaledOf(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
}
