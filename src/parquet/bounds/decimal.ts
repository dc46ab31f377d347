import { DecodeError } from "../decode-error.ts";

/**
 * Unscaled decimals as big-endian two's complement, compared and encoded without arithmetic (06 §3.6). The width follows the
 * precision: 16 bytes, or 32.
 */

export type DecimalWidth = 16 | 32;

/** Minimal two's-complement form: no leading byte that only repeats the sign. A view of the input. */
export function minimalForm(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start === end) throw new DecodeError("Zero length BigInteger");
  let from = start;
  while (from + 1 < end && isSignByte(bytes[from]!, bytes[from + 1]!)) from++;
  return bytes.subarray(from, end);
}

/** Whether a byte says no more than the sign that the next byte already shows. */
function isSignByte(byte: number, next: number): boolean {
  return (byte === 0x00 && next < 0x80) || (byte === 0xff && next >= 0x80);
}

/** Numeric order of two minimal forms. */
export function compareMinimal(left: Uint8Array, right: Uint8Array): number {
  const leftNegative = left[0]! >= 0x80;
  const rightNegative = right[0]! >= 0x80;
  if (leftNegative !== rightNegative) return leftNegative ? -1 : 1;
  if (left.length !== right.length) {
    // Of minimal forms with one sign the longer is further from zero.
    return left.length < right.length === leftNegative ? 1 : -1;
  }
  for (let index = 0; index < left.length; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Sign-extends a minimal form to the width.
 * QUIRK (06 §3.6, must match): one byte too many is dropped if it is the pure sign byte, and the sign flips.
 */
export function encodeDecimal(minimal: Uint8Array, width: DecimalWidth): Uint8Array {
  const isPureSign = minimal[0] === 0x00 || minimal[0] === 0xff;
  const source = minimal.length === width + 1 && isPureSign ? minimal.subarray(1) : minimal;
  if (source.length > width) {
    throw new DecodeError(`Value with ${minimal.length} bytes does not fit in ${width} bytes`);
  }
  const encoded = new Uint8Array(width);
  if (source[0]! >= 0x80) encoded.fill(0xff);
  encoded.set(source, width - source.length);
  return encoded;
}

/** An INT32 or INT64 decimal, sign-extended. */
export function encodeIntegerDecimal(value: bigint, width: DecimalWidth): Uint8Array {
  const encoded = new Uint8Array(width);
  if (value < 0n) encoded.fill(0xff);
  new DataView(encoded.buffer).setBigInt64(width - 8, value);
  return encoded;
}
