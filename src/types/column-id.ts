import { isJavaBlank, javaTrim } from "./java-text.ts";
import { encodeUtf8WithSurrogates } from "./utf8.ts";

/**
 * Column ids (07 §5): the field id for Iceberg, a hash of canonical path and ordinal for Delta and bare Parquet. 0n means that
 * the column has none and is left out of every record.
 */

/** FIELD_ID (07 §5.1): name, path and ordinal don't matter. */
export function fieldIdColumnId(fieldId: number | undefined): bigint {
  return fieldId !== undefined && fieldId > 0 ? BigInt(fieldId) : 0n;
}

/** PATH_ORDINAL (07 §5.1): `path` is the physical path if there is one, else `name`; `ordinal` counts from 1. */
export function pathOrdinalColumnId(column: {
  readonly path?: string | undefined;
  readonly name: string;
  readonly ordinal: number;
}): bigint {
  const { path, name, ordinal } = column;
  const source = path === undefined || isJavaBlank(path) ? name : path;
  if (ordinal <= 0 || isJavaBlank(source)) return 0n;
  return hashPathOrdinal(canonicalColumnPath(source), ordinal);
}

/**
 * Canonical form of a column path (07 §5.2). Apply it once: a second pass may change the result again (QUIRK, must match:
 * `a.element.element.b`).
 */
export function canonicalColumnPath(path: string): string {
  return javaTrim(path)
    .replace(/\.{2,}/g, ".")
    .replaceAll(".element.", "[].")
    .replace(/\.element$/, "[]")
    .replaceAll(".[].", "[].")
    .replaceAll(".[]", "[]")
    .replace(/^\.+/, "")
    .replace(/\.+$/, "");
}

const FNV_OFFSET_BASIS = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a over marker, path, separator and ordinal, finished by a 64-bit mix (07 §5.3). */
function hashPathOrdinal(canonicalPath: string, ordinal: number): bigint {
  let hash = FNV_OFFSET_BASIS;
  const feed = (byte: number) => {
    hash = wrap((hash ^ BigInt(byte)) * FNV_PRIME);
  };
  feed(0x02);
  for (const byte of encodeUtf8WithSurrogates(canonicalPath)) feed(byte);
  feed(0x00);
  for (const shift of [24, 16, 8, 0]) feed((ordinal >>> shift) & 0xff);
  return 0x0200000000000000n ^ (mix(hash) & 0x00ffffffffffffffn);
}

function mix(hash: bigint): bigint {
  let mixed = wrap((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  mixed = wrap((mixed ^ (mixed >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
