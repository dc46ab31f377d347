// DELTA_BINARY_PACKED and the byte-array encodings that stand on it, rewritten as PLAIN values.
import { MALFORMED, RESULT, SIZE_MISMATCH, TRUNCATED } from "./memory";

// Cursor of varint reads: one kernel runs at a time.
let cursor: usize = 0;
let failed: bool = false;

function readVarint(end: usize): u64 {
  let value: u64 = 0;
  let shift: u64 = 0;
  while (true) {
    if (cursor >= end || shift > 63) {
      failed = true;
      return 0;
    }
    const b: u64 = load<u8>(cursor++);
    value |= (b & 0x7f) << shift;
    if (b < 0x80) return value;
    shift += 7;
  }
}

// @ts-ignore: decorator
@inline
function zigzag(n: u64): i64 {
  return <i64>(n >>> 1) ^ -(<i64>(n & 1));
}

/** How many values the header of a DELTA_BINARY_PACKED stream promises; negative if it is broken. */
export function deltaCount(ptr: usize, len: u32): i32 {
  const end = ptr + len;
  cursor = ptr;
  failed = false;
  readVarint(end);
  readVarint(end);
  const total = readVarint(end);
  if (failed) return TRUNCATED;
  return total > 0x7fffffff ? MALFORMED : <i32>total;
}

/**
 * Decodes the first `count` values to `dst` as 8-byte (`wide`) or 4-byte integers, with arithmetic modulo 2⁶⁴ or 2³².
 * Returns where it stopped, as a length from `ptr`: behind the last value of the stream if `toEnd`; or an error.
 */
export function deltaDecode(ptr: usize, len: u32, count: u32, dst: usize, wide: bool, toEnd: bool): i32 {
  const end = ptr + len;
  cursor = ptr;
  failed = false;
  const blockSize = readVarint(end);
  const miniBlocks = readVarint(end);
  const total = readVarint(end);
  const first = zigzag(readVarint(end));
  if (failed) return TRUNCATED;
  if (total > 0x7fffffff) return MALFORMED;
  if (<u64>count > total) return TRUNCATED;
  if (total == 0) return <i32>(cursor - ptr);
  if (blockSize == 0 || blockSize > 0x40000000 || miniBlocks == 0 || miniBlocks > blockSize) return MALFORMED;
  if (blockSize % miniBlocks != 0) return MALFORMED;
  const perMini = <u32>(blockSize / miniBlocks);
  if ((perMini & 7) != 0) return MALFORMED;

  let value = first;
  let out = dst;
  const step: usize = wide ? 8 : 4;
  let left: u32 = count;
  if (left > 0) {
    if (wide) store<i64>(out, value);
    else store<i32>(out, <i32>value);
    out += step;
    left--;
  }
  // values whose bytes are to be passed over, decoded or not
  let pending: u64 = toEnd ? total - 1 : left;
  while (pending > 0) {
    const minDelta = zigzag(readVarint(end));
    if (failed) return TRUNCATED;
    if (miniBlocks > <u64>(end - cursor)) return TRUNCATED;
    const widths = cursor;
    cursor += <usize>miniBlocks;
    for (let m: u32 = 0; m < <u32>miniBlocks && pending > 0; m++) {
      const width: u32 = load<u8>(widths + m);
      if (width > 64) return MALFORMED;
      const bytes = <u64>width * (perMini >> 3);
      const inMini = <u32>min<u64>(pending, perMini);
      const available = <u64>(end - cursor);
      if (<u64>inMini * width > available << 3) return TRUNCATED;
      const wanted = min<u32>(inMini, left);
      if (wanted > 0) {
        const p = cursor;
        const mask: u64 = width == 64 ? u64.MAX_VALUE : ((<u64>1) << width) - 1;
        let bit: u64 = 0;
        if (width == 0) {
          for (let i: u32 = 0; i < wanted; i++) {
            value += minDelta;
            if (wide) store<i64>(out, value);
            else store<i32>(out, <i32>value);
            out += step;
          }
        } else if (width <= 57) {
          for (let i: u32 = 0; i < wanted; i++) {
            const delta = (load<u64>(p + <usize>(bit >> 3)) >> (bit & 7)) & mask;
            bit += width;
            value += minDelta + <i64>delta;
            if (wide) store<i64>(out, value);
            else store<i32>(out, <i32>value);
            out += step;
          }
        } else {
          for (let i: u32 = 0; i < wanted; i++) {
            const at = p + <usize>(bit >> 3);
            const low = bit & 7;
            let delta = load<u64>(at) >> low;
            if (low != 0) delta |= <u64>load<u8>(at, 8) << (64 - low);
            bit += width;
            value += minDelta + <i64>(delta & mask);
            if (wide) store<i64>(out, value);
            else store<i32>(out, <i32>value);
            out += step;
          }
        }
        left -= wanted;
      }
      pending -= inMini;
      cursor = bytes >= available ? end : cursor + <usize>bytes;
    }
  }
  return <i32>(cursor - ptr);
}

/** Sum of `count` lengths, as i64; negative if one is negative. */
export function sumLengths(lengths: usize, count: u32): i64 {
  let sum: i64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const n = load<i32>(lengths + (<usize>i << 2));
    if (n < 0) return -1;
    sum += n;
  }
  return sum;
}

/** DELTA_LENGTH_BYTE_ARRAY: lengths and concatenated bytes to PLAIN byte arrays; the bytes written or an error. */
export function joinLengths(lengths: usize, count: u32, ptr: usize, len: u32, dst: usize): i32 {
  let p = ptr;
  const end = ptr + len;
  let q = dst;
  for (let i: u32 = 0; i < count; i++) {
    const n = load<u32>(lengths + (<usize>i << 2));
    if (n > <u32>(end - p)) return TRUNCATED;
    store<u32>(q, n);
    q += 4;
    if (n <= 32) {
      v128.store(q, v128.load(p));
      v128.store(q, v128.load(p, 16), 16);
    } else memory.copy(q, p, n);
    q += n;
    p += n;
  }
  return <i32>(q - dst);
}

/**
 * DELTA_BYTE_ARRAY: shared prefixes and suffix lengths with the suffix bytes, to PLAIN byte arrays, or to bare values if
 * `width` is not 0 (then every length must be that). `capacity` bytes are there; the bytes written or an error.
 */
export function joinPrefixes(
  prefixes: usize,
  suffixes: usize,
  count: u32,
  ptr: usize,
  len: u32,
  dst: usize,
  capacity: u32,
  width: u32,
): i32 {
  let p = ptr;
  const end = ptr + len;
  let q = dst;
  const limit = dst + capacity;
  let previous: usize = dst;
  let previousLen: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const prefix = load<u32>(prefixes + (<usize>i << 2));
    const suffix = load<u32>(suffixes + (<usize>i << 2));
    if (prefix > previousLen) return MALFORMED;
    if (suffix > <u32>(end - p)) return TRUNCATED;
    const n = prefix + suffix;
    if (<u64>n + 4 > <u64>(limit - q)) return SIZE_MISMATCH;
    if (width == 0) {
      store<u32>(q, n);
      q += 4;
    } else if (n != width) return MALFORMED;
    memory.copy(q, previous, prefix);
    memory.copy(q + prefix, p, suffix);
    previous = q;
    previousLen = n;
    q += n;
    p += suffix;
  }
  store<u32>(RESULT, <u32>(p - ptr));
  return <i32>(q - dst);
}
