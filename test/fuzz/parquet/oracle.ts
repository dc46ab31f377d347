import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PageIndexRow, UnreadableFileError } from "../../../src/model/index.ts";
import {
  createFastEngine,
  ENCODING,
  type FileMetadata,
  indexedType,
  walkPages,
} from "../../../src/parquet/index.ts";
import { signedBigEndian } from "../../../src/table/iceberg/bounds.ts";
import { openOracle } from "../../support/duckdb-oracle.ts";
import { indexFile } from "../../support/index-file.ts";
import { memorySource } from "../../support/memory-source.ts";
import { judge } from "../harness/promised.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";
import { openDraft } from "./draft.ts";
import { mutateParquet } from "./mutate.ts";
import { parquetSeeds } from "./seeds.ts";
import { fieldOf, itemsOf } from "./thrift-tree.ts";

/**
 * Mutants that the fast engine accepts, against a full read by DuckDB: where it accepts them too, its figures must be ours. Files
 * whose row groups don't have the rows that their pages have are left out: the page index counts what pages say (06 §3.4), DuckDB
 * goes by the row groups.
 */
export async function oracleTarget(): Promise<FuzzTarget> {
  const seeds = parquetSeeds();
  const oracle = await openOracle();
  const folder = mkdtempSync(join(tmpdir(), "floecat-capture-fuzz-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const engine = createFastEngine();
  let written = 0;

  async function run(input: Uint8Array): Promise<Outcome> {
    // DuckDB remembers files by their path.
    const path = join(folder, `${written++}.parquet`);
    writeFileSync(path, input);
    try {
      return await compare(path, input);
    } finally {
      rmSync(path);
    }
  }

  async function compare(path: string, input: Uint8Array): Promise<Outcome> {
    let file: Awaited<ReturnType<typeof indexFile>>;
    try {
      file = await indexFile(path, engine);
    } catch (error) {
      return judge(error, "oracle", [UnreadableFileError]);
    }
    if (await isTakenOtherwise(input, file.footer, file.rows)) {
      return { kind: "accepted", notes: ["taken otherwise by DuckDB: not compared"] };
    }
    if (!isCoherent(file.footer, file.rows))
      return { kind: "accepted", notes: ["rows don't add up: not compared"] };
    const { comparedPages, differences, beyond } = await oracle.check(path, file.footer, file.rows);
    const [difference] = differences;
    if (difference !== undefined) {
      return {
        kind: "finding",
        what: "figures differ from DuckDB's",
        detail: differences.slice(0, 5).join("\n"),
      };
    }
    const notes = [comparedPages > 0 ? "pages agree with DuckDB" : "no page that DuckDB can read"];
    return { kind: "accepted", notes: beyond.length > 0 ? [...notes, "columns beyond DuckDB"] : notes };
  }

  return {
    name: "oracle",
    seedCount: seeds.count,
    mutant: (random) => mutateParquet(random, seeds.pick(random), seeds.pick(random)),
    run,
  };
}

function isCoherent(footer: FileMetadata, rows: readonly PageIndexRow[]): boolean {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = `${row.rowGroup} ${row.columnName}`;
    counts.set(key, (counts.get(key) ?? 0) + row.rowCount);
  }
  const groupRows = footer.rowGroups.reduce((sum, group) => sum + group.rowCount, 0);
  const names = new Set(footer.schema.leaves.map((leaf) => leaf.name));
  return (
    groupRows === footer.rowCount &&
    names.size === footer.schema.leaves.length &&
    [...counts].every(([key, count]) => count === footer.rowGroups[Number.parseInt(key, 10)]?.rowCount)
  );
}

/**
 * What a damaged file says of itself and DuckDB believes, or doesn't look at: levels in the deprecated encoding are read as RLE,
 * a chunk said to have no nulls, or nothing else, has it so, a v2 page of fewer rows than values has them all, decimals and
 * integers are cut to what their annotation needs.
 */
async function isTakenOtherwise(input: Uint8Array, footer: FileMetadata, rows: readonly PageIndexRow[]) {
  const source = memorySource(input);
  if (saysAlwaysNull(input)) return true;
  for (const rowGroup of footer.rowGroups) {
    for (const chunk of rowGroup.chunks) {
      // Chunks that the index leaves out may be damaged.
      if (rowGroup.rowCount === 0 || indexedType(chunk.leaf) === undefined) continue;
      const nullCount = chunk.statistics?.nullCount;
      if (chunk.leaf.maxDefinitionLevel > 0 && nullCount !== undefined) {
        if (nullCount <= 0n || nullCount >= BigInt(chunk.valueCount)) return true;
      }
      if (chunk.leaf.annotation?.kind === "INTEGER" && chunk.leaf.annotation.bitWidth < 32) return true;
      for await (const { header } of walkPages(source, footer, rowGroup, chunk, { signal, bodies: false })) {
        if (header.type === "data-v1" && header.definitionLevelEncoding !== ENCODING.rle) return true;
        if (header.type === "data-v2" && header.rowCount !== header.valueCount) return true;
      }
    }
  }
  return rows.some(isBeyondPrecision);
}

/** Logical type 11, UNKNOWN: DuckDB gives nulls, while 06 §2.3 goes by the converted type that contradicts it. */
function saysAlwaysNull(input: Uint8Array): boolean {
  const footer = openDraft(input)?.footer;
  return itemsOf(fieldOf(footer, 2)).some((element) => fieldOf(fieldOf(element, 10), 11) !== undefined);
}

function isBeyondPrecision({ decimal, bounds }: PageIndexRow): boolean {
  if (decimal === undefined || bounds === undefined) return false;
  // A precision from a footer may be any number of digits; no bound has more than 256 bits.
  if (decimal.precision > 76) return true;
  const limit = 10n ** BigInt(decimal.precision);
  return [bounds.min, bounds.max].some((bound) => {
    if (typeof bound === "string" || typeof bound === "boolean") return false;
    const unscaled = bound instanceof Uint8Array ? signedBigEndian(bound) : BigInt(bound);
    return unscaled >= limit || unscaled <= -limit;
  });
}

const { signal } = new AbortController();
