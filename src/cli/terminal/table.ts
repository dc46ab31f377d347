import { printable } from "./format.ts";

export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
}

/**
 * A plain table: a header, a rule, rows, two spaces between columns; an optional footer below a second rule. Cells are made
 * safe to print. Ends without a newline.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  footer?: readonly string[],
): string {
  const safe = rows.map((row) => row.map(printable));
  const all = [columns.map((column) => column.title), ...safe, ...(footer ? [footer] : [])];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index] ?? ""))));
  const rule = widths.map((columnWidth) => "─".repeat(columnWidth)).join("──");
  const line = (row: readonly string[]) =>
    columns
      .map((column, index) => padCell(row[index] ?? "", widths[index] ?? 0, column.align))
      .join("  ")
      .trimEnd();
  const lines = [line(columns.map((column) => column.title)), rule, ...safe.map(line)];
  if (footer) lines.push(rule, line(footer));
  return lines.join("\n");
}

function padCell(text: string, columnWidth: number, align: "left" | "right"): string {
  const padding = " ".repeat(Math.max(0, columnWidth - width(text)));
  return align === "left" ? text + padding : padding + text;
}

/** Columns that the text takes: East Asian wide characters take two, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x300) columns += 1;
    else if (/\p{Mark}/u.test(character)) columns += 0;
    else columns += isWide(code) ? 2 : 1;
  }
  return columns;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
