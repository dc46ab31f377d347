/** The pages of one column along its file, with the band that each spans between the column's smallest and largest value. */
import type { PageIndexRow } from "../../model/index.ts";
import { clustering } from "./clustering.ts";
import { type RangeOfPage, rankedRanges } from "./ranks.ts";
import type { FileIndex } from "./source.ts";

export interface ColumnSummary {
  readonly name: string;
  /** Logical type, or the physical one where that is all that is known. */
  readonly type: string;
  readonly pages: number;
  readonly bytes: number;
  /** `null` for fewer than two pages with bounds. */
  readonly clustering: number | null;
  /** Pages that the filter leaves; `null` without a filter. */
  readonly keptPages: number | null;
}

export interface ColumnPicture extends ColumnSummary {
  readonly path: string;
  readonly rowCount: number;
  /** First row of each row group, in the file. */
  readonly rowGroups: readonly number[];
  /** `value`: heights are proportional to values; `rank`: to their order, which is all that texts have. */
  readonly scale: "value" | "rank";
  readonly low: string;
  readonly high: string;
  /** Pages that one band stands for: more than 1 only where there are too many to draw. */
  readonly pagesPerBand: number;
  readonly bands: readonly Band[];
}

export interface Band {
  readonly rowGroup: number;
  readonly page: number;
  /** Rows in the file, from `firstRow` on. */
  readonly firstRow: number;
  readonly rows: number;
  readonly offset: number;
  readonly bytes: number;
  /** `null`: the page holds nulls alone, or bounds that say nothing. */
  readonly range: {
    readonly min: string;
    readonly max: string;
    /** From 0, the column's smallest value, to 1, its largest. */
    readonly bottom: number;
    readonly top: number;
  } | null;
  readonly kept: boolean | null;
}

/** More can't be told apart on a screen, nor read out. */
const MAX_BANDS = 2_000;
const MAX_TEXT = 200;

/** Columns in the order of the sidecar. `kept` is parallel to the rows. */
export function columnSummaries(index: FileIndex, kept: Uint8Array | undefined): ColumnSummary[] {
  return [...byColumn(index.rows)].map(([name, at]) => summary(name, index, at, kept));
}

function summary(
  name: string,
  index: FileIndex,
  at: readonly number[],
  kept: Uint8Array | undefined,
): ColumnSummary {
  const rows = at.map((i) => index.rows[i]).filter((row) => row !== undefined);
  const { ranges } = rankedRanges(rows, index.views.get(name));
  return {
    name,
    type: index.types.get(name) ?? rows[0]?.parquetPhysicalType ?? "",
    pages: rows.length,
    bytes: rows.reduce((sum, row) => sum + row.pageTotalCompressedSize, 0),
    clustering: clustering(ranges.filter((range) => range !== undefined)) ?? null,
    keptPages: kept === undefined ? null : at.reduce((sum, i) => sum + (kept[i] ?? 0), 0),
  };
}

/** Undefined if the file has no pages of that column. */
export function columnPicture(
  path: string,
  name: string,
  index: FileIndex,
  kept: Uint8Array | undefined,
): ColumnPicture | undefined {
  const at = byColumn(index.rows).get(name);
  if (at === undefined) return undefined;
  const rows = at.map((i) => index.rows[i]).filter((row) => row !== undefined);
  const { ranges, rankCount } = rankedRanges(rows, index.views.get(name));
  const starts = rowGroupStarts(index.rows);
  const axis = axisOf(ranges, rankCount);
  const bands = rows.map((row, i): Band => {
    const range = ranges[i];
    return {
      rowGroup: row.rowGroup,
      page: row.pageOrdinal,
      firstRow: (starts.firstRows.get(row.rowGroup) ?? 0) + Number(row.firstRowIndex),
      rows: row.rowCount,
      offset: Number(row.pageHeaderOffset),
      bytes: row.pageTotalCompressedSize,
      range:
        range === undefined
          ? null
          : {
              min: cut(range.min.text),
              max: cut(range.max.text),
              bottom: axis.place(range, "min"),
              top: axis.place(range, "max"),
            },
      kept: kept === undefined ? null : kept[at[i] ?? -1] === 1,
    };
  });
  const pagesPerBand = Math.ceil(bands.length / MAX_BANDS);
  return {
    ...summary(name, index, at, kept),
    path,
    rowCount: starts.rowCount,
    rowGroups: [...starts.firstRows.values()],
    scale: axis.scale,
    low: axis.low,
    high: axis.high,
    pagesPerBand,
    bands: pagesPerBand === 1 ? bands : merged(bands, pagesPerBand),
  };
}

function byColumn(rows: readonly PageIndexRow[]): Map<string, number[]> {
  const columns = new Map<string, number[]>();
  rows.forEach(({ columnName }, i) => {
    const at = columns.get(columnName);
    if (at === undefined) columns.set(columnName, [i]);
    else at.push(i);
  });
  return columns;
}

/** Row groups follow one another in the file; each is as long as its longest column says. */
function rowGroupStarts(rows: readonly PageIndexRow[]) {
  const lengths = new Map<number, number>();
  for (const { rowGroup, firstRowIndex, rowCount } of rows) {
    lengths.set(rowGroup, Math.max(lengths.get(rowGroup) ?? 0, Number(firstRowIndex) + rowCount));
  }
  const firstRows = new Map<number, number>();
  let next = 0;
  for (const [rowGroup, length] of [...lengths].sort(([a], [b]) => a - b)) {
    firstRows.set(rowGroup, next);
    next += length;
  }
  return { firstRows, rowCount: next };
}

function axisOf(ranges: readonly (RangeOfPage | undefined)[], rankCount: number) {
  const known = ranges.filter((range) => range !== undefined);
  const lowest = known.reduce<RangeOfPage | undefined>(
    (a, b) => (a === undefined || b.low < a.low ? b : a),
    undefined,
  );
  const highest = known.reduce<RangeOfPage | undefined>(
    (a, b) => (a === undefined || b.high > a.high ? b : a),
    undefined,
  );
  const [low, high] = [lowest?.min.number, highest?.max.number];
  const byValue =
    low !== undefined &&
    high !== undefined &&
    known.every(({ min, max }) => min.number !== undefined && max.number !== undefined);
  return {
    scale: byValue ? ("value" as const) : ("rank" as const),
    low: cut(lowest?.min.text ?? ""),
    high: cut(highest?.max.text ?? ""),
    place(range: RangeOfPage, end: "min" | "max"): number {
      if (byValue) return high === low ? 0.5 : ((range[end].number ?? low) - low) / (high - low);
      return rankCount < 2 ? 0.5 : range[end === "min" ? "low" : "high"] / (rankCount - 1);
    },
  };
}

function merged(bands: readonly Band[], size: number): Band[] {
  const groups: Band[] = [];
  for (let i = 0; i < bands.length; i += size) {
    const group = bands.slice(i, i + size);
    const first = group[0];
    if (first === undefined) break;
    groups.push({
      ...first,
      rows: group.reduce((sum, band) => sum + band.rows, 0),
      bytes: group.reduce((sum, band) => sum + band.bytes, 0),
      range: group.reduce<Band["range"]>((hull, { range }) => joined(hull, range), null),
      kept: first.kept === null ? null : group.some((band) => band.kept === true),
    });
  }
  return groups;
}

function joined(a: Band["range"], b: Band["range"]): Band["range"] {
  if (a === null || b === null) return a ?? b;
  return {
    ...(a.bottom <= b.bottom ? { min: a.min, bottom: a.bottom } : { min: b.min, bottom: b.bottom }),
    ...(a.top >= b.top ? { max: a.max, top: a.top } : { max: b.max, top: b.top }),
  };
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
