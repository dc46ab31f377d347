import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteSource } from "../../../model/index.ts";
import {
  type ColumnWindow,
  type FileMetadata,
  openRecords,
  type RowGroup,
  type SchemaLeaf,
} from "../../../parquet/index.ts";

/** Rows that are held at a time. */
export const WINDOW_ROWS = 4096;

/** The columns of some rows, by leaf. */
export type Windows = (leaf: SchemaLeaf | undefined) => ColumnWindow | undefined;

/** Walks some leaves of a file window by window; a row group in which `leaves[0]` is null throughout is left out. */
export async function* readWindows(
  source: ByteSource,
  footer: FileMetadata,
  leaves: readonly (SchemaLeaf | undefined)[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly rowCount: number; readonly windows: Windows }> {
  const present = leaves.filter((leaf) => leaf !== undefined);
  const [first] = present;
  if (first === undefined) return;
  for (const rowGroup of footer.rowGroups) {
    if (isAllNull(rowGroup, first)) continue;
    await using reader = openRecords(source, footer, rowGroup, present, { signal });
    for (let left = rowGroup.rowCount; left > 0; left -= WINDOW_ROWS) {
      const rowCount = Math.min(left, WINDOW_ROWS);
      yield { rowCount, windows: windowsOf(present, await reader.take(rowCount)) };
      await nextTurn();
    }
  }
}

export function windowsOf(leaves: readonly SchemaLeaf[], windows: readonly ColumnWindow[]): Windows {
  return (leaf) => {
    const at = leaf === undefined ? -1 : leaves.indexOf(leaf);
    return at < 0 ? undefined : windows[at];
  };
}

/** True only where the statistics say so. */
function isAllNull(rowGroup: RowGroup, leaf: SchemaLeaf): boolean {
  const chunk = rowGroup.chunks.find((candidate) => candidate.leaf.index === leaf.index);
  return chunk?.statistics?.nullCount === BigInt(rowGroup.rowCount);
}

/** The one value of a row of a leaf that isn't repeated. */
export function textOf(window: ColumnWindow | undefined, row: number): string | undefined {
  return window?.text(window.entriesStart(row));
}

export function integerOf(window: ColumnWindow | undefined, row: number): bigint | undefined {
  const value = window?.value(window.entriesStart(row));
  if (typeof value === "number") return BigInt(value);
  return typeof value === "bigint" ? value : undefined;
}

/** The elements of a row of a repeated leaf; none for a list that is null or empty. */
export function textsOf(window: ColumnWindow | undefined, row: number): string[] {
  const texts: string[] = [];
  if (window === undefined) return texts;
  for (let entry = window.entriesStart(row); entry < window.entriesStart(row + 1); entry++) {
    const text = window.text(entry);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** The entries of a row of a map of texts, in order; a key without a value has null. */
export function mapOf(
  keys: ColumnWindow | undefined,
  values: ColumnWindow | undefined,
  row: number,
): { readonly key: string; readonly value: string | null }[] {
  const entries: { key: string; value: string | null }[] = [];
  if (keys === undefined) return entries;
  const first = keys.entriesStart(row);
  const firstValue = values?.entriesStart(row) ?? 0;
  for (let i = 0; first + i < keys.entriesStart(row + 1); i++) {
    const key = keys.text(first + i);
    if (key !== undefined) entries.push({ key, value: values?.text(firstValue + i) ?? null });
  }
  return entries;
}
