import type { SchemaLeaf } from "../../parquet/index.ts";
import type { Decimal } from "../../types/index.ts";

/** Raw statistics as numbers. Bytes of the wrong length for the physical type are no value. */

/**
 * Signed integers, and unsigned ones of up to 32 bits by their value (decision 37); 64-bit unsigned ones don't fit the INT of
 * records.
 */
export function integer(leaf: SchemaLeaf, bytes: Uint8Array): bigint | undefined {
  const { annotation } = leaf;
  if (annotation !== undefined && annotation.kind !== "INTEGER") return undefined;
  const signed = storedInteger(leaf, bytes);
  if (signed === undefined || annotation === undefined || annotation.signed) return signed;
  return leaf.physicalType === "INT32" ? BigInt.asUintN(32, signed) : undefined;
}

/** The two's complement number, whatever it stands for. */
export function storedInteger(leaf: SchemaLeaf, bytes: Uint8Array): bigint | undefined {
  const view = viewOf(bytes);
  if (leaf.physicalType === "INT32" && bytes.length === 4) return BigInt(view.getInt32(0, true));
  if (leaf.physicalType === "INT64" && bytes.length === 8) return view.getBigInt64(0, true);
  return undefined;
}

export function floatingPoint(leaf: SchemaLeaf, bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  if (leaf.physicalType === "FLOAT" && bytes.length === 4) return view.getFloat32(0, true);
  if (leaf.physicalType === "DOUBLE" && bytes.length === 8) return view.getFloat64(0, true);
  return undefined;
}

/** A decimal with the scale of the file; integers under a DECIMAL column are whole decimals (05 §7.3). */
export function decimal(leaf: SchemaLeaf, bytes: Uint8Array): Decimal | undefined {
  const { annotation } = leaf;
  if (annotation?.kind === "DECIMAL") {
    const unscaled = storedInteger(leaf, bytes) ?? bigEndian(leaf, bytes);
    return unscaled === undefined ? undefined : { unscaled, scale: annotation.scale };
  }
  const whole = integer(leaf, bytes);
  return whole === undefined ? undefined : { unscaled: whole, scale: 0 };
}

/** More than any decimal of a table needs; a longer bound is damage. */
const MAX_DECIMAL_BYTES = 64;

function bigEndian(leaf: SchemaLeaf, bytes: Uint8Array): bigint | undefined {
  if (leaf.physicalType !== "BYTE_ARRAY" && leaf.physicalType !== "FIXED_LEN_BYTE_ARRAY") return undefined;
  if (bytes.length === 0 || bytes.length > MAX_DECIMAL_BYTES) return undefined;
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return BigInt.asIntN(bytes.length * 8, unsigned);
}

export function epochDay(leaf: SchemaLeaf, bytes: Uint8Array): number | undefined {
  if (leaf.physicalType !== "INT32") return undefined;
  if (leaf.annotation !== undefined && leaf.annotation.kind !== "DATE") return undefined;
  const day = storedInteger(leaf, bytes);
  return day === undefined ? undefined : Number(day);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
