import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { FileStats } from "../../src/model/index.ts";
import { toFileSystemPath } from "../../src/storage/index.ts";
import { decodeBound, isOrderable, type LogicalValue, parseLogicalType } from "../../src/types/index.ts";
import { queryParquet } from "./duckdb.ts";

/**
 * Compares the figures of one data file with a full read by DuckDB: rows, nulls, minima, maxima. `nameInFile` gives a
 * column's name in the file, undefined for one that isn't there. Returns how many bounds were compared.
 */
export async function expectTrueFigures(
  file: FileStats,
  nameInFile: (displayName: string) => string | undefined = (name) => name,
): Promise<number> {
  const bytes = await readFile(toFileSystemPath(file.filePath));
  const inFile = new Set(
    (
      await queryParquet(bytes, "SELECT column_name AS n FROM (DESCRIBE SELECT * FROM read_parquet($file))")
    ).map((row) => String(row.n)),
  );
  let compared = 0;
  for (const { scalar } of file.columns) {
    const where = `${file.filePath}, ${scalar.displayName}`;
    const name = nameInFile(scalar.displayName);
    expect(scalar.rowCount, where).toBe(file.rowCount);
    if (name === undefined || !inFile.has(name)) {
      expect([scalar.nullCount, scalar.min, scalar.max], where).toEqual([undefined, undefined, undefined]);
      continue;
    }
    const type = parseLogicalType(scalar.logicalType);
    const column = `"${name.replaceAll('"', '""')}"`;
    const asText = (value: string) =>
      type.kind === "BINARY" ? `base64(${value})` : `CAST(${value} AS VARCHAR)`;
    const [row] = await queryParquet(
      bytes,
      `SELECT count(*) AS n, count(*) - count(${column}) AS nulls,
        ${asText(`min(${column})`)} AS lo, ${asText(`max(${column})`)} AS hi FROM read_parquet($file)`,
    );
    expect(row?.n, where).toBe(file.rowCount);
    if (!isOrderable(type)) {
      expect([scalar.nullCount, scalar.min, scalar.max], where).toEqual([undefined, undefined, undefined]);
      continue;
    }
    expect(scalar.nullCount, where).toBe(row?.nulls);
    for (const [side, ours, oracle] of [
      ["min", scalar.min, row?.lo],
      ["max", scalar.max, row?.hi],
    ] as const) {
      const theirs = typeof oracle === "string" ? comparable(scalar.logicalType, isoText(oracle)) : undefined;
      expect(comparable(scalar.logicalType, ours), `${where}, ${side}`).toEqual(theirs);
      compared++;
    }
  }
  return compared;
}

/** DuckDB separates date and time by a space and writes the offset as `+00`. */
export function isoText(text: string): string {
  const match = /^(\S+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(\+00)?$/.exec(text);
  return match === null ? text : `${match[1]}T${match[2]}${match[3] === undefined ? "" : "Z"}`;
}

/** A bound in a form that is the same for every way of writing the same value. */
export function comparable(logicalType: string, text: string | undefined): LogicalValue | string | undefined {
  const type = parseLogicalType(logicalType);
  if (text === undefined || type.kind === "STRING") return text;
  const value = decodeBound(type, text);
  if (value?.kind === "DECIMAL") return decimalText(value.value);
  // Records have one zero (07 §3.1).
  if (value?.kind === "FLOAT" || value?.kind === "DOUBLE") return String(value.value + 0);
  return value;
}

/** Scale is no part of a decimal's value: zeros at the end go. */
function decimalText({ unscaled, scale }: { readonly unscaled: bigint; readonly scale: number }): string {
  let [digits, places] = [unscaled, scale];
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places--;
  }
  return `${digits}e-${places}`;
}
