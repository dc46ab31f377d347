import {
  type CapturedColumn,
  type CapturedFolder,
  viewsFromDataFile,
  viewsFromStatistics,
} from "../../captured/index.ts";
import type { PageIndexRow } from "../../model/index.ts";
import {
  type Predicate,
  type PrunedRowGroup,
  predicateColumns,
  prunePages,
  rawRanges,
} from "../../pruning/index.ts";

/** What a filter leaves of one data file. Bytes are those of the pages, with the dictionary pages that they need. */
export interface PrunedDataFile {
  readonly path: string;
  readonly rows: number;
  readonly rowsLeft: number;
  readonly pages: number;
  readonly pagesLeft: number;
  readonly bytes: number;
  readonly bytesLeft: number;
  readonly rowGroups: readonly PrunedRowGroup[];
  readonly undecided: readonly string[];
}

/** In the order of `artifacts.ndjson`. `columns`: whose pages count; empty for all. */
export async function* pruneFiles(
  captured: CapturedFolder,
  predicate: Predicate,
  options: { readonly columns: ReadonlySet<string>; readonly signal: AbortSignal },
): AsyncGenerator<PrunedDataFile, void, undefined> {
  const { columns, signal } = options;
  const statistics = await columnsOfFiles(captured, predicate, signal);
  for await (const artifact of captured.artifacts({ signal })) {
    const rows = await captured.pageRows(artifact, { signal });
    const views = await viewsOf(artifact.filePath, rows, statistics, predicate, signal);
    const pruned = prunePages(rows, predicate, views);
    const all = tally(rows, (_, row) => columns.size === 0 || columns.has(row.columnName));
    const left = tally(
      rows,
      (i, row) => pruned.kept[i] === 1 && (columns.size === 0 || columns.has(row.columnName)),
    );
    yield {
      path: artifact.filePath,
      rows: pruned.rowCount,
      rowsLeft: pruned.keptRowCount,
      pages: all.pages,
      pagesLeft: left.pages,
      bytes: all.bytes,
      bytesLeft: left.bytes,
      rowGroups: pruned.rowGroups,
      undecided: pruned.undecided,
    };
  }
}

type ColumnsOfFiles = ReadonlyMap<string, readonly CapturedColumn[]>;

/** Of the columns that the filter names, by file: what a FILE record says of the others is of no use here. */
async function columnsOfFiles(
  captured: CapturedFolder,
  predicate: Predicate,
  signal: AbortSignal,
): Promise<ColumnsOfFiles> {
  const named = new Set(predicateColumns(predicate).map(({ name }) => name.toLowerCase()));
  const files = new Map<string, readonly CapturedColumn[]>();
  for await (const { filePath, columns } of captured.statistics({ signal })) {
    if (filePath === undefined) continue;
    files.set(
      filePath,
      columns.filter(({ displayName }) => named.has(displayName.toLowerCase())),
    );
  }
  return files;
}

/** From the file's statistics; where they settle nothing, from the footer of the data file, if it is still there. */
async function viewsOf(
  path: string,
  rows: readonly PageIndexRow[],
  statistics: ColumnsOfFiles,
  predicate: Predicate,
  signal: AbortSignal,
) {
  const views = viewsFromStatistics(rows, statistics.get(path) ?? []);
  const named = new Set(predicateColumns(predicate).map(({ name }) => name.toLowerCase()));
  const open = [...rawRanges(rows).keys()].filter(
    (name) => named.has(name.toLowerCase()) && !views.has(name),
  );
  if (open.length === 0) return views;
  return (await viewsFromDataFile(path, { signal })) ?? views;
}

function tally(rows: readonly PageIndexRow[], counts: (i: number, row: PageIndexRow) => boolean) {
  let pages = 0;
  let bytes = 0;
  const dictionaries = new Set<bigint>();
  for (const [i, row] of rows.entries()) {
    if (!counts(i, row)) continue;
    pages++;
    bytes += row.pageTotalCompressedSize;
    const dictionary = row.dictionaryPageHeaderOffset;
    if (row.requiresDictionaryPage && dictionary !== undefined && !dictionaries.has(dictionary)) {
      dictionaries.add(dictionary);
      bytes += row.dictionaryPageTotalCompressedSize ?? 0;
    }
  }
  return { pages, bytes };
}
