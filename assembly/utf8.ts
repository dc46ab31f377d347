// UTF-8: is it ASCII, is it valid, and, where it isn't, the text as the contract reads it (07 §6.3): each malformed
// sequence becomes U+FFFD as in the WHATWG decoder, except that an encoded surrogate takes its continuation bytes along.
import { SIZE_MISMATCH, TRUNCATED } from "./memory";

/** 1 if no byte of the region has its high bit set. */
export function isAscii(ptr: usize, len: u32): i32 {
  let p = ptr;
  let left = len;
  while (left >= 64) {
    const any = v128.or(
      v128.or(v128.load(p), v128.load(p, 16)),
      v128.or(v128.load(p, 32), v128.load(p, 48)),
    );
    if (i8x16.bitmask(any) != 0) return 0;
    p += 64;
    left -= 64;
  }
  while (left >= 16) {
    if (i8x16.bitmask(v128.load(p)) != 0) return 0;
    p += 16;
    left -= 16;
  }
  if (left > 0) {
    const mask = (1 << left) - 1;
    if ((i8x16.bitmask(v128.load(p)) & mask) != 0) return 0;
  }
  return 1;
}

/** Length of the sequence at `p` (`left` > 0 bytes follow): positive if valid, negated if malformed. */
function sequence(p: usize, left: u32): i32 {
  const a: u32 = load<u8>(p);
  if (a < 0x80) return 1;
  if (a < 0xc2 || a > 0xf4 || left < 2) return -1;
  const b: u32 = load<u8>(p, 1);
  if (a < 0xe0) return (b & 0xc0) == 0x80 ? 2 : -1;
  if ((b & 0xc0) != 0x80) return -1;
  if (a < 0xf0) {
    if (a == 0xe0 && b < 0xa0) return -1;
    const more = left > 2 && (load<u8>(p, 2) & 0xc0) == 0x80;
    if (a == 0xed && b > 0x9f) return more ? -3 : -2;
    return more ? 3 : -2;
  }
  if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f)) return -1;
  if (left < 3 || (load<u8>(p, 2) & 0xc0) != 0x80) return -2;
  if (left < 4 || (load<u8>(p, 3) & 0xc0) != 0x80) return -3;
  return 4;
}

/** 1 if the region is valid UTF-8. */
export function isUtf8(ptr: usize, len: u32): i32 {
  let p = ptr;
  const end = ptr + len;
  while (p < end) {
    if (<u32>(end - p) >= 16) {
      const high = i8x16.bitmask(v128.load(p));
      if (high == 0) {
        p += 16;
        continue;
      }
      p += ctz<i32>(high);
    }
    const n = sequence(p, <u32>(end - p));
    if (n < 0) return 0;
    p += n;
  }
  return 1;
}

/** Writes the text at `to`, which has room for 3 bytes a byte; returns its length. */
export function repairUtf8(ptr: usize, len: u32, to: usize): u32 {
  let p = ptr;
  const end = ptr + len;
  let q = to;
  while (p < end) {
    const n = sequence(p, <u32>(end - p));
    if (n < 0) {
      store<u16>(q, 0xbfef);
      store<u8>(q, 0xbd, 2);
      q += 3;
      p += -n;
    } else {
      store<u32>(q, load<u32>(p));
      q += n;
      p += n;
    }
  }
  return <u32>(q - to);
}

/** PLAIN byte arrays: 1 if all are valid UTF-8, 0 if one is not; negative if they are cut off. */
export function allUtf8(ptr: usize, len: u32, count: u32): i32 {
  if (isAscii(ptr, len)) return 1;
  let p = ptr;
  const end = ptr + len;
  let valid: i32 = 1;
  for (let i: u32 = 0; i < count; i++) {
    if (<u32>(end - p) < 4) return TRUNCATED;
    const n = load<u32>(p);
    p += 4;
    if (n > <u32>(end - p)) return TRUNCATED;
    if (valid && !isAscii(p, n)) valid = isUtf8(p, n);
    p += n;
  }
  return valid;
}

/** Rewrites PLAIN byte arrays (`width` 0) or fixed-length ones as PLAIN byte arrays of repaired text; the length or an error. */
export function repairAll(ptr: usize, len: u32, count: u32, width: u32, to: usize, capacity: u32): i32 {
  let p = ptr;
  const end = ptr + len;
  let q = to;
  const limit = to + capacity;
  for (let i: u32 = 0; i < count; i++) {
    let n = width;
    if (width == 0) {
      if (<u32>(end - p) < 4) return TRUNCATED;
      n = load<u32>(p);
      p += 4;
    }
    if (n > <u32>(end - p)) return TRUNCATED;
    if (<u64>n * 3 + 4 > <u64>(limit - q)) return SIZE_MISMATCH;
    const written = repairUtf8(p, n, q + 4);
    store<u32>(q, written);
    q += 4 + written;
    p += n;
  }
  return <i32>(q - to);
}

