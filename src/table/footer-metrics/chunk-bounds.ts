import type { ColumnChunk, ColumnOrder, SchemaLeaf } from "../../parquet/index.ts";
import { byteArrayStatisticsAreCorrupt } from "./created-by.ts";

/** Raw minimum and maximum of one column chunk, of which the writer's order can be trusted. */
export interface RawBounds {
  readonly min: Uint8Array;
  readonly max: Uint8Array;
}

/**
 * Which of a chunk's statistics count as minimum and maximum: the reading rules of parquet-java (05 §7.3). The current pair
 * wins; the deprecated one, written in signed order whatever the type, counts only where that is the type's order.
 */
export function rawBounds(
  chunk: ColumnChunk,
  footer: { readonly createdBy: string | undefined; readonly columnOrder: ColumnOrder | undefined },
): RawBounds | undefined {
  const { statistics, leaf } = chunk;
  if (statistics === undefined) return undefined;
  const current = pair(statistics.minValue, statistics.maxValue);
  if (current !== undefined) {
    return hasDefinedOrder(leaf, footer.columnOrder) || isEqual(current) ? current : undefined;
  }
  const deprecated = pair(statistics.min, statistics.max);
  if (deprecated === undefined) return undefined;
  if (isByteArray(leaf) && byteArrayStatisticsAreCorrupt(footer.createdBy)) return undefined;
  return hasSignedOrder(leaf) || isEqual(deprecated) ? deprecated : undefined;
}

function pair(min: Uint8Array | undefined, max: Uint8Array | undefined): RawBounds | undefined {
  return min === undefined || max === undefined ? undefined : { min, max };
}

function isEqual({ min, max }: RawBounds): boolean {
  return Buffer.compare(min, max) === 0;
}

function isByteArray(leaf: SchemaLeaf): boolean {
  return leaf.physicalType === "BYTE_ARRAY" || leaf.physicalType === "FIXED_LEN_BYTE_ARRAY";
}

/** A footer without column orders means the type's own; INT96 and INTERVAL have none. */
function hasDefinedOrder(leaf: SchemaLeaf, order: ColumnOrder | undefined): boolean {
  if (leaf.physicalType === "INT96" || leaf.annotation?.kind === "INTERVAL") return false;
  return order === undefined || order === "type-defined";
}

/** Types whose order is the signed comparison of plain numbers: what the deprecated pair was made with. */
function hasSignedOrder(leaf: SchemaLeaf): boolean {
  switch (leaf.physicalType) {
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
    case "INT96":
      return false;
    default:
      return (
        leaf.annotation?.kind !== "DECIMAL" &&
        !(leaf.annotation?.kind === "INTEGER" && !leaf.annotation.signed)
      );
  }
}
