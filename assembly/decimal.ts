// Big-endian two's complement numbers of any length, compared as numbers (06 §3.6).
import { EMPTY_DECIMAL, OK, RESULT, TRUNCATED } from "./memory";

/** The number, or the nearest i64 if it does not fit; as an unsigned key. Equal keys at either end decide nothing. */
export function decimalKey(ptr: usize, len: u32): u64 {
  if (len == 0) return 0x8000000000000000;
  const negative = load<i8>(ptr) < 0;
  let p = ptr;
  let left = len;
  if (left > 8) {
    const fill: u8 = negative ? 0xff : 0;
    while (left > 8) {
      if (load<u8>(p) != fill) return negative ? 0 : u64.MAX_VALUE;
      p++;
      left--;
    }
    // the sign bit of what is left must still be the sign
    if ((load<i8>(p) < 0) != negative) return negative ? 0 : u64.MAX_VALUE;
  }
  const value = <i64>bswap<u64>(load<u64>(p)) >> <i64>((8 - left) << 3);
  return <u64>value ^ 0x8000000000000000;
}

// @ts-ignore: decorator
@inline
function byteAt(ptr: usize, len: u32, fromEnd: u32, fill: u32): u32 {
  return fromEnd > len ? fill : <u32>load<u8>(ptr + len - fromEnd);
}

/** Negative, zero or positive; no bytes come before any number. */
export function compareDecimal(a: usize, aLen: u32, b: usize, bLen: u32): i32 {
  if (aLen == 0 || bLen == 0) return <i32>(aLen > 0) - <i32>(bLen > 0);
  const aNegative = load<i8>(a) < 0;
  const bNegative = load<i8>(b) < 0;
  if (aNegative != bNegative) return aNegative ? -1 : 1;
  const fill: u32 = aNegative ? 0xff : 0;
  for (let i = max<u32>(aLen, bLen); i > 0; i--) {
    const x = byteAt(a, aLen, i, fill);
    const y = byteAt(b, bLen, i, fill);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

/** As `boundsText`, for decimals: PLAIN byte arrays if `width` is 0, else fixed-length values. */
export function boundsDecimal(ptr: usize, len: u32, count: u32, width: u32): i32 {
  let p = ptr;
  const end = ptr + len;
  let minAt: usize = 0;
  let minLen: u32 = 0;
  let maxAt: usize = 0;
  let maxLen: u32 = 0;
  let minKey: u64 = 0;
  let maxKey: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    let n = width;
    if (width == 0) {
      if (<u32>(end - p) < 4) return TRUNCATED;
      n = load<u32>(p);
      p += 4;
    }
    if (n > <u32>(end - p)) return TRUNCATED;
    if (n == 0) return EMPTY_DECIMAL;
    const key = decimalKey(p, n);
    if (i == 0 || (key <= minKey && (key < minKey || compareDecimal(p, n, minAt, minLen) < 0))) {
      minAt = p;
      minLen = n;
      minKey = key;
    }
    if (i == 0 || (key >= maxKey && (key > maxKey || compareDecimal(p, n, maxAt, maxLen) > 0))) {
      maxAt = p;
      maxLen = n;
      maxKey = key;
    }
    p += n;
  }
  store<u32>(RESULT, <u32>minAt);
  store<u32>(RESULT, minLen, 4);
  store<u32>(RESULT, <u32>maxAt, 8);
  store<u32>(RESULT, maxLen, 12);
  return OK;
}
