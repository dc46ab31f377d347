import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { type ColumnChunk, type FileMetadata, readFooter } from "../../src/parquet/index.ts";
import { addAction, commitName, field, jsonLines, schemaOf } from "../../test/support/delta-log.ts";
import { type EntryInput, manifest, manifestList } from "../../test/support/iceberg-builder.ts";

/**
 * The tables of the statistics benchmark, written once into `.bench-data/`: a Delta and an Iceberg table of 1,000 small Parquet
 * files each. DuckDB writes a few templates and the files are copies of them, since statistics look at footers alone; logs and
 * manifests are written here, with the figures of the templates' footers. The folder name holds a hash of the recipe, so that a
 * changed one makes new data.
 */
export interface StatsTable {
  readonly format: "delta" | "iceberg";
  readonly uri: string;
  /** In scan order. */
  readonly files: readonly string[];
}

const FILES = 1000;
const FILES_PER_COMMIT = 100;
const TEMPLATES = 20;
const ROWS = 2000;
const SNAPSHOT_ID = 1;

interface BenchColumn {
  readonly name: string;
  readonly sql: string;
  readonly delta: string;
  readonly iceberg: string;
}

const text = (name: string, sql: string): BenchColumn => ({ name, sql, delta: "string", iceberg: "string" });
const long = (name: string, sql: string): BenchColumn => ({
  name,
  sql: `(${sql})::BIGINT`,
  delta: "long",
  iceberg: "long",
});
const int = (name: string, sql: string): BenchColumn => ({
  name,
  sql: `(${sql})::INTEGER`,
  delta: "integer",
  iceberg: "int",
});
const double = (name: string, sql: string): BenchColumn => ({
  name,
  sql: `(${sql})::DOUBLE`,
  delta: "double",
  iceberg: "double",
});
const instant = (name: string, sql: string): BenchColumn => ({
  name,
  sql: `(TIMESTAMP '2026-01-01' + to_microseconds((${sql})::BIGINT))::TIMESTAMPTZ`,
  delta: "timestamp",
  iceberg: "timestamptz",
});
const price = (name: string, sql: string): BenchColumn => ({
  name,
  sql: `(${sql})::DECIMAL(15,2)`,
  delta: "decimal(15,2)",
  iceberg: "decimal(15, 2)",
});
const random = (seed: number, below: number) => `hash(i * 32 + ${seed}) % ${below}`;

const COLUMNS: readonly BenchColumn[] = [
  long("order_id", "i"),
  long("customer_id", random(1, 100_000)),
  long("session_id", random(2, 1_000_000_007)),
  text("region", `['north','south','east','west'][1 + (${random(3, 4)})::BIGINT]`),
  text("status", `['open','paid','sent','returned','lost'][1 + (${random(4, 5)})::BIGINT]`),
  text("sku", `'sku-' || (${random(5, 5000)})`),
  text("note", `CASE WHEN ${random(6, 3)} = 0 THEN NULL ELSE 'note ' || hash(i + 6) END`),
  text("email", `'user' || (${random(7, 90_000)}) || '@example.org'`),
  price("price", `(${random(8, 1_000_000)}) / 100.0`),
  price("discount", `(${random(9, 10_000)}) / 100.0`),
  double("weight", `(${random(10, 100_003)}) / 7.0`),
  double("score", `CASE WHEN ${random(11, 10)} = 0 THEN NULL ELSE (${random(11, 1_000_003)}) / 3.0 END`),
  int("quantity", random(12, 50)),
  int("warehouse", random(13, 12)),
  int("line", "i % 7"),
  { name: "gift", sql: `${random(14, 9)} = 0`, delta: "boolean", iceberg: "boolean" },
  { name: "day", sql: `DATE '2026-01-01' + (${random(15, 365)})::INTEGER`, delta: "date", iceberg: "date" },
  instant("placed_at", `i * 1000003`),
  instant("paid_at", `i * 1000003 + ${random(16, 3_600_000_000)}`),
  instant(
    "sent_at",
    `CASE WHEN ${random(17, 4)} = 0 THEN NULL ELSE i * 1000003 + ${random(17, 86_400_000_000)} END`,
  ),
];

/** The two tables, made now if they aren't there. */
export async function statsTables(
  folder: string,
  progress: (line: string) => void,
): Promise<readonly StatsTable[]> {
  const recipe = JSON.stringify([COLUMNS, FILES, FILES_PER_COMMIT, TEMPLATES, ROWS, RECIPE_VERSION]);
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 8);
  const root = join(folder, `stats-${hash}`);
  const delta = join(root, "delta");
  const iceberg = join(root, "iceberg");
  if (!existsSync(root)) {
    progress(`writing ${FILES} files each of a Delta and an Iceberg table`);
    const unfinished = `${root}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    const templates = await writeTemplates(join(unfinished, "templates"));
    writeDeltaTable(join(unfinished, "delta"), templates);
    writeIcebergTable(join(unfinished, "iceberg"), iceberg, templates);
    rmSync(join(unfinished, "templates"), { recursive: true });
    renameSync(unfinished, root);
  }
  return [
    { format: "delta", uri: delta, files: range(FILES).map((i) => urlOf(delta, fileName(i))) },
    {
      format: "iceberg",
      uri: iceberg,
      files: range(FILES).map((i) => urlOf(iceberg, `data/${fileName(i)}`)),
    },
  ];
}

/** Raised when this file writes other metadata than before for the same recipe. */
const RECIPE_VERSION = 1;

interface Template {
  readonly path: string;
  readonly size: number;
  readonly footer: FileMetadata;
}

async function writeTemplates(folder: string): Promise<readonly Template[]> {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const templates: Template[] = [];
  for (const ordinal of range(TEMPLATES)) {
    const path = join(folder, `${ordinal}.parquet`);
    const select = COLUMNS.map((column) => `${column.sql} AS ${column.name}`).join(", ");
    await connection.run(
      `COPY (SELECT ${select} FROM range(${ordinal * ROWS}, ${(ordinal + 1) * ROWS}) r(i)) TO '${path}' (FORMAT parquet, FIELD_IDS 'auto')`,
    );
    const bytes = readFileSync(path);
    const source = {
      path,
      size: bytes.length,
      read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
    };
    const footer = await readFooter(source, { signal: new AbortController().signal });
    templates.push({ path, size: bytes.length, footer });
  }
  connection.closeSync();
  instance.closeSync();
  return templates;
}

function writeDeltaTable(folder: string, templates: readonly Template[]): void {
  const log = join(folder, "_delta_log");
  mkdirSync(log, { recursive: true });
  const metaData = {
    id: "1d6f3c52-8f0a-4d05-9a9e-0d1c6f2b7a10",
    format: { provider: "parquet", options: {} },
    schemaString: schemaOf(...COLUMNS.map((column) => field(column.name, column.delta))),
    partitionColumns: [],
    configuration: {},
    createdTime: 0,
  };
  const head = [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }];
  for (let first = 0; first < FILES; first += FILES_PER_COMMIT) {
    const adds = range(FILES_PER_COMMIT).map((i) => {
      const { path, size } = templateOf(templates, first + i);
      copyFileSync(path, join(folder, fileName(first + i)));
      return addAction(fileName(first + i), { size, stats: JSON.stringify({ numRecords: ROWS }) });
    });
    const version = first / FILES_PER_COMMIT;
    writeFileSync(join(log, commitName(version)), jsonLines(...(version === 0 ? head : []), ...adds));
  }
}

function writeIcebergTable(folder: string, finalFolder: string, templates: readonly Template[]): void {
  mkdirSync(join(folder, "data"), { recursive: true });
  mkdirSync(join(folder, "metadata"), { recursive: true });
  const at = (path: string) => urlOf(finalFolder, path);
  const manifests = [];
  for (let first = 0; first < FILES; first += FILES_PER_COMMIT) {
    const entries = range(FILES_PER_COMMIT).map((i) => {
      const template = templateOf(templates, first + i);
      copyFileSync(template.path, join(folder, "data", fileName(first + i)));
      return manifestEntry(at(`data/${fileName(first + i)}`), template);
    });
    const name = `metadata/manifest-${first / FILES_PER_COMMIT}.avro`;
    writeFileSync(join(folder, name), manifest(entries, { codec: "deflate" }));
    manifests.push({ manifest_path: at(name), added_files_count: FILES_PER_COMMIT });
  }
  writeFileSync(join(folder, "metadata/snap-1.avro"), manifestList(manifests));
  writeFileSync(
    join(folder, "metadata/00000-3f2a1b7e-4c52-4ad4-8e34-2f6f0a7b9c11.metadata.json"),
    icebergMetadata(at("metadata/snap-1.avro"), finalFolder),
  );
}

function icebergMetadata(manifestListPath: string, finalFolder: string): string {
  const fields = COLUMNS.map((column, i) => ({
    id: i + 1,
    name: column.name,
    type: column.iceberg,
    required: false,
  }));
  return JSON.stringify({
    "format-version": 2,
    "table-uuid": "3f2a1b7e-4c52-4ad4-8e34-2f6f0a7b9c11",
    location: pathToFileURL(finalFolder).href,
    "last-sequence-number": 1,
    "last-updated-ms": 0,
    "last-column-id": COLUMNS.length,
    "current-schema-id": 0,
    schemas: [{ type: "struct", "schema-id": 0, fields }],
    "default-spec-id": 0,
    "partition-specs": [{ "spec-id": 0, fields: [] }],
    "last-partition-id": 999,
    "default-sort-order-id": 0,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    "current-snapshot-id": SNAPSHOT_ID,
    snapshots: [
      {
        "snapshot-id": SNAPSHOT_ID,
        "sequence-number": 1,
        "timestamp-ms": 0,
        "schema-id": 0,
        summary: { operation: "append" },
        "manifest-list": manifestListPath,
      },
    ],
  });
}

function manifestEntry(path: string, { size, footer }: Template): EntryInput {
  const counts: Record<number, number> = {};
  const nulls: Record<number, bigint> = {};
  const lower: Record<number, string> = {};
  const upper: Record<number, string> = {};
  for (const group of footer.rowGroups) {
    for (const [i, chunk] of group.chunks.entries()) {
      const id = i + 1;
      counts[id] = chunk.valueCount;
      nulls[id] = chunk.statistics?.nullCount ?? 0n;
      const { minValue, maxValue } = chunk.statistics ?? {};
      if (minValue === undefined || maxValue === undefined) continue;
      lower[id] = icebergBound(minValue, chunk);
      upper[id] = icebergBound(maxValue, chunk);
    }
  }
  return { path, rows: footer.rowCount, size, valueCounts: counts, nullCounts: nulls, lower, upper };
}

/** The single-value form of a bound: that of Parquet but for decimals, whose bytes are in reverse order. */
function icebergBound(bytes: Uint8Array, { leaf }: ColumnChunk): string {
  const form = leaf.annotation?.kind === "DECIMAL" ? bytes.toReversed() : bytes;
  return Buffer.from(form).toString("hex");
}

function templateOf(templates: readonly Template[], file: number): Template {
  const template = templates[file % templates.length];
  if (template === undefined) throw new RangeError("there are no templates");
  return template;
}

const fileName = (ordinal: number) => `part-${String(ordinal).padStart(5, "0")}.parquet`;
const urlOf = (folder: string, name: string) => `file://${join(folder, name)}`;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
