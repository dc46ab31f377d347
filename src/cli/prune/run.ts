import { z } from "zod";
import { openCaptured } from "../../captured/index.ts";
import { parsePredicate } from "../../pruning/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions, wholeNumber } from "../options.ts";
import { formatBytes, formatCount, keepEnd, printable } from "../terminal/format.ts";
import { print } from "../terminal/print.ts";
import { renderTable, type TableColumn } from "../terminal/table.ts";
import { type PrunedDataFile, pruneFiles } from "./prune-files.ts";

const pruneOptions = z.object({
  columns: z.array(z.string()).transform((names) => new Set(names)),
  all: z.boolean(),
  /** Files to list; 0 lists all. */
  limit: wholeNumber(0),
  json: z.boolean(),
});
type PruneOptions = z.infer<typeof pruneOptions>;

/** `floecat-capture prune`: what a query with this filter would still have to read, from the sidecars alone. */
export async function runPrune(folder: string, filter: string, rawOptions: unknown): Promise<ExitCode> {
  const options = parseOptions(pruneOptions, rawOptions);
  const predicate = parsePredicate(filter);
  const interruption = interruptible();
  try {
    const captured = await openCaptured(folder);
    const files: PrunedDataFile[] = [];
    for await (const file of pruneFiles(captured, predicate, {
      columns: options.columns,
      signal: interruption.signal,
    })) {
      files.push(file);
    }
    for (const reason of new Set(files.flatMap(({ undecided }) => undecided))) {
      process.stderr.write(`not decided: ${printable(reason)}\n`);
    }
    print(options.json ? pruneJson(filter, files) : renderPruned(files, options));
    return EXIT.done;
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interruption.release();
  }
}

const COLUMNS: readonly TableColumn[] = [
  { title: "file", align: "left" },
  { title: "pages", align: "right" },
  { title: "left", align: "right" },
  { title: "rows", align: "right" },
  { title: "left", align: "right" },
  { title: "bytes", align: "right" },
  { title: "left", align: "right" },
];

export function renderPruned(files: readonly PrunedDataFile[], options: PruneOptions): string {
  if (files.length === 0) return "no page indexes";
  const candidates = options.all ? files : files.filter(({ pagesLeft }) => pagesLeft > 0);
  const shown = options.limit === 0 ? candidates : candidates.slice(0, options.limit);
  const total = totals(files);
  const table = renderTable(
    COLUMNS,
    shown.map((file) => [keepEnd(file.path, 60), ...figures(file)]),
    [`${formatCount(files.length)} ${files.length === 1 ? "file" : "files"}`, ...figures(total)],
  );
  const hidden = candidates.length - shown.length;
  const more = hidden === 0 ? [] : [`… and ${formatCount(hidden)} more files (--limit 0 lists all)`];
  const kept = files.filter(({ pagesLeft }) => pagesLeft > 0).length;
  return [
    table,
    ...more,
    "",
    `skipped: ${formatCount(files.length - kept)} of ${formatCount(files.length)} files, ${share(total.pages - total.pagesLeft, total.pages)} of the pages, ${share(total.bytes - total.bytesLeft, total.bytes)} of the bytes`,
  ].join("\n");
}

type Figures = Omit<PrunedDataFile, "path" | "rowGroups" | "undecided">;

function figures(of: Figures): string[] {
  return [
    formatCount(of.pages),
    formatCount(of.pagesLeft),
    formatCount(of.rows),
    formatCount(of.rowsLeft),
    formatBytes(of.bytes),
    formatBytes(of.bytesLeft),
  ];
}

function totals(files: readonly Figures[]): Figures {
  const sum = (figure: (of: Figures) => number) => files.reduce((total, file) => total + figure(file), 0);
  return {
    rows: sum((file) => file.rows),
    rowsLeft: sum((file) => file.rowsLeft),
    pages: sum((file) => file.pages),
    pagesLeft: sum((file) => file.pagesLeft),
    bytes: sum((file) => file.bytes),
    bytesLeft: sum((file) => file.bytesLeft),
  };
}

/** Rounded down, so that 100 % means all. */
function share(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.floor((part / whole) * 100)} %`;
}

/** The stable form for programs: counts are numbers, ranges `[first, end)` of rows of a row group. */
export function pruneJson(filter: string, files: readonly PrunedDataFile[]): string {
  return JSON.stringify({
    filter,
    files: files.map(({ rowGroups, ...file }) => ({
      ...file,
      rowGroups: rowGroups.map(({ rowGroup, rowCount, ranges }) => ({
        rowGroup,
        rows: rowCount,
        ranges: ranges.map(({ first, end }) => [first, end]),
      })),
    })),
    totals: {
      files: files.length,
      filesLeft: files.filter(({ pagesLeft }) => pagesLeft > 0).length,
      ...totals(files),
    },
  });
}
