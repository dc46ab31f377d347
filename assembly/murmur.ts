// MurmurHash3 x64 128 with seed 9001, first half, shifted right by one: the entries of a theta sketch (07 §6.4). Entries at or
// above theta are dropped here; those that pass go through a small direct-mapped filter of recent entries into a buffer
// that the host drains into its sketch.
import { OK, TRUNCATED } from "./memory";

// @ts-ignore: decorator
@external("host", "drain")
declare function drain(count: u32): void;

const SEED: u64 = 9001;
const C1: u64 = 0x87c37b91114253d5;
const C2: u64 = 0x4cf5ad432745937f;

const BUFFER_ENTRIES: u32 = 2048;
const RECENT_SLOTS: u32 = 8192;
const THETA: usize = memory.data(16, 16);
const PENDING: usize = memory.data(16, 16);
const BUFFER: usize = memory.data(16384, 16);
const RECENT: usize = memory.data(65536, 16);
// decimal text of an i64: up to 20 characters, written in eights from the end of the first 32 bytes
const TEXT: usize = memory.data(160, 16);

export function thetaAddress(): usize {
  return THETA;
}

export function entriesAddress(): usize {
  return BUFFER;
}

/** Forgets what was seen: a new column. The host sets theta. */
export function resetEntries(): void {
  memory.fill(RECENT, 0, RECENT_SLOTS << 3);
  store<u32>(PENDING, 0);
}

/** Hands the rest of the buffer to the host. */
export function flushEntries(): void {
  const n = load<u32>(PENDING);
  store<u32>(PENDING, 0);
  if (n > 0) drain(n);
}

function keep(entry: u64): void {
  const slot = RECENT + (<usize>(<u32>entry & (RECENT_SLOTS - 1)) << 3);
  if (entry == 0 || load<u64>(slot) == entry) return;
  store<u64>(slot, entry);
  let n = load<u32>(PENDING);
  store<u64>(BUFFER + (<usize>n << 3), entry);
  n++;
  if (n == BUFFER_ENTRIES) {
    n = 0;
    drain(BUFFER_ENTRIES);
  }
  store<u32>(PENDING, n);
}

// @ts-ignore: decorator
@inline
function offer(hash: u64): void {
  const entry = hash >>> 1;
  if (entry < load<u64>(THETA)) keep(entry);
}

// @ts-ignore: decorator
@inline
function mix(h: u64): u64 {
  h ^= h >>> 33;
  h *= 0xff51afd7ed558ccd;
  h ^= h >>> 33;
  h *= 0xc4ceb9fe1a85ec53;
  return h ^ (h >>> 33);
}

/** The first half of the hash of 8 bytes. */
// @ts-ignore: decorator
@inline
function hashLong(value: u64): u64 {
  let h1 = SEED ^ (rotl<u64>(value * C1, 31) * C2) ^ 8;
  let h2 = SEED ^ 8;
  h1 += h2;
  h2 += h1;
  return mix(h1) + mix(h2);
}

/** The first half of the hash of any bytes; reads up to 15 bytes past their end. */
export function hashBytes(ptr: usize, len: u32): u64 {
  let h1 = SEED;
  let h2 = SEED;
  let p = ptr;
  let left = len;
  while (left >= 16) {
    h1 ^= rotl<u64>(load<u64>(p) * C1, 31) * C2;
    h1 = (rotl<u64>(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= rotl<u64>(load<u64>(p, 8) * C2, 33) * C1;
    h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
    p += 16;
    left -= 16;
  }
  if (left > 8) {
    const k2 = load<u64>(p, 8) & (((<u64>1) << ((left - 8) << 3)) - 1);
    h2 ^= rotl<u64>(k2 * C2, 33) * C1;
    h1 ^= rotl<u64>(load<u64>(p) * C1, 31) * C2;
  } else if (left > 0) {
    const k1 = load<u64>(p) & (u64.MAX_VALUE >>> <u64>((8 - left) << 3));
    h1 ^= rotl<u64>(k1 * C1, 31) * C2;
  }
  h1 ^= <u64>len;
  h2 ^= <u64>len;
  h1 += h2;
  h2 += h1;
  return mix(h1) + mix(h2);
}

// @ts-ignore: decorator
@inline
function f32Item(bits: i32): u64 {
  return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : <u64>(<i64>bits);
}

// @ts-ignore: decorator
@inline
function f64Item(bits: u64): u64 {
  return (bits & 0x7fffffffffffffff) > 0x7ff0000000000000 ? 0x7ff8000000000000 : bits;
}

/** The 8 decimal digits of a number below 10⁸ as bytes 0 to 9, the first digit lowest: halves, quarters, then digits. */
// @ts-ignore: decorator
@inline
function digits8(value: u32): u64 {
  const high = value / 10000;
  let x = <u64>high | (<u64>(value - high * 10000) << 32);
  // division of each lane by 100, then by 10, as multiplication by an inverse that is exact in this range
  let tens = ((x * 10486) >>> 20) & 0x0000007f0000007f;
  x = tens | ((x - tens * 100) << 16);
  tens = ((x * 103) >>> 10) & 0x000f000f000f000f;
  return tens | ((x - tens * 10) << 8);
}

const ZEROS: u64 = 0x3030303030303030;

/** Hash of the decimal text of an integer. */
// @ts-ignore: decorator
@inline
function hashDigits(value: i64): u64 {
  if (<u64>value >= 100000000) return hashLongText(value);
  const digits = digits8(<u32>value);
  // The last digit stays, also where it is 0.
  const leadingBits = min<u64>(ctz<u64>(digits), 56) & 56;
  const length = 8 - (leadingBits >> 3);
  let h1 = SEED ^ (rotl<u64>(((digits | ZEROS) >> leadingBits) * C1, 31) * C2) ^ length;
  let h2 = SEED ^ length;
  h1 += h2;
  h2 += h1;
  return mix(h1) + mix(h2);
}

/** The same for those that are negative or have more than 8 digits. */
function hashLongText(value: i64): u64 {
  const end = TEXT + 32;
  let p = end;
  let rest: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  while (rest >= 100000000) {
    const high = rest / 100000000;
    p -= 8;
    store<u64>(p, digits8(<u32>(rest - high * 100000000)) | ZEROS);
    rest = high;
  }
  const digits = digits8(<u32>rest);
  const leading = <usize>(min<u64>(ctz<u64>(digits), 56) >> 3);
  p -= 8;
  store<u64>(p, digits | ZEROS);
  p += leading;
  if (value < 0) {
    p--;
    store<u8>(p, 45);
  }
  return hashBytes(p, <u32>(end - p));
}

export function hashI32(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) offer(hashLong(<u64>(<i64>load<i32>(ptr + (<usize>i << 2)))));
}

export function hashI64(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) offer(hashLong(load<u64>(ptr + (<usize>i << 3))));
}

export function hashF32(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) offer(hashLong(f32Item(load<i32>(ptr + (<usize>i << 2)))));
}

export function hashF64(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) offer(hashLong(f64Item(load<u64>(ptr + (<usize>i << 3)))));
}

export function hashDigits32(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) offer(hashDigits(load<i32>(ptr + (<usize>i << 2))));
}

export function hashDigits64(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) offer(hashDigits(load<i64>(ptr + (<usize>i << 3))));
}

/** One long: booleans. */
export function hashOne(value: u64): void {
  offer(hashLong(value));
}

/** PLAIN byte arrays of valid UTF-8; empty ones are not items. */
export function hashText(ptr: usize, len: u32, count: u32): i32 {
  let p = ptr;
  const end = ptr + len;
  for (let i: u32 = 0; i < count; i++) {
    if (<u32>(end - p) < 4) return TRUNCATED;
    const n = load<u32>(p);
    p += 4;
    if (n > <u32>(end - p)) return TRUNCATED;
    if (n > 0) offer(hashBytes(p, n));
    p += n;
  }
  return OK;
}

/** Fixed-length values of valid UTF-8. */
export function hashFixed(ptr: usize, count: u32, width: u32): void {
  if (width == 0) return;
  for (let i: u32 = 0; i < count; i++) offer(hashBytes(ptr + <usize>i * width, width));
}

/** The used entries (mark not 0) of a dictionary of texts: their lengths stand 4 bytes before their addresses. */
export function hashMarkedText(addresses: usize, marks: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(marks + i) == 0) continue;
    const at = <usize>load<u32>(addresses + (<usize>i << 2));
    const n = load<u32>(at - 4);
    if (n > 0) offer(hashBytes(at, n));
  }
}
