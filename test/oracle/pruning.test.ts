import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { viewsFromSchema } from "../../src/captured/index.ts";
import { createReferenceEngine } from "../../src/parquet/index.ts";
import { type ColumnViews, parsePredicate, prunePages } from "../../src/pruning/index.ts";
import { indexFile } from "../support/index-file.ts";

/** What a filter gives up, against the rows that DuckDB finds with it. */

const ROWS = 40 * 2048;

const COLUMNS = `
  range AS n,
  ((range * 7919) % 1000 - 500)::INTEGER AS scattered,
  DATE '1992-01-01' + (range / 50)::INTEGER AS d,
  TIMESTAMP '1992-01-01' + to_milliseconds(range * 400000 + 37) AS ts,
  (TIMESTAMP '1992-01-01' + to_milliseconds(range * 400000))::TIMESTAMP_MS AS ms,
  (TIME '00:00:00' + to_microseconds((range * 1000000) % 86400000000)) AS t,
  (range / 100.0 - 200)::DECIMAL(9, 2) AS price,
  (range * 1.5 - 1000)::DECIMAL(38, 10) AS wide,
  (range / 3.0 - 5000)::FLOAT AS f,
  CASE WHEN range % 9000 = 17 THEN 'NaN'::DOUBLE ELSE range / 7.0 - 1000 END AS g,
  (['æ', 'Ärger', 'a', 'B', 'Zz', 'é', '漢字', '😀', 'Ａ', ''])[1 + (range / 8192)::INTEGER] || lpad((range % 1000)::VARCHAR, 3, '0') AS s,
  (range / 20000) % 2 = 0 AS flag,
  (2147483648 - 40000 + range)::UINTEGER AS u,
  CASE WHEN range < 30000 THEN NULL ELSE range END AS late`;

let folder: string;
let file: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "floecat-capture-pruning-"));
  file = join(folder, "rows.parquet");
  instance = await DuckDBInstance.create(":memory:");
  connection = await instance.connect();
  await connection.run(
    `COPY (SELECT ${COLUMNS} FROM range(${ROWS}) ORDER BY range) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
});

afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
});

const operator = fc.constantFrom("=", "<>", "<", "<=", ">", ">=");
const number = (min: number, max: number, digits: number) =>
  fc.double({ min, max, noNaN: true }).map((value) => value.toFixed(digits));
const day = fc
  .integer({ min: 8_000, max: 10_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
const clock = fc.integer({ min: 0, max: 86_399 }).map((s) => new Date(s * 1000).toISOString().slice(11, 19));
const moment = fc
  .tuple(day, clock, fc.constantFrom("", ".037", ".5", ".000001"))
  .map(([d, t, f]) => `${d} ${t}${f}`);
const text = fc
  .tuple(
    fc.constantFrom("æ", "Ä", "a", "B", "Zz", "é", "漢字", "😀", "Ａ", "", "zzz"),
    fc.constantFrom("", "0", "012", "999"),
  )
  .map(([a, b]) => a + b);
const quoted = (value: fc.Arbitrary<string>) => value.map((each) => `'${each}'`);

const LITERALS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  n: fc.oneof(number(-10, 90_000, 0), number(-10, 90_000, 2)),
  scattered: number(-600, 600, 0),
  d: fc.oneof(
    quoted(day),
    quoted(moment).map((each) => `TIMESTAMP ${each}`),
  ),
  ts: fc.oneof(quoted(day), quoted(moment)),
  ms: quoted(moment),
  t: quoted(clock),
  price: fc.oneof(number(-250, 700, 2), number(-250, 700, 3)),
  wide: number(-1_100, 130_000, 4),
  f: number(-5_100, 23_000, 3),
  g: number(-1_100, 11_000, 3),
  s: quoted(text),
  flag: fc.constantFrom("TRUE", "FALSE"),
  u: number(2_147_000_000, 2_148_000_000, 0),
  late: number(0, 90_000, 0),
};

const leaf = fc.constantFrom(...Object.keys(LITERALS)).chain((column) => {
  const literal = LITERALS[column] ?? fc.constant("0");
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(operator, literal).map(([op, value]) => `${column} ${op} ${value}`) },
    { weight: 1, arbitrary: fc.tuple(literal, literal).map(([a, b]) => `${column} BETWEEN ${a} AND ${b}`) },
    {
      weight: 1,
      arbitrary: fc
        .array(literal, { minLength: 1, maxLength: 3 })
        .map((values) => `${column} NOT IN (${values.join(", ")})`),
    },
    { weight: 1, arbitrary: fc.constantFrom(`${column} IS NULL`, `${column} IS NOT NULL`) },
    { weight: column === "s" ? 2 : 0, arbitrary: text.map((prefix) => `s LIKE '${prefix}%'`) },
    { weight: column === "s" ? 1 : 0, arbitrary: text.map((prefix) => `s NOT LIKE '${prefix}%'`) },
  );
});

const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie("filter"), fc.constantFrom("AND", "OR"), tie("filter"))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie("filter").map((inner) => `NOT (${inner})`),
  ),
}));

it("DuckDB finds no row in what a filter gives up, with and without knowing what integers mean", async () => {
  const { footer, rows } = await indexFile(file, createReferenceEngine());
  const starts: number[] = [];
  let next = 0;
  for (const { rowCount } of footer.rowGroups) {
    starts.push(next);
    next += rowCount;
  }
  const givenUpRows = { withViews: 0, without: 0 };

  const check = async (text: string, views: ColumnViews): Promise<number> => {
    const { rowGroups, rowCount, keptRowCount } = prunePages(rows, parsePredicate(text), views);
    expect(rowCount).toBe(ROWS);
    const kept = rowGroups.flatMap(({ rowGroup, ranges }) =>
      ranges.map(({ first, end }) => {
        const start = starts[rowGroup] ?? 0;
        return `file_row_number BETWEEN ${start + first} AND ${start + end - 1}`;
      }),
    );
    if (keptRowCount === ROWS) return 0;
    const outside = kept.length === 0 ? "TRUE" : `NOT (${kept.join(" OR ")})`;
    const reader = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER AS lost FROM read_parquet('${file}', file_row_number = true) WHERE (${text}) AND ${outside}`,
    );
    expect({ filter: text, lost: reader.getRowObjects()[0]?.lost }).toEqual({ filter: text, lost: 0 });
    return ROWS - keptRowCount;
  };

  await fc.assert(
    fc.asyncProperty(filter, async (text) => {
      givenUpRows.withViews += await check(text, viewsFromSchema(footer.schema.leaves));
      givenUpRows.without += await check(text, new Map());
    }),
    { numRuns: 150 },
  );
  expect(givenUpRows.withViews).toBeGreaterThan(10 * ROWS);
  expect(givenUpRows.without).toBeGreaterThan(5 * ROWS);
});
