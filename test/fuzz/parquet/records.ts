import { UnreadableFileError } from "../../../src/model/index.ts";
import { type ColumnWindow, openRecords, readFooter } from "../../../src/parquet/index.ts";
import { memorySource } from "../../support/memory-source.ts";
import { judge } from "../harness/promised.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";
import { mutateParquet } from "./mutate.ts";
import { parquetSeeds } from "./seeds.ts";

/** Parquet files as records: all leaves of a row group in lockstep, as checkpoints are read. */
export function recordsTarget(): FuzzTarget {
  const seeds = parquetSeeds();
  return {
    name: "records",
    seedCount: seeds.count,
    mutant: (random) => mutateParquet(random, seeds.pick(random), seeds.pick(random)),
    run: runRecords,
  };
}

const { signal } = new AbortController();
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
const MAX_LEAVES = 40;
const MAX_ROW_GROUPS = 20;
/** A row group may announce 2⁵³ rows of nothing. */
const MAX_TAKES = 20;
const ROWS_PER_TAKE = 37;

async function runRecords(input: Uint8Array): Promise<Outcome> {
  const source = memorySource(input, "hostile.parquet");
  try {
    const footer = await readFooter(source, { signal });
    const leaves = footer.schema.leaves.slice(0, MAX_LEAVES);
    for (const rowGroup of footer.rowGroups.slice(0, MAX_ROW_GROUPS)) {
      await using reader = openRecords(source, footer, rowGroup, leaves, {
        signal,
        maxPageBytes: MAX_PAGE_BYTES,
      });
      let left = rowGroup.rowCount;
      for (let takes = 0; left > 0 && takes < MAX_TAKES; takes++) {
        const rows = Math.min(left, ROWS_PER_TAKE);
        if (takes % 3 === 2) await reader.skip(rows);
        else for (const window of await reader.take(rows)) touch(window, rows);
        left -= rows;
      }
    }
    return { kind: "accepted" };
  } catch (error) {
    return judge(error, "records", [UnreadableFileError]);
  }
}

/** Every entry of a window once, as a reader of checkpoints would look at it. */
function touch(window: ColumnWindow, rows: number): void {
  for (let entry = window.entriesStart(0); entry < window.entriesStart(rows); entry++) {
    window.definitionLevel(entry);
    const value = window.value(entry);
    if (value instanceof Uint8Array) window.text(entry);
    if (window.isPresent(entry) !== (value !== undefined))
      throw new Error("an entry is there and has no value");
  }
}
