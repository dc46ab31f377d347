import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import type { PageBounds, PageIndexRow } from "../../src/model/index.ts";
import type { FileMetadata, SchemaLeaf } from "../../src/parquet/index.ts";

/**
 * An oracle for page rows that isn't ours: DuckDB reads the whole file, and every page row is compared with what DuckDB found in
 * the rows of that page: how many there are, whether any isn't null, the least and the greatest.
 */
export interface Oracle {
  check(path: string, footer: FileMetadata, rows: readonly PageIndexRow[]): Promise<OracleReport>;
  close(): void;
}

export interface OracleReport {
  /** Page rows that DuckDB could be asked about. */
  readonly comparedPages: number;
  /** Disagreements, readable. */
  readonly differences: readonly string[];
  /** Columns that DuckDB can't read, or whose values it changes, with the reason. */
  readonly beyond: readonly { readonly column: string; readonly reason: string }[];
}

export async function openOracle(): Promise<Oracle> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET threads = 1");
  return {
    async check(path, footer, rows) {
      const differences: string[] = [];
      const beyond: { column: string; reason: string }[] = [];
      let comparedPages = 0;
      for (const leaf of footer.schema.leaves) {
        const pages = rows.filter((row) => row.columnName === leaf.name);
        if (pages.length === 0) continue;
        const reading = readingOf(leaf, pages);
        if (typeof reading === "string") {
          beyond.push({ column: leaf.name, reason: reading });
          continue;
        }
        try {
          const found = await readPages(connection, path, leaf, reading, placePages(footer, pages));
          comparedPages += pages.length;
          differences.push(...pages.flatMap((page, index) => compare(page, found.get(index), reading)));
        } catch (error) {
          beyond.push({ column: leaf.name, reason: firstLine(error) });
        }
      }
      return { comparedPages, differences, beyond };
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** How a column's values are put in the terms of its page bounds. */
interface Reading {
  /** The value in those terms. */
  readonly value: (column: string) => string;
  /** The aggregates over it. */
  readonly min: string;
  readonly max: string;
  readonly decode: (value: DuckDBValue) => string;
}

/** Why a decimal of more than 38 digits can't be compared. */
export const DECIMAL_LIMIT = "DuckDB reads decimals of more than 38 digits as doubles";

const MIN_MAX = { min: "min(v)", max: "max(v)" };
/** Whole values as text, so that nothing is rounded on its way. */
const asText = (value: DuckDBValue) => String(value);

function readingOf(leaf: SchemaLeaf, pages: readonly PageIndexRow[]): Reading | string {
  const kind = pages.find((page) => page.bounds !== undefined)?.bounds?.kind;
  switch (kind) {
    case undefined:
      return { value: (column) => column, min: "NULL", max: "NULL", decode: asText };
    case "bool":
      return { value: (column) => column, ...MIN_MAX, decode: asText };
    case "f32":
    case "f64":
      // DuckDB holds NaN for the greatest number; here it is both bounds as soon as there is one.
      return {
        value: (column) => `${column}::DOUBLE`,
        min: "CASE WHEN bool_or(isnan(v)) THEN 'nan'::DOUBLE ELSE min(v) END",
        max: "CASE WHEN bool_or(isnan(v)) THEN 'nan'::DOUBLE ELSE max(v) END",
        decode: asText,
      };
    case "utf8":
      // DuckDB compares bytes: all texts are fetched and put in UTF-16 order here.
      return {
        value: (column) => `${column}::VARCHAR`,
        min: "to_json(list(DISTINCT v))",
        max: "NULL",
        decode: asText,
      };
    case "decimal256":
      return DECIMAL_LIMIT;
    case "decimal128":
      return {
        value: (column) => column,
        min: "min(v)::VARCHAR",
        max: "max(v)::VARCHAR",
        decode: unscaledText,
      };
    case "i32":
    case "i64": {
      const value = integerOf(leaf);
      return value === undefined
        ? `integers annotated ${leaf.annotation?.kind} aren't raw values in DuckDB`
        : { value, min: "min(v)::VARCHAR", max: "max(v)::VARCHAR", decode: asText };
    }
  }
}

/** The stored integer behind what DuckDB makes of it; undefined where it can't be had back. */
function integerOf(leaf: SchemaLeaf): ((column: string) => string) | undefined {
  const { annotation } = leaf;
  switch (annotation?.kind) {
    case undefined:
    case "UNKNOWN":
      return (column) => `${column}::HUGEINT`;
    case "DATE":
      return (column) => `datediff('day', DATE '1970-01-01', ${column})::HUGEINT`;
    case "INTEGER": {
      // QUIRK (06 §2.3): unsigned values are compared as the signed ones that they are stored as.
      const bits = leaf.physicalType === "INT64" ? 64 : 32;
      return annotation.signed || annotation.bitWidth < bits
        ? (column) => `${column}::HUGEINT`
        : (column) =>
            `CASE WHEN ${column}::HUGEINT < ${2n ** BigInt(bits - 1)} THEN ${column}::HUGEINT ELSE ${column}::HUGEINT - ${2n ** BigInt(bits)} END`;
    }
    case "TIMESTAMP":
      switch (annotation.unit) {
        case "MILLIS":
          return (column) => `epoch_us(${column})::HUGEINT // 1000`;
        case "MICROS":
          return (column) => `epoch_us(${column})::HUGEINT`;
        case "NANOS":
          return annotation.adjustedToUtc ? undefined : (column) => `epoch_ns(${column})::HUGEINT`;
      }
      return undefined;
    case "TIME":
      switch (annotation.unit) {
        case "MILLIS":
          return (column) => `datediff('microseconds', TIME '00:00:00', ${column}::TIME)::HUGEINT // 1000`;
        case "MICROS":
          return (column) => `datediff('microseconds', TIME '00:00:00', ${column}::TIME)::HUGEINT`;
        case "NANOS":
          return undefined;
      }
      return undefined;
    default:
      return undefined;
  }
}

function unscaledText(value: DuckDBValue): string {
  return String(BigInt(String(value).replace(".", "")));
}

interface PlacedPage {
  readonly index: number;
  /** Row of the file that the page begins with. */
  readonly start: bigint;
}

/** Pages of 0 rows are left out: they have nothing to be asked about. */
function placePages(footer: FileMetadata, pages: readonly PageIndexRow[]): PlacedPage[] {
  const groupStarts: bigint[] = [];
  let start = 0n;
  for (const group of footer.rowGroups) {
    groupStarts.push(start);
    start += BigInt(group.rowCount);
  }
  return pages.flatMap((page, index) =>
    page.rowCount === 0 ? [] : [{ index, start: (groupStarts[page.rowGroup] ?? 0n) + page.firstRowIndex }],
  );
}

interface FoundPage {
  readonly rowCount: bigint;
  readonly valueCount: bigint;
  readonly min: DuckDBValue;
  readonly max: DuckDBValue;
}

async function readPages(
  connection: DuckDBConnection,
  path: string,
  leaf: SchemaLeaf,
  reading: Reading,
  pages: readonly PlacedPage[],
): Promise<ReadonlyMap<number, FoundPage>> {
  if (pages.length === 0) return new Map();
  const column = `f.${leaf.path.map((element) => `"${element.replaceAll('"', '""')}"`).join(".")}`;
  const places = pages.map(({ index, start }) => `(${index}, ${start})`).join(", ");
  const result = await connection.runAndReadAll(`
    SELECT p.page, count(*) AS row_count, count(v) AS value_count, ${reading.min} AS least, ${reading.max} AS most
    FROM (SELECT f.file_row_number AS r, ${reading.value(column)} AS v
          FROM read_parquet('${path.replaceAll("'", "''")}', file_row_number = true) AS f) AS t
    ASOF JOIN (VALUES ${places}) AS p(page, start) ON t.r >= p.start
    GROUP BY p.page`);
  return new Map(
    result.getRows().map(([page, rowCount, valueCount, min, max]) => [
      Number(page),
      {
        rowCount: BigInt(String(rowCount)),
        valueCount: BigInt(String(valueCount)),
        min: min ?? null,
        max: max ?? null,
      },
    ]),
  );
}

function compare(page: PageIndexRow, found: FoundPage | undefined, reading: Reading): string[] {
  const name = `${page.columnName} row group ${page.rowGroup} page ${page.pageOrdinal}`;
  if (page.rowCount === 0) return page.bounds === undefined ? [] : [`${name}: bounds without rows`];
  if (found === undefined) return [`${name}: DuckDB has no such rows`];
  const differences: string[] = [];
  if (found.rowCount !== BigInt(page.rowCount)) {
    differences.push(`${name}: ${page.rowCount} rows, DuckDB has ${found.rowCount}`);
  }
  if (page.bounds === undefined) {
    if (found.valueCount !== 0n)
      differences.push(`${name}: no bounds, DuckDB has ${found.valueCount} values`);
    return differences;
  }
  if (found.valueCount === 0n) return [...differences, `${name}: bounds, DuckDB has only nulls`];
  const ours = boundTexts(page.bounds);
  const theirs = foundTexts(page.bounds, found, reading);
  if (ours.join() !== theirs.join()) differences.push(`${name}: ${ours}, DuckDB has ${theirs}`);
  return differences;
}

/** Both zeros read alike: DuckDB doesn't tell them apart. */
function boundTexts(bounds: PageBounds): [string, string] {
  switch (bounds.kind) {
    case "decimal128":
    case "decimal256":
      return [unscaled(bounds.min), unscaled(bounds.max)];
    default:
      return [String(bounds.min), String(bounds.max)];
  }
}

function foundTexts(bounds: PageBounds, found: FoundPage, reading: Reading): [string, string] {
  if (bounds.kind !== "utf8") return [reading.decode(found.min), reading.decode(found.max)];
  const texts: unknown = JSON.parse(String(found.min));
  if (!Array.isArray(texts)) throw new TypeError("a list of texts was expected");
  // The default order of JavaScript is by UTF-16 code unit, which is the order of 06 §3.6.
  const sorted = texts.filter((text) => typeof text === "string").sort();
  return [sorted[0] ?? "", sorted.at(-1) ?? ""];
}

function unscaled(bytes: Uint8Array): string {
  return String(BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`)));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
