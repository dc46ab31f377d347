import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { joinRowGroups } from "./one-row-group.ts";

/**
 * Data of the engine benchmark, written once by DuckDB into `.bench-data/`. The file name holds a hash of the SQL, so that a
 * changed generator makes new data.
 */

export interface Dataset {
  readonly name: string;
  readonly what: string;
  readonly query: string;
  readonly options: string;
  /** Whether hyparquet takes part: it needs minutes for some. */
  readonly hyparquet?: boolean;
  /** Whether its row groups are joined into one. */
  readonly joined?: boolean;
}

const WORDS =
  "['furiously','sly','carefully','blithe','quick','final','ironic','even','bold','silent','pending','express','regular','special'," +
  "'unusual','packages','requests','accounts','deposits','foxes','ideas','theodolites','pinto beans','instructions','dependencies'," +
  "'excuses','platelets','asymptotes','courts','dolphins','multipliers','sauternes','warthogs','frets','dinos','attainments'," +
  "'somas','braids','hockey players','sleep','wake','are','cajole','haggle','nag','use','boost','affix','detect','integrate','among'," +
  "'above','after','against','along','according to','the','quietly','slowly','daringly','fluffily','ruthlessly','thinly','closely']";

/** A pseudo-random number below `n` that depends on the row and on which column asks. */
const random = (column: number, n: number | string) => `(hash(i * 64 + ${column}) % ${n})::BIGINT`;
const word = (column: number) => `words[1 + ${random(column, 64)}]`;

const lineitem = (rows: number) => `
  WITH w AS (SELECT ${WORDS} AS words)
  SELECT
    (i // 4) * 8 + (i % 4) AS l_orderkey,
    (1 + ${random(1, 200_000)})::BIGINT AS l_partkey,
    (1 + ${random(2, 10_000)})::BIGINT AS l_suppkey,
    (1 + i % 7)::INTEGER AS l_linenumber,
    (1 + ${random(3, 50)})::DECIMAL(15,2) AS l_quantity,
    ((90000 + ${random(4, 10_400_000)}) / 100.0)::DECIMAL(15,2) AS l_extendedprice,
    (${random(5, 11)} / 100.0)::DECIMAL(15,2) AS l_discount,
    (${random(6, 9)} / 100.0)::DECIMAL(15,2) AS l_tax,
    ['A','N','R'][1 + ${random(7, 3)}] AS l_returnflag,
    ['F','O'][1 + ${random(8, 2)}] AS l_linestatus,
    DATE '1992-01-02' + ${random(9, 2526)}::INTEGER AS l_shipdate,
    DATE '1992-01-31' + ${random(10, 2466)}::INTEGER AS l_commitdate,
    DATE '1992-01-03' + ${random(11, 2554)}::INTEGER AS l_receiptdate,
    ['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'][1 + ${random(12, 4)}] AS l_shipinstruct,
    ['REG AIR','AIR','RAIL','SHIP','TRUCK','MAIL','FOB'][1 + ${random(13, 7)}] AS l_shipmode,
    ${word(14)} || ' ' || ${word(15)} || ' ' || ${word(16)} || CASE WHEN ${random(17, 2)} = 0 THEN ' ' || ${word(18)} ELSE '' END AS l_comment,
    ${random(19, "1000000007")} / 1000003.0::DOUBLE AS l_score,
    TIMESTAMP '2020-01-01' + to_microseconds((i * 1000003 + ${random(20, 900_000_000)})::BIGINT) AS l_loaded_at
  FROM range(${rows}) r(i), w`;

const wide = Array.from({ length: 1000 }, (_, c) =>
  c % 4 === 0
    ? `(hash(i + ${c}) % 100000)::INTEGER AS c${c}`
    : c % 4 === 1
      ? `(hash(i + ${c}) % 1000003 / 7.0)::DOUBLE AS c${c}`
      : c % 4 === 2
        ? `'value ' || (hash(i + ${c}) % 300) AS c${c}`
        : `CASE WHEN hash(i + ${c}) % 5 = 0 THEN NULL ELSE i * ${c} END AS c${c}`,
).join(", ");

export const DATASETS: readonly Dataset[] = [
  {
    name: "lineitem-snappy",
    what: "6 M rows, 18 columns, snappy",
    query: lineitem(6_000_000),
    options: "COMPRESSION snappy",
    hyparquet: true,
  },
  { name: "lineitem-zstd", what: "the same, zstd", query: lineitem(6_000_000), options: "COMPRESSION zstd" },
  {
    name: "lineitem-uncompressed",
    what: "the same, uncompressed",
    query: lineitem(6_000_000),
    options: "COMPRESSION uncompressed",
  },
  {
    name: "wide",
    what: "60 000 rows, 1000 columns, snappy",
    query: `SELECT ${wide} FROM range(60000) r(i)`,
    options: "COMPRESSION snappy, ROW_GROUP_SIZE 20480",
  },
  {
    name: "long-strings",
    what: "400 000 rows, URLs and 700-byte texts, snappy",
    query: `WITH w AS (SELECT ${WORDS} AS words) SELECT
      'https://example.org/catalogue/items/' || (hash(i) % 3000000) || '?session=' || hash(i + 7) AS url,
      array_to_string([words[(1 + hash(i * 128 + k) % 64)::BIGINT] FOR k IN range(90)], ' ') AS body
      FROM range(400000) r(i), w`,
    options: "COMPRESSION snappy",
  },
  {
    name: "nested",
    what: "2 M rows, structs with nulls at two levels, snappy",
    query: `SELECT CASE WHEN hash(i) % 10 = 0 THEN NULL ELSE {
        'id': i, 'price': CASE WHEN hash(i + 1) % 3 = 0 THEN NULL ELSE (hash(i + 2) % 100000 / 100.0)::DOUBLE END,
        'place': CASE WHEN hash(i + 3) % 4 = 0 THEN NULL ELSE {'city': 'city ' || (hash(i + 4) % 5000), 'zip': (hash(i + 5) % 100000)::INTEGER} END
      } END AS event, [i, i + 1] AS ids FROM range(2000000) r(i)`,
    options: "COMPRESSION snappy",
  },
  {
    name: "one-row-group",
    what: "50 M rows in one row group of 2 GiB, pages of 1 MiB, snappy",
    query: `SELECT i AS id, (hash(i) % 1000000007)::BIGINT AS a, hash(i + 1) / 1e10 AS b, hash(i + 2) / 1e10 AS c,
      (hash(i + 3) % 1000000000039)::BIGINT AS d, 'name ' || (hash(i + 4) % 1000000000) AS name
      FROM range(50000000) r(i)`,
    options: "COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1",
    joined: true,
  },
];

/** Path of the data set's file, made now if it isn't there. */
export async function datasetFile(dataset: Dataset, folder: string, progress: (line: string) => void) {
  const hash = createHash("sha256").update(`${dataset.query}|${dataset.options}`).digest("hex").slice(0, 8);
  const path = join(folder, `${dataset.name}-${hash}.parquet`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  progress(`writing ${dataset.name} (${dataset.what})`);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const unfinished = `${path}.unfinished`;
  await connection.run(`SET threads TO 2; SET preserve_insertion_order = true`);
  await connection.run(`COPY (${dataset.query}) TO '${unfinished}' (FORMAT parquet, ${dataset.options})`);
  connection.closeSync();
  instance.closeSync();
  if (dataset.joined === true) {
    await joinRowGroups(unfinished, `${unfinished}.joined`);
    rmSync(unfinished);
    renameSync(`${unfinished}.joined`, path);
  } else renameSync(unfinished, path);
  return path;
}
