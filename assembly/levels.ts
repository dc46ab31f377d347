// Counting in RLE/bit-packed hybrid streams and bit fields: definition levels, booleans. Only counts are needed, because a
// page stores its non-null values without gaps (06 §3.5).
import { LEVEL_TOO_HIGH, MALFORMED, TRUNCATED } from "./memory";
import { readBits } from "./bits";

/**
 * How many of the first `count` (below 2³¹) values of a hybrid stream (bit width 1 to 16) equal `highest`, above which none
 * may be; an error is negative.
 */
export function countInHybrid(ptr: usize, len: u32, bitWidth: u32, count: u32, highest: u32): i32 {
  let p = ptr;
  const end = ptr + len;
  const valueBytes = (bitWidth + 7) >> 3;
  let left = count;
  let found: u32 = 0;
  while (left > 0) {
    let header: u32 = 0;
    let shift: u32 = 0;
    while (true) {
      if (p >= end) return TRUNCATED;
      const b: u32 = load<u8>(p++);
      if (shift == 28 && b > 15) return MALFORMED;
      header |= (b & 0x7f) << shift;
      if (b < 0x80) break;
      shift += 7;
    }
    if ((header & 1) == 0) {
      const run = min<u32>(header >> 1, left);
      if (<u32>(end - p) < valueBytes) return TRUNCATED;
      const value = load<u32>(p) & ((1 << (valueBytes << 3)) - 1);
      p += valueBytes;
      if (value > highest) return LEVEL_TOO_HIGH;
      if (value == highest) found += run;
      left -= run;
    } else {
      const promised = <u64>(header >> 1) << 3;
      const wanted = <u32>min<u64>(promised, <u64>left);
      const available = <u64>(end - p);
      if (<u64>wanted * <u64>bitWidth > available << 3) return TRUNCATED;
      if (bitWidth == 1) {
        found += countOnes(p, wanted);
      } else {
        for (let i: u32 = 0; i < wanted; i++) {
          const value = readBits(p, <u64>i * bitWidth, bitWidth);
          if (value > highest) return LEVEL_TOO_HIGH;
          found += <u32>(value == highest);
        }
      }
      left -= wanted;
      const bytes = (<u64>(header >> 1)) * bitWidth;
      p = bytes >= available ? end : p + <usize>bytes;
    }
  }
  return <i32>found;
}

/** As `countInHybrid`, for the deprecated BIT_PACKED levels: most significant bit first. */
export function countInBitPacked(ptr: usize, len: u32, bitWidth: u32, count: u32, highest: u32): i32 {
  if (<u64>count * <u64>bitWidth > <u64>len << 3) return TRUNCATED;
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    let value: u32 = 0;
    for (let b: u32 = 0; b < bitWidth; b++) {
      const bit = <u64>i * bitWidth + b;
      value = (value << 1) | ((load<u8>(ptr + <usize>(bit >> 3)) >> (7 - (<u32>bit & 7))) & 1);
    }
    if (value > highest) return LEVEL_TOO_HIGH;
    found += <u32>(value == highest);
  }
  return <i32>found;
}

/** Set bits among the first `count`, least significant first. The caller has checked that they are there. */
export function countOnes(ptr: usize, count: u32): u32 {
  let ones: u64 = 0;
  let p = ptr;
  let left = count;
  while (left >= 64) {
    ones += popcnt<u64>(load<u64>(p));
    p += 8;
    left -= 64;
  }
  if (left > 0) ones += popcnt<u64>(load<u64>(p) & (((<u64>1) << left) - 1));
  return <u32>ones;
}
