import { formatCount, keepStart, printable } from "../terminal/format.ts";
import type { CaptureDifference, RecordsDifference } from "./compare.ts";
import type { FieldDifference } from "./fields.ts";

/** Differences as text, at most `limit` of them (0: all), then the counts. */
export function renderDifference(difference: CaptureDifference, limit: number): string {
  const { statistics, artifacts, pages } = difference;
  const lines = [
    ...recordLines("", statistics),
    ...recordLines("page index of ", artifacts),
    ...pages.flatMap(({ file, pages: found }) =>
      found.flatMap(({ page, fields }) => [`page index of ${file}, ${page}`, ...fields.map(fieldLine)]),
    ),
  ];
  const shown = limit === 0 ? lines : lines.slice(0, limit);
  const more =
    shown.length < lines.length
      ? [`… and ${formatCount(lines.length - shown.length)} more lines (--limit 0 lists all)`]
      : [];
  const pageCount = pages.reduce((sum, file) => sum + file.pages.length, 0);
  const summary = [
    `statistics: ${counts(statistics)}`,
    `page indexes: ${counts(artifacts)}`,
    ...(pages.length === 0
      ? []
      : [`pages: ${formatCount(pageCount)} differ, in ${formatCount(pages.length)} sidecars`]),
  ];
  return [...shown.map(printable), ...more, ...(lines.length === 0 ? [] : [""]), ...summary].join("\n");
}

function recordLines(prefix: string, { different, onlyLeft, onlyRight }: RecordsDifference): string[] {
  return [
    ...different.flatMap(({ target, fields }) => [`${prefix}${target}`, ...fields.map(fieldLine)]),
    ...onlyLeft.map((target) => `${prefix}${target}\n  only on the left`),
    ...onlyRight.map((target) => `${prefix}${target}\n  only on the right`),
  ].flatMap((text) => text.split("\n"));
}

function fieldLine({ field, left, right }: FieldDifference): string {
  return `  ${field === "" ? "" : `${field}: `}${valueText(left)} → ${valueText(right)}`;
}

function valueText(value: unknown): string {
  return value === undefined
    ? "(none)"
    : keepStart(typeof value === "string" ? value : JSON.stringify(value), 60);
}

function counts({ same, different, onlyLeft, onlyRight }: RecordsDifference): string {
  return `${formatCount(same)} the same, ${formatCount(different.length)} differ, ${formatCount(onlyLeft.length)} only on the left, ${formatCount(onlyRight.length)} only on the right`;
}
