import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { commitName, field, jsonLines, schemaOf } from "../../test/support/delta-log.ts";

/**
 * The log of a Delta table of very many files, written once into `.bench-data/`: one checkpoint with `stats_parsed`, as Spark
 * lays it out, and a commit after it. There are no data files: listing opens none.
 */
export async function listingTable(folder: string, files: number): Promise<string> {
  const recipe = createHash("sha256")
    .update(`${query(files)} ${ROWS_PER_PAGE}`)
    .digest("hex")
    .slice(0, 8);
  const table = join(folder, `listing-${files}-${recipe}`);
  if (existsSync(table)) return table;
  const partial = `${table}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const log = join(partial, "_delta_log");
  mkdirSync(log, { recursive: true });
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(
    `COPY (${query(files)}) TO '${join(log, CHECKPOINT)}' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROWS_PER_PAGE})`,
  );
  connection.closeSync();
  writeFileSync(join(log, commitName(0)), "");
  writeFileSync(join(log, commitName(1)), HEAD);
  renameSync(partial, table);
  return table;
}

/** Path of a file of the table, below its root. */
export function filePath(ordinal: number): string {
  const random = createHash("md5").update(String(ordinal)).digest("hex");
  return `day=${ordinal % 365}/part-${String(ordinal).padStart(8, "0")}-${random}.snappy.parquet`;
}

/** DuckDB writes one page a row group: this gives pages of about 1 MB, as Spark has them. */
const ROWS_PER_PAGE = 10_240;

const CHECKPOINT = "00000000000000000000.checkpoint.parquet";

const HEAD = jsonLines(
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  {
    metaData: {
      schemaString: schemaOf(
        field("id", "long"),
        field("customer", "long"),
        field("amount", "double"),
        field("quantity", "integer"),
        field("name", "string"),
        field("city", "string"),
        field("placed_on", "date"),
        field("day", "integer"),
      ),
      partitionColumns: ["day"],
    },
  },
);

function query(files: number): string {
  const bounds = (offset: number) => `{
    'id': i * 1000 + ${offset}, 'customer': i % 77777 + ${offset}, 'amount': i / 7.0 + ${offset},
    'quantity': (i % 100 + ${offset})::INTEGER, 'name': 'name ' || (i % 1000 + ${offset}), 'city': 'city ' || (i % 50),
    'placed_on': DATE '2026-01-01' + (i % 365)::INTEGER }`;
  return `SELECT {
    'path': 'day=' || (i % 365) || '/part-' || lpad(i::VARCHAR, 8, '0') || '-' || md5(i::VARCHAR) || '.snappy.parquet',
    'partitionValues': MAP {'day': (i % 365)::VARCHAR},
    'size': 100000000 + i, 'modificationTime': 1700000000000 + i, 'dataChange': false,
    'stats_parsed': {
      'numRecords': 1000000 + i,
      'minValues': ${bounds(0)},
      'maxValues': ${bounds(9)},
      'nullCount': { 'id': 0::BIGINT, 'customer': 1::BIGINT, 'amount': i % 5, 'quantity': 0::BIGINT, 'name': 2::BIGINT,
        'city': 0::BIGINT, 'placed_on': 0::BIGINT }
    } } AS "add"
  FROM range(${files}) r(i)`;
}
