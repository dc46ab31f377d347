/**
 * Which pages of a data file a filter leaves, from the rows of its sidecar alone (06 §4). Pages of different columns don't end at
 * the same rows: each comparison becomes ranges of rows that may pass, AND and OR join ranges, and a page of any column is needed
 * if it holds one of the rows that are left. A page is given up only where it is certain that none of its rows passes.
 */
import type { PageBounds, PageIndexRow } from "../model/index.ts";
import { type BoundsTest, Undecided } from "./bounds-test.ts";
import type { ColumnViews } from "./column-view.ts";
import { compileLeaf, decideWithoutBounds } from "./decide.ts";
import type { ColumnName, Predicate, PredicateLeaf } from "./predicate.ts";
import {
  allRows,
  countRows,
  intersect,
  overlaps,
  type RowRange,
  type RowRanges,
  union,
  without,
} from "./row-ranges.ts";

export interface PrunedFile {
  /** Row groups that have an indexed page, ascending. */
  readonly rowGroups: readonly PrunedRowGroup[];
  /** Parallel to the rows given: 1 if the page may hold a row that passes. */
  readonly kept: Uint8Array;
  readonly rowCount: number;
  /** Rows that may pass. */
  readonly keptRowCount: number;
  /** Parts of the predicate that decided nothing here, and why; each once. */
  readonly undecided: readonly string[];
}

export interface PrunedRowGroup {
  readonly rowGroup: number;
  readonly rowCount: number;
  /** Rows of the group that may pass. */
  readonly ranges: RowRanges;
}

/** `rows` are those of one data file; `views` say how its integers are to be read. */
export function prunePages(
  rows: readonly PageIndexRow[],
  predicate: Predicate,
  views: ColumnViews = new Map(),
): PrunedFile {
  const groups = groupPages(rows);
  const names = new Set(rows.map((row) => row.columnName));
  const undecided = new Set<string>();
  const leaves = new Map<PredicateLeaf, LeafDecider>();
  const decider = (leaf: PredicateLeaf): LeafDecider => {
    let known = leaves.get(leaf);
    if (known === undefined) {
      known = leafDecider(leaf, names, views, undecided);
      leaves.set(leaf, known);
    }
    return known;
  };
  const rowGroups = [...groups.values()]
    .map(({ rowGroup, rowCount, columns }): PrunedRowGroup => {
      const ranges = mayPass(predicate, rowCount, (leaf) => decider(leaf)(columns));
      return { rowGroup, rowCount, ranges };
    })
    .sort((a, b) => a.rowGroup - b.rowGroup);
  const rangesOf = new Map(rowGroups.map(({ rowGroup, ranges }) => [rowGroup, ranges]));
  return {
    rowGroups,
    kept: Uint8Array.from(rows, (row) => {
      const { first, end } = rowsOf(row);
      return Number(overlaps(rangesOf.get(row.rowGroup) ?? [], first, end));
    }),
    rowCount: rowGroups.reduce((sum, group) => sum + group.rowCount, 0),
    keptRowCount: rowGroups.reduce((sum, group) => sum + countRows(group.ranges), 0),
    undecided: [...undecided],
  };
}

type PagesOfColumn = readonly PageIndexRow[];

/** Rows of a row group, by its columns' pages, in which none passes the leaf. */
type LeafDecider = (columns: ReadonlyMap<string, PagesOfColumn>) => RowRanges;

function mayPass(
  predicate: Predicate,
  rowCount: number,
  nonePass: (leaf: PredicateLeaf) => RowRanges,
): RowRanges {
  if (!("terms" in predicate)) return without(rowCount, nonePass(predicate));
  const terms = predicate.terms.map((term) => mayPass(term, rowCount, nonePass));
  return predicate.kind === "or" ? union(...terms) : terms.reduce(intersect, allRows(rowCount));
}

interface RowGroupPages {
  readonly rowGroup: number;
  rowCount: number;
  readonly columns: Map<string, PageIndexRow[]>;
}

function groupPages(rows: readonly PageIndexRow[]): Map<number, RowGroupPages> {
  const groups = new Map<number, RowGroupPages>();
  for (const row of rows) {
    let group = groups.get(row.rowGroup);
    if (group === undefined) {
      group = { rowGroup: row.rowGroup, rowCount: 0, columns: new Map() };
      groups.set(row.rowGroup, group);
    }
    group.rowCount = Math.max(group.rowCount, rowsOf(row).end);
    const pages = group.columns.get(row.columnName);
    if (pages === undefined) group.columns.set(row.columnName, [row]);
    else pages.push(row);
  }
  return groups;
}

function rowsOf(row: PageIndexRow): RowRange {
  const first = Number(row.firstRowIndex);
  return { first, end: first + row.rowCount };
}

function leafDecider(
  leaf: PredicateLeaf,
  names: ReadonlySet<string>,
  views: ColumnViews,
  undecided: Set<string>,
): LeafDecider {
  const name = resolveColumn(leaf.column, names);
  if (name instanceof Undecided) {
    undecided.add(name.reason);
    return () => [];
  }
  const tests = new Map<PageBounds["kind"], BoundsTest | Undecided>();
  return (columns) => {
    const pages = columns.get(name) ?? [];
    if (isAmbiguous(pages)) {
      undecided.add(`two columns of the file are named ${name}`);
      return [];
    }
    return pages.filter((page) => nonePassIn(page)).map(rowsOf);
  };

  function nonePassIn(page: PageIndexRow): boolean {
    if (page.bounds === undefined) return decideWithoutBounds(leaf);
    const { kind } = page.bounds;
    let test = tests.get(kind);
    if (test === undefined) {
      test = compileLeaf(leaf, kind, typeof name === "string" ? views.get(name) : undefined);
      if (test instanceof Undecided) undecided.add(`${leaf.column.name}: ${test.reason}`);
      tests.set(kind, test);
    }
    return !(test instanceof Undecided) && test(page.bounds, page);
  }
}

/** The exact name; else, for a name without quotes, the only one that differs in case alone. */
function resolveColumn({ name, quoted }: ColumnName, names: ReadonlySet<string>): string | Undecided {
  if (names.has(name)) return name;
  const lower = name.toLowerCase();
  const alike = quoted ? [] : [...names].filter((candidate) => candidate.toLowerCase() === lower);
  const [only] = alike;
  if (only !== undefined && alike.length === 1) return only;
  return new Undecided(
    alike.length > 1
      ? `${name} can be ${alike.slice(0, 3).join(" or ")}: write the name in double quotes`
      : `${name} has no page index here`,
  );
}

/** Two columns with the same dotted name interleave (06 §4.3). */
function isAmbiguous(pages: PagesOfColumn): boolean {
  return pages.some((page, i) => page.pageOrdinal === pages[i - 1]?.pageOrdinal);
}
