import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { SnapshotColumn } from "../../src/table/index.ts";
import { parseLogicalType } from "../../src/types/index.ts";
import { isoText } from "./stats-oracle.ts";

/** What a full read by DuckDB says of a column over the files of a table that have it. */
export interface TrueFigures {
  /** Files that have the column at top level; without one, nothing else is known. */
  readonly files: number;
  /** Those of them in which it has the name by which it is looked for, rather than its id alone. */
  readonly named: number;
  /** Rows of those files. */
  readonly rowCount: bigint;
  readonly nullCount: bigint;
  readonly nanCount: bigint;
  /** NaN left out; BINARY in base64, everything else as text with the `T` and `Z` of ISO 8601. */
  readonly min: string | undefined;
  readonly max: string | undefined;
  /** Values that a sketch can tell apart (07 §6.3): no null, no empty text; both zeros. */
  readonly distinctCount: number;
}

export interface TableOracle {
  rowCount(files: readonly string[]): Promise<bigint>;
  figures(files: readonly string[], column: SnapshotColumn): Promise<TrueFigures>;
  close(): void;
}

export async function openTableOracle(): Promise<TableOracle> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET threads = 1; SET TimeZone = 'UTC'");
  return {
    async rowCount(files) {
      const [row] = await query(connection, `SELECT count(*) AS n FROM (${unionOf(files, () => "1")})`);
      return typeof row?.n === "bigint" ? row.n : 0n;
    },
    async figures(files, column) {
      const names = new Map<string, string>();
      for (const file of files) {
        const name = await nameInFile(connection, file, column);
        if (name !== undefined) names.set(file, name);
      }
      const having = files.filter((file) => names.has(file));
      return await figuresOf(connection, having, names, column);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function figuresOf(
  connection: DuckDBConnection,
  files: readonly string[],
  names: ReadonlyMap<string, string>,
  column: SnapshotColumn,
): Promise<TrueFigures> {
  const none = { min: undefined, max: undefined, nanCount: 0n, distinctCount: 0 };
  if (files.length === 0) return { files: 0, named: 0, rowCount: 0n, nullCount: 0n, ...none };
  const { kind } = parseLogicalType(column.logicalType);
  const isFloat = kind === "FLOAT" || kind === "DOUBLE";
  const asText = (value: string) =>
    kind === "BINARY" ? `base64(${value}::BLOB)` : `CAST(${value} AS VARCHAR)`;
  const nan = isFloat ? "isnan(v)" : "false";
  const [row] = await query(
    connection,
    `SELECT count(*) AS n, count(*) - count(v) AS nulls, count(*) FILTER (WHERE ${nan}) AS nans,
      ${asText(`min(v) FILTER (WHERE NOT ${nan})`)} AS lo, ${asText(`max(v) FILTER (WHERE NOT ${nan})`)} AS hi,
      count(DISTINCT CAST(v AS VARCHAR)) FILTER (WHERE length(CAST(v AS VARCHAR)) > 0) AS items
    FROM (${unionOf(files, (file) => quoted(names.get(file) ?? ""))})`,
  );
  const big = (value: unknown) => (typeof value === "bigint" ? value : 0n);
  const text = (value: unknown) => (typeof value === "string" ? isoText(value) : undefined);
  return {
    files: files.length,
    named: [...names.values()].filter((name) => name === column.topLevelName).length,
    rowCount: big(row?.n),
    nullCount: big(row?.nulls),
    nanCount: big(row?.nans),
    min: text(row?.lo),
    max: text(row?.hi),
    distinctCount: Number(big(row?.items)),
  };
}

/** By field id where the table goes by ids and the file has them, else by name. */
async function nameInFile(
  connection: DuckDBConnection,
  file: string,
  column: SnapshotColumn,
): Promise<string | undefined> {
  // The elements of a schema are in depth-first order: a top-level one comes when those before it are complete.
  const elements = await query(
    connection,
    `SELECT name, num_children AS children, field_id AS id FROM parquet_schema('${file.replaceAll("'", "''")}')`,
  );
  let open = Number(elements[0]?.children ?? 0);
  const topLevel: { name: string; id: unknown }[] = [];
  let nested = 0;
  for (const element of elements.slice(1)) {
    if (nested === 0) {
      if (open-- === 0) break;
      topLevel.push({ name: String(element.name), id: element.id });
    } else {
      nested--;
    }
    nested += Number(element.children ?? 0);
  }
  const byId =
    column.fieldId === undefined ? undefined : topLevel.find((field) => Number(field.id) === column.fieldId);
  const hasIds = topLevel.some((field) => field.id !== null && field.id !== undefined);
  if (column.fieldId !== undefined && hasIds) return byId?.name;
  return topLevel.find((field) => field.name === column.topLevelName)?.name;
}

function unionOf(files: readonly string[], value: (file: string) => string): string {
  return files
    .map(
      (file) =>
        `SELECT ${value(file)} AS v FROM read_parquet('${file.replaceAll("'", "''")}', hive_partitioning = false)`,
    )
    .join(" UNION ALL BY NAME ");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function query(connection: DuckDBConnection, sql: string) {
  return (await connection.runAndReadAll(sql)).getRowObjects();
}
