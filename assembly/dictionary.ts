// Dictionary-encoded pages: a page's minimum and maximum are those of the dictionary entries it uses. Every entry gets a
// key, a u64 that orders like the value; entries with equal keys are compared in full. A page marks the entries that it uses, then the
// marked entries are folded, so that a value costs one byte store; a page with fewer values than the dictionary has entries
// folds its indices directly. Marks of earlier pages stay (as other numbers), which tells at the end what the chunk used.
import { BAD_INDEX, MALFORMED, OK, RESULT, TRUNCATED } from "./memory";
import { readBits } from "./bits";
import { commonPrefix, compareText, textKey } from "./text";
import { compareDecimal, decimalKey } from "./decimal";

const SIGN: u64 = 0x8000000000000000;

// What decides between entries with equal keys.
const EXACT: u32 = 0;
const TEXT: u32 = 1;
// const DECIMAL: u32 = 2;

export function keysI32(values: usize, count: u32, keys: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(keys + (<usize>i << 3), <u64>(<i64>load<i32>(values + (<usize>i << 2))) ^ SIGN);
  }
}

export function keysI64(values: usize, count: u32, keys: usize): void {
  for (let i: u32 = 0; i < count; i++) store<u64>(keys + (<usize>i << 3), load<u64>(values + (<usize>i << 3)) ^ SIGN);
}

// Floating point: -0 below +0; NaN above all, so that a NaN among the values is the maximum (and the caller then knows
// that it is the minimum too).

export function keysF32(values: usize, count: u32, keys: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const bits = load<u32>(values + (<usize>i << 2));
    const ordered = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    store<u64>(keys + (<usize>i << 3), (bits & 0x7fffffff) > 0x7f800000 ? u64.MAX_VALUE : <u64>ordered);
  }
}

export function keysF64(values: usize, count: u32, keys: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const bits = load<u64>(values + (<usize>i << 3));
    const ordered = (bits & SIGN) != 0 ? ~bits : bits | SIGN;
    store<u64>(keys + (<usize>i << 3), (bits & ~SIGN) > 0x7ff0000000000000 ? u64.MAX_VALUE : ordered);
  }
}

/** Addresses of `count` PLAIN byte arrays; their lengths stand 4 bytes before. */
export function locate(ptr: usize, len: u32, count: u32, addresses: usize): i32 {
  let p = ptr;
  const end = ptr + len;
  for (let i: u32 = 0; i < count; i++) {
    if (<u32>(end - p) < 4) return TRUNCATED;
    const n = load<u32>(p);
    p += 4;
    if (n > <u32>(end - p)) return TRUNCATED;
    store<u32>(addresses + (<usize>i << 2), <u32>p);
    p += n;
  }
  return OK;
}

/** The key is taken behind the prefix that all entries share. */
export function keysText(addresses: usize, count: u32, keys: usize): void {
  if (count == 0) return;
  const first = <usize>load<u32>(addresses);
  let shared = load<u32>(first - 4);
  for (let i: u32 = 1; i < count && shared > 0; i++) {
    const at = <usize>load<u32>(addresses + (<usize>i << 2));
    shared = commonPrefix(first, at, min<u32>(shared, load<u32>(at - 4)));
  }
  for (let i: u32 = 0; i < count; i++) {
    const at = <usize>load<u32>(addresses + (<usize>i << 2));
    store<u64>(keys + (<usize>i << 3), textKey(at + shared, load<u32>(at - 4) - shared));
  }
}

/** `width` 0: lengths stand before the values. A value of no bytes, which is no number, comes first: it is seen if it is used. */
export function keysDecimal(addresses: usize, count: u32, width: u32, keys: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = <usize>load<u32>(addresses + (<usize>i << 2));
    const n = width == 0 ? load<u32>(at - 4) : width;
    store<u64>(keys + (<usize>i << 3), n == 0 ? 0 : decimalKey(at, n));
  }
}

// Cursor of the hybrid stream: one kernel runs at a time.
let cursor: usize = 0;

// No header has this value: it would promise 2³¹ groups.
const NO_HEADER: u32 = 0xffffffff;

/** The header of the next run, or NO_HEADER. */
function nextHeader(end: usize): u32 {
  let header: u32 = 0;
  let shift: u32 = 0;
  while (cursor < end) {
    const b: u32 = load<u8>(cursor++);
    if (shift == 28 && b > 15) return NO_HEADER;
    header |= (b & 0x7f) << shift;
    if (b < 0x80) return header;
    shift += 7;
  }
  return NO_HEADER;
}

/**
 * Marks the entries that `count` indices of a hybrid stream use. `marks` has 1 << `capacityBits` bytes, at least
 * `dictionaryCount`; a mark past that count is found by `foldMarks`.
 */
export function markIndices(
  ptr: usize,
  len: u32,
  bitWidth: u32,
  count: u32,
  marks: usize,
  capacityBits: u32,
  dictionaryCount: u32,
  mark: u32,
): i32 {
  const end = ptr + len;
  const valueBytes = (bitWidth + 7) >> 3;
  cursor = ptr;
  let left = count;
  if (bitWidth > 32) return MALFORMED;
  while (left > 0) {
    const header = nextHeader(end);
    if (header == NO_HEADER) return TRUNCATED;
    if ((header & 1) == 0) {
      const run = header >> 1;
      if (<u32>(end - cursor) < valueBytes) return TRUNCATED;
      const value = load<u32>(cursor) & <u32>((<u64>1 << (<u64>valueBytes << 3)) - 1);
      cursor += valueBytes;
      if (<u64>value >> bitWidth != 0) return MALFORMED;
      // A run of no values uses no entry.
      if (run == 0) continue;
      if (value >= dictionaryCount) return BAD_INDEX;
      store<u8>(marks + value, mark);
      left -= min<u32>(run, left);
      continue;
    }
    const groups = header >> 1;
    const wanted = <u32>min<u64>(<u64>groups << 3, <u64>left);
    const available = <u64>(end - cursor);
    if (<u64>wanted * <u64>bitWidth > available << 3) return TRUNCATED;
    let done: u32 = 0;
    if (bitWidth == 0) {
      if (wanted > 0) store<u8>(marks, mark);
    } else if (bitWidth <= capacityBits) {
      let p = cursor;
      if (bitWidth <= 8) {
        const mask: u64 = (1 << bitWidth) - 1;
        const w: u64 = bitWidth;
        for (; done + 8 <= wanted; done += 8) {
          let x = load<u64>(p);
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          x >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          p += bitWidth;
        }
      } else if (bitWidth <= 16) {
        const mask: u64 = (1 << bitWidth) - 1;
        const w: u64 = bitWidth;
        const half = bitWidth >> 1;
        const odd: u64 = (bitWidth & 1) << 2;
        for (; done + 8 <= wanted; done += 8) {
          let x = load<u64>(p);
          let y = load<u64>(p + half) >> odd;
          store<u8>(marks + <usize>(x & mask), mark);
          store<u8>(marks + <usize>(y & mask), mark);
          x >>= w;
          y >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          store<u8>(marks + <usize>(y & mask), mark);
          x >>= w;
          y >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          store<u8>(marks + <usize>(y & mask), mark);
          x >>= w;
          y >>= w;
          store<u8>(marks + <usize>(x & mask), mark);
          store<u8>(marks + <usize>(y & mask), mark);
          p += bitWidth;
        }
      } else {
        for (; done < wanted; done++) {
          store<u8>(marks + readBits(p, <u64>done * bitWidth, bitWidth), mark);
        }
      }
      for (; done < wanted; done++) {
        store<u8>(marks + readBits(cursor, <u64>done * bitWidth, bitWidth), mark);
      }
    } else {
      for (; done < wanted; done++) {
        const index = readBits(cursor, <u64>done * bitWidth, bitWidth);
        if (index >= dictionaryCount) return BAD_INDEX;
        store<u8>(marks + index, mark);
      }
    }
    left -= wanted;
    const bytes = <u64>groups * bitWidth;
    cursor = bytes >= available ? end : cursor + <usize>bytes;
  }
  return OK;
}

/** `count` indices of a hybrid stream as u32. */
export function unpackIndices(ptr: usize, len: u32, bitWidth: u32, count: u32, dst: usize): i32 {
  const end = ptr + len;
  const valueBytes = (bitWidth + 7) >> 3;
  cursor = ptr;
  let left = count;
  let out = dst;
  if (bitWidth > 32) return MALFORMED;
  while (left > 0) {
    const header = nextHeader(end);
    if (header == NO_HEADER) return TRUNCATED;
    if ((header & 1) == 0) {
      const run = min<u32>(header >> 1, left);
      if (<u32>(end - cursor) < valueBytes) return TRUNCATED;
      const value = load<u32>(cursor) & <u32>((<u64>1 << (<u64>valueBytes << 3)) - 1);
      cursor += valueBytes;
      if (<u64>value >> bitWidth != 0) return MALFORMED;
      for (let i: u32 = 0; i < run; i++) {
        store<u32>(out, value);
        out += 4;
      }
      left -= run;
      continue;
    }
    const groups = header >> 1;
    const wanted = <u32>min<u64>(<u64>groups << 3, <u64>left);
    const available = <u64>(end - cursor);
    if (<u64>wanted * <u64>bitWidth > available << 3) return TRUNCATED;
    for (let i: u32 = 0; i < wanted; i++) {
      store<u32>(out, readBits(cursor, <u64>i * bitWidth, bitWidth));
      out += 4;
    }
    left -= wanted;
    const bytes = <u64>groups * bitWidth;
    cursor = bytes >= available ? end : cursor + <usize>bytes;
  }
  return OK;
}

/** Order of two entries with equal keys. */
function compareEntries(addresses: usize, a: u32, b: u32, order: u32, width: u32): i32 {
  if (order == EXACT || a == b) return 0;
  const x = <usize>load<u32>(addresses + (<usize>a << 2));
  const y = <usize>load<u32>(addresses + (<usize>b << 2));
  const xLen = width == 0 ? load<u32>(x - 4) : width;
  const yLen = width == 0 ? load<u32>(y - 4) : width;
  return order == TEXT ? compareText(x, xLen, y, yLen) : compareDecimal(x, xLen, y, yLen);
}

/**
 * Smallest and largest of the entries marked with `mark`, as indices at RESULT and RESULT+4. BAD_INDEX if an entry at or
 * past `count` is marked.
 */
export function foldMarks(
  marks: usize,
  count: u32,
  capacityBits: u32,
  mark: u32,
  keys: usize,
  addresses: usize,
  order: u32,
  width: u32,
): i32 {
  const wanted = i8x16.splat(<i8>mark);
  const capacity: u32 = 1 << capacityBits;
  let minIndex: u32 = 0;
  let maxIndex: u32 = 0;
  let minKey: u64 = 0;
  let maxKey: u64 = 0;
  let any = false;
  for (let base: u32 = 0; base < capacity; base += 16) {
    let hits = i8x16.bitmask(i8x16.eq(v128.load(marks + base), wanted));
    while (hits != 0) {
      const i = base + ctz<i32>(hits);
      hits &= hits - 1;
      if (i >= count) return BAD_INDEX;
      const key = load<u64>(keys + (<usize>i << 3));
      if (!any) {
        any = true;
        minIndex = i;
        maxIndex = i;
        minKey = key;
        maxKey = key;
        continue;
      }
      if (key <= minKey && (key < minKey || compareEntries(addresses, i, minIndex, order, width) < 0)) {
        minIndex = i;
        minKey = key;
      }
      if (key >= maxKey && (key > maxKey || compareEntries(addresses, i, maxIndex, order, width) > 0)) {
        maxIndex = i;
        maxKey = key;
      }
    }
  }
  store<u32>(RESULT, minIndex);
  store<u32>(RESULT, maxIndex, 4);
  return OK;
}

/** BAD_INDEX if an entry at or past `count` is marked: for pages whose bounds nobody asks for. */
export function checkMarks(marks: usize, count: u32, capacityBits: u32, mark: u32): i32 {
  const capacity: u32 = 1 << capacityBits;
  for (let i = count; i < capacity; i++) if (<u32>load<u8>(marks + i) == mark) return BAD_INDEX;
  return OK;
}

/** As `foldMarks`, over `n` > 0 unpacked indices, which are marked as well. */
export function foldIndices(
  indices: usize,
  n: u32,
  marks: usize,
  count: u32,
  mark: u32,
  keys: usize,
  addresses: usize,
  order: u32,
  width: u32,
): i32 {
  let minIndex = load<u32>(indices);
  if (minIndex >= count) return BAD_INDEX;
  let maxIndex = minIndex;
  let minKey = load<u64>(keys + (<usize>minIndex << 3));
  let maxKey = minKey;
  for (let k: u32 = 0; k < n; k++) {
    const i = load<u32>(indices + (<usize>k << 2));
    if (i >= count) return BAD_INDEX;
    store<u8>(marks + i, mark);
    const key = load<u64>(keys + (<usize>i << 3));
    if (key <= minKey && (key < minKey || compareEntries(addresses, i, minIndex, order, width) < 0)) {
      minIndex = i;
      minKey = key;
    }
    if (key >= maxKey && (key > maxKey || compareEntries(addresses, i, maxIndex, order, width) > 0)) {
      maxIndex = i;
      maxKey = key;
    }
  }
  store<u32>(RESULT, minIndex);
  store<u32>(RESULT, maxIndex, 4);
  return OK;
}

/** Every mark becomes 1: what earlier pages used, when the numbers for marks run out. */
export function ageMarks(marks: usize, capacityBits: u32): void {
  const capacity: usize = 1 << capacityBits;
  const one = i8x16.splat(1);
  for (let i: usize = 0; i < capacity; i += 16) v128.store(marks + i, i8x16.min_u(v128.load(marks + i), one));
}

/** The marked values of a fixed-width dictionary, one after the other; how many there are. */
export function gatherMarked(values: usize, width: u32, marks: usize, count: u32, dst: usize): u32 {
  let n: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(marks + i) == 0) continue;
    if (width == 4) store<u32>(dst + (<usize>n << 2), load<u32>(values + (<usize>i << 2)));
    else store<u64>(dst + (<usize>n << 3), load<u64>(values + (<usize>i << 3)));
    n++;
  }
  return n;
}
