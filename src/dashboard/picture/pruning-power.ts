/** What a filter leaves of a whole table, file by file, from the sidecars alone. */
import type { PageIndexRow } from "../../model/index.ts";
import { type Predicate, prunePages } from "../../pruning/index.ts";
import type { IndexedFile } from "./source.ts";

export interface PruningPower {
  readonly files: Share;
  readonly pages: Share;
  readonly bytes: Share;
  readonly rows: Share;
  /** Of each file that was looked at, in order. */
  readonly perFile: readonly { readonly path: string; readonly pages: Share; readonly rows: Share }[];
  /** Of each column, over all files. */
  readonly perColumn: readonly { readonly name: string; readonly pages: Share }[];
  /** Parts of the filter that decided nothing somewhere, and why. */
  readonly undecided: readonly string[];
  /** Files beyond the bound, which were not looked at. */
  readonly filesLeftOut: number;
}

export interface Share {
  readonly all: number;
  readonly kept: number;
}

/** A page must answer in seconds; `floecat-capture prune` looks at any number of files. */
const MAX_FILES = 1_000;
const MAX_UNDECIDED = 20;

export async function pruningPower(
  files: readonly IndexedFile[],
  predicate: Predicate,
  signal: AbortSignal,
): Promise<PruningPower> {
  const looked = files.slice(0, MAX_FILES);
  const sums = { files: tally(), pages: tally(), bytes: tally(), rows: tally() };
  const columns = new Map<string, Tally>();
  const undecided = new Set<string>();
  const perFile: PruningPower["perFile"][number][] = [];
  for (const file of looked) {
    signal.throwIfAborted();
    const { rows, views } = await file.load(signal);
    const pruned = prunePages(rows, predicate, views);
    const pages = tally();
    rows.forEach((row, i) => {
      const isKept = pruned.kept[i] === 1;
      const column = columns.get(row.columnName) ?? tally();
      columns.set(row.columnName, column);
      count(pages, 1, isKept);
      count(column, 1, isKept);
    });
    sums.bytes.all += bytesOf(rows);
    sums.bytes.kept += bytesOf(rows.filter((_, i) => pruned.kept[i] === 1));
    const fileRows = { all: pruned.rowCount, kept: pruned.keptRowCount };
    // Without a page there is nothing to decide by: the file stays.
    count(sums.files, 1, rows.length === 0 || pruned.keptRowCount > 0);
    add(sums.pages, pages);
    add(sums.rows, fileRows);
    perFile.push({ path: file.path, pages, rows: fileRows });
    for (const reason of pruned.undecided) if (undecided.size < MAX_UNDECIDED) undecided.add(reason);
  }
  return {
    ...sums,
    perFile,
    perColumn: [...columns].map(([name, pages]) => ({ name, pages })),
    undecided: [...undecided],
    filesLeftOut: files.length - looked.length,
  };
}

/** Of the pages and of the dictionary pages that they need, each once. */
function bytesOf(rows: readonly PageIndexRow[]): number {
  const dictionaries = new Map<bigint, number>();
  let bytes = 0;
  for (const row of rows) {
    bytes += row.pageTotalCompressedSize;
    if (!row.requiresDictionaryPage || row.dictionaryPageHeaderOffset === undefined) continue;
    dictionaries.set(row.dictionaryPageHeaderOffset, row.dictionaryPageTotalCompressedSize ?? 0);
  }
  for (const size of dictionaries.values()) bytes += size;
  return bytes;
}

interface Tally {
  all: number;
  kept: number;
}

function tally(): Tally {
  return { all: 0, kept: 0 };
}

function count(into: Tally, amount: number, isKept: boolean): void {
  into.all += amount;
  if (isKept) into.kept += amount;
}

function add(into: Tally, share: Share): void {
  into.all += share.all;
  into.kept += share.kept;
}
