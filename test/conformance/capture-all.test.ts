import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CapturePool, createCapturePool, type FileOutcome } from "../../src/capture/index.ts";
import { TableError, UnreadableFileError } from "../../src/model/index.ts";
import { readFooter } from "../../src/parquet/index.ts";
import { testRootPath } from "../../src/storage/test-root.ts";
import { nameOf } from "../support/capture-output.ts";
import { countsOf, type ReportLine, renderCaptureReport } from "../support/capture-report.ts";
import { type CapturedTable, type CaptureSetup, captureWholeTable } from "../support/capture-table.ts";
import {
  type ConformanceTable,
  deltaTables,
  deltaTablesIn,
  icebergTables,
  icebergTablesIn,
  parquetFiles,
  parquetFilesIn,
} from "../support/conformance-tables.ts";
import { type Oracle, openOracle } from "../support/duckdb-oracle.ts";
import { memorySource } from "../support/memory-source.ts";
import { sidecarRows } from "../support/sidecar-rows.ts";

/**
 * The whole engine over everything that the fixtures and the conformance data hold: each snapshot of each table and each Parquet file, in both
 * generations, every output and distinct values asked for. What can't be captured is listed with the reason; every page row of
 * what can is compared with a full read by DuckDB.
 */

const data = process.env.CONFORMANCE_DATA;
const { signal } = new AbortController();

const ENCRYPTED = "encrypted footer. No keys available";

/** What is not captured whole, in either generation, and why. All else is. */
const EXCEPTIONS: Readonly<Record<string, readonly ["partly" | "refused", string]>> = {
  // The conformance data has its metadata alone.
  "iceberg/tpcds_sfone": ["partly", "019d43b5-f25c-79a6-bcdb-a1dda94522cd.parquet does not exist"],
  "datapage_v1-corrupt-checksum.parquet": [
    "partly",
    "column a, row group 0, page 0, offset 4: the page's checksum",
  ],
  "rle-dict-uncompressed-corrupt-checksum.parquet": [
    "partly",
    "column long_field, row group 0, offset 4: the page's checksum",
  ],
  "encrypt_columns_plaintext_footer.parquet.encrypted": [
    "partly",
    "the column is encrypted and no keys are available",
  ],
};

/** Columns that DuckDB can't read; other files and the unit tests vouch for them. */
const BEYOND_DUCKDB: readonly string[] = [
  "byte_stream_split_extended.gzip.parquet",
  "hadoop_lz4_compressed.parquet",
  "hadoop_lz4_compressed_larger.parquet",
  "non_hadoop_lz4_compressed.parquet",
];

let root: string;
let pool: CapturePool;
let oracle: Oracle;
const report: ReportLine[] = [];
/** A file's sidecar never depends on the snapshot or the generation that it is captured for. */
const sidecarOf = new Map<string, Uint8Array>();
const beyondDuckdb = new Set<string>();

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "floecat-capture-all-")));
  pool = createCapturePool({ threads: 2 });
  oracle = await openOracle();
});

afterAll(async () => {
  await pool.close();
  oracle.close();
  await rm(root, { recursive: true });
  console.log(renderCaptureReport(report));
});

const EVERYTHING = { outputs: ["table", "file", "column", "page-index"], ndv: true } as const;
const STATISTICS = { outputs: ["table", "file", "column"], ndv: false } as const;

async function captureEverySnapshot(table: ConformanceTable): Promise<void> {
  for (const snapshotId of table.snapshotIds) {
    for (const generation of ["inline", "chunked"] as const) {
      const attempt = async (wanted: typeof EVERYTHING | typeof STATISTICS) => {
        const store = { local: { kind: "anywhere" }, testRoot: root } as const;
        return await attemptOf({
          connector: table.connector,
          store,
          pool,
          snapshotId,
          generation,
          ...wanted,
        });
      };
      let result: ReportLine["result"] = "captured";
      let why = await attempt(EVERYTHING);
      if (why !== undefined) result = (await attempt(STATISTICS)) === undefined ? "partly" : "refused";
      why = why?.replaceAll(data ?? "", "").replaceAll(/\s+/g, " ");
      report.push({ name: `${table.name} ${snapshotId} ${generation}`, result, why: why ?? "" });
      const name = table.name.startsWith("parquet/") ? nameOf(table.name) : table.name;
      const encrypted = name.endsWith(".encrypted") ? (["refused", ENCRYPTED] as const) : undefined;
      const [expected, reason] = EXCEPTIONS[name] ?? encrypted ?? ["captured", ""];
      expect([name, result, why ?? ""]).toEqual([name, expected, expect.stringContaining(reason)]);
    }
  }
}

/** Undefined if all of it was captured, else why not. */
async function attemptOf(setup: CaptureSetup): Promise<string | undefined> {
  let captured: CapturedTable;
  try {
    captured = await captureWholeTable(setup);
  } catch (error) {
    if (error instanceof UnreadableFileError || error instanceof TableError) return error.message;
    throw error;
  }
  const { outcomes, rolledUp } = captured;
  for (const outcome of outcomes) await checkPages(outcome);
  const [failed] = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
  if (failed !== undefined) return failed.message;
  expect(rolledUp.length > 0).toBe(outcomes.length > 0);
  return undefined;
}

async function checkPages(outcome: FileOutcome): Promise<void> {
  if (!outcome.ok || outcome.artifact === undefined) return;
  const { content } = outcome.artifact;
  const known = sidecarOf.get(outcome.file.path);
  if (known !== undefined) {
    expect(content).toEqual(known);
    return;
  }
  sidecarOf.set(outcome.file.path, content);
  const { path } = outcome.file;
  const local = path.startsWith("s3://") ? testRootPath(root, path) : path.replace(/^file:\/\//, "");
  const rows = await sidecarRows(content);
  const footer = await readFooter(memorySource(await readFile(local), path), { signal });
  const found = await oracle.check(local, footer, rows);
  expect(found.differences).toEqual([]);
  // DuckDB has no instants in nanoseconds; fixtures of them are counted by their folder.
  const name = path.includes("/types_v3/") ? "types_v3" : nameOf(path);
  if (found.beyond.length > 0) beyondDuckdb.add(name);
  else expect(found.comparedPages).toBe(rows.length);
}

test("every snapshot of every fixture, and every Parquet file in them", async () => {
  const folder = join(import.meta.dirname, "../fixtures/data");
  const tables = [
    ...(await deltaTablesIn(join(folder, "delta"))),
    ...(await icebergTablesIn(join(folder, "iceberg"), root)),
    ...(await parquetFilesIn(folder)),
  ];
  for (const table of tables) await captureEverySnapshot({ ...table, name: `fixtures/${table.name}` });
  expect(countsOf(report, "fixtures")).toEqual({ captured: report.length, partly: 0, refused: 0 });
  // What pyarrow wrote vouches for those (test/oracle/written-values.test.ts, src/parquet/sidecar/pyarrow.test.ts).
  expect([...beyondDuckdb].filter((name) => !/^(random|rewritten)-/.test(name))).toEqual(["types_v3"]);
  beyondDuckdb.clear();
}, 60_000);

describe.skipIf(data === undefined)("everything that the conformance data holds", () => {
  const folder = data ?? "";

  test("every version of every Delta table", async () => {
    for (const table of await deltaTables(folder)) await captureEverySnapshot(table);
    expect(countsOf(report, "delta")).toEqual({ captured: 48, partly: 0, refused: 0 });
  });

  test("every snapshot of every Iceberg table", async () => {
    for (const table of await icebergTables(folder, root)) await captureEverySnapshot(table);
    expect(countsOf(report, "iceberg")).toEqual({ captured: 14, partly: 2, refused: 0 });
  });

  test("every Parquet file", async () => {
    for (const file of await parquetFiles(folder)) await captureEverySnapshot(file);
    expect(countsOf(report, "parquet")).toEqual({ captured: 146, partly: 8, refused: 22 });
    expect([...beyondDuckdb].sort()).toEqual(BEYOND_DUCKDB);
  });
});
