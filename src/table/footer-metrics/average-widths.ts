import type { FileMetadata } from "../../parquet/index.ts";
import { isJavaBlank } from "../../types/index.ts";

/**
 * Average width in bytes of top-level columns (05 §7.4, 07 §7): uncompressed size of all chunks below the column, levels and
 * dictionaries included, by the rows of the row groups that have one; rounded up, at least 1. Columns that aren't in the file,
 * or have no rows, get none; so do names that are blank or given twice.
 */
export function averageWidths(footer: FileMetadata, topLevelNames: readonly string[]): Map<string, bigint> {
  const occurrences = new Map<string, number>();
  for (const name of topLevelNames) occurrences.set(name, (occurrences.get(name) ?? 0) + 1);
  const sums = new Map<string, { bytes: bigint; rows: bigint }>();
  for (const [name, count] of occurrences) {
    if (count === 1 && !isJavaBlank(name)) sums.set(name, { bytes: 0n, rows: 0n });
  }
  for (const group of footer.rowGroups) {
    const counted = new Set<string>();
    for (const chunk of group.chunks) {
      const name = chunk.leaf.path[0] ?? "";
      const sum = sums.get(name);
      if (sum === undefined) continue;
      sum.bytes += BigInt(chunk.totalUncompressedSize);
      if (!counted.has(name)) sum.rows += BigInt(group.rowCount);
      counted.add(name);
    }
  }
  const widths = new Map<string, bigint>();
  for (const [name, { bytes, rows }] of sums) {
    if (rows === 0n) continue;
    const width = (bytes + rows - 1n) / rows;
    widths.set(name, width > 1n ? width : 1n);
  }
  return widths;
}
