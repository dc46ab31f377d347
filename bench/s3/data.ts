import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  addAction,
  commitName,
  field,
  jsonLines,
  metadataAction,
  protocolAction,
  schemaOf,
} from "../../test/support/delta-log.ts";

/** Delta tables of the S3 benchmark, written once into `.bench-data/`: few large files, and many small ones. */
export interface S3Table {
  readonly name: string;
  readonly what: string;
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

const TABLES = [
  { name: "large", what: "files of 16 MiB", files: 12, rows: 400_000 },
  { name: "small", what: "files of 250 KiB", files: 300, rows: 6_000 },
];

const random = (column: number, n: number) => `(hash(i * 64 + ${column}) % ${n})`;
const COLUMNS = [
  { name: "order_id", type: "long", sql: "i::BIGINT" },
  { name: "part_id", type: "long", sql: `${random(1, 200_000)}::BIGINT` },
  { name: "line", type: "integer", sql: "(i % 7)::INTEGER" },
  { name: "price", type: "decimal(15,2)", sql: `(${random(2, 10_000_000)} / 100.0)::DECIMAL(15,2)` },
  { name: "score", type: "double", sql: `${random(3, 1_000_000_007)} / 1000003.0` },
  { name: "status", type: "string", sql: `['open','paid','sent','lost'][1 + ${random(4, 4)}::BIGINT]` },
  { name: "email", type: "string", sql: `'user' || ${random(5, 90_000)} || '@example.org'` },
  {
    name: "note",
    type: "string",
    sql: `CASE WHEN ${random(6, 3)} = 0 THEN NULL ELSE 'note ' || hash(i + 6) END`,
  },
  { name: "day", type: "date", sql: `DATE '2026-01-01' + ${random(7, 365)}::INTEGER` },
];

export async function s3Tables(
  folder: string,
  progress: (line: string) => void,
): Promise<readonly S3Table[]> {
  const hash = createHash("sha256")
    .update(JSON.stringify([TABLES, COLUMNS]))
    .digest("hex")
    .slice(0, 8);
  const root = join(folder, `s3-${hash}`);
  if (!existsSync(root)) {
    progress("writing the tables");
    rmSync(`${root}.unfinished`, { recursive: true, force: true });
    for (const table of TABLES) await writeTable(join(`${root}.unfinished`, table.name), table);
    renameSync(`${root}.unfinished`, root);
  }
  return TABLES.map(({ name, what, files }) => ({
    name,
    what: `${files} ${what}`,
    folder: join(root, name),
    files: range(files).map((i) => ({
      name: fileName(i),
      size: statSync(join(root, name, fileName(i))).size,
    })),
  }));
}

async function writeTable(folder: string, { files, rows }: (typeof TABLES)[number]): Promise<void> {
  const log = join(folder, "_delta_log");
  mkdirSync(log, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const select = COLUMNS.map(({ name, sql }) => `${sql} AS ${name}`).join(", ");
  const adds: object[] = [];
  for (const i of range(files)) {
    const path = join(folder, fileName(i));
    const from = `FROM range(${i * rows}, ${(i + 1) * rows}) r(i)`;
    await connection.run(`COPY (SELECT ${select} ${from}) TO '${path}' (FORMAT parquet)`);
    const stats = JSON.stringify({ numRecords: rows });
    adds.push(addAction(fileName(i), { size: statSync(path).size, stats }));
  }
  connection.closeSync();
  instance.closeSync();
  const schema = schemaOf(...COLUMNS.map(({ name, type }) => field(name, type)));
  writeFileSync(join(log, commitName(0)), jsonLines(protocolAction(), metadataAction(schema), ...adds));
}

const fileName = (ordinal: number) => `part-${String(ordinal).padStart(5, "0")}.parquet`;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
