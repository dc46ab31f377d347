// Valid UTF-8 in UTF-16 order (06 §3.6), which differs from byte order only where a 4-byte sequence (lead F0..F4) meets a
// lead EE or EF. At the first difference of two valid texts both bytes are leads or both continuations, so it is enough to
// lift EE and EF above F4 there.
import { RESULT, OK, TRUNCATED } from "./memory";

// KEY_MASKS[n] keeps the first n bytes of a big-endian 8-byte key.
const KEY_MASKS: usize = memory.data<u64>(
  [
    0, 0xff00000000000000, 0xffff000000000000, 0xffffff0000000000, 0xffffffff00000000, 0xffffffffff000000,
    0xffffffffffff0000, 0xffffffffffffff00, 0xffffffffffffffff,
  ],
  16,
);

/** The first 8 bytes as a number that orders like the text; equal numbers decide nothing. */
// @ts-ignore: decorator
@inline
export function textKey(ptr: usize, len: u32): u64 {
  let bytes = v128.load64_zero(ptr);
  const lifted = i8x16.eq(v128.and(bytes, i8x16.splat(-2)), i8x16.splat(<i8>0xee));
  bytes = i8x16.add(bytes, v128.and(lifted, i8x16.splat(16)));
  const reversed = i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0);
  return <u64>i64x2.extract_lane(reversed, 0) & load<u64>(KEY_MASKS + (<usize>min<u32>(len, 8) << 3));
}

/** How many of the first `limit` bytes of two regions are equal. */
export function commonPrefix(a: usize, b: usize, limit: u32): u32 {
  let i: u32 = 0;
  while (i < limit) {
    const differ = i8x16.bitmask(i8x16.eq(v128.load(a + i), v128.load(b + i))) ^ 0xffff;
    if (differ != 0) return min<u32>(limit, i + ctz<i32>(differ));
    i += 16;
  }
  return limit;
}

/** Negative, zero or positive. */
export function compareText(a: usize, aLen: u32, b: usize, bLen: u32): i32 {
  const limit = min<u32>(aLen, bLen);
  const at = commonPrefix(a, b, limit);
  if (at == limit) return <i32>(aLen > bLen) - <i32>(aLen < bLen);
  let x: i32 = load<u8>(a + at);
  let y: i32 = load<u8>(b + at);
  if ((x & 0xfe) == 0xee) x += 16;
  if ((y & 0xfe) == 0xee) y += 16;
  return x - y;
}

/**
 * Smallest and largest of `count` > 0 PLAIN byte arrays that hold valid UTF-8. RESULT: address and length of the minimum,
 * then of the maximum. Keys are taken behind the prefix that minimum and maximum share, which everything between them
 * shares too; it only gets shorter.
 */
export function boundsText(ptr: usize, len: u32, count: u32): i32 {
  let p = ptr;
  const end = ptr + len;
  if (len < 4) return TRUNCATED;
  let minLen = load<u32>(p);
  let minAt = p + 4;
  if (minLen > <u32>(end - minAt)) return TRUNCATED;
  let maxLen = minLen;
  let maxAt = minAt;
  let shared = minLen;
  let minKey: u64 = 0;
  let maxKey: u64 = 0;
  p = minAt + minLen;
  for (let i: u32 = 1; i < count; i++) {
    if (<u32>(end - p) < 4) return TRUNCATED;
    const n = load<u32>(p);
    p += 4;
    if (n > <u32>(end - p)) return TRUNCATED;
    if (shared > 0) {
      const same = commonPrefix(p, minAt, min<u32>(shared, n));
      if (same < shared) {
        // it differs from both within what they share, so it is outside of them
        if (compareText(p, n, minAt, minLen) < 0) {
          minAt = p;
          minLen = n;
        } else {
          maxAt = p;
          maxLen = n;
        }
        shared = same;
        minKey = textKey(minAt + shared, minLen - shared);
        maxKey = textKey(maxAt + shared, maxLen - shared);
        p += n;
        continue;
      }
    }
    const key = textKey(p + shared, n - shared);
    if (key <= minKey && (key < minKey || compareText(p, n, minAt, minLen) < 0)) {
      minAt = p;
      minLen = n;
      minKey = key;
    }
    if (key >= maxKey && (key > maxKey || compareText(p, n, maxAt, maxLen) > 0)) {
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
