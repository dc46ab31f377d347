import { STATS_COLUMNS } from "./columns.ts";
import type { StatsRow } from "./rows.ts";

/** RFC 4180, with a header and lines that end in CRLF. Null is empty; an empty text is `""`. */
export function csvHeader(): string {
  return line(STATS_COLUMNS.map(({ name }) => name));
}

export function csvRow(row: StatsRow): string {
  return line(
    STATS_COLUMNS.map(({ value }) => {
      const found = value.of(row);
      return found === undefined ? undefined : String(found);
    }),
  );
}

function line(cells: readonly (string | undefined)[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

function cell(text: string | undefined): string {
  if (text === undefined) return "";
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
