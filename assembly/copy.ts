// Copies inside a decompressor's output. They write whole 16-byte blocks, up to 63 bytes past the wanted end.

// PATTERN[o][i] = i mod o: spreads a pattern of o bytes over 16.
const PATTERN: usize = memory.data(256, 16);
// NEXT[o][i] = (16 + i) mod o: the 16 bytes that follow in the repetition.
const NEXT: usize = memory.data(256, 16);
let ready: bool = false;

function fillTables(): void {
  for (let o: u32 = 1; o < 16; o++) {
    for (let i: u32 = 0; i < 16; i++) {
      store<u8>(PATTERN + (o << 4) + i, <u8>(i % o));
      store<u8>(NEXT + (o << 4) + i, <u8>((16 + i) % o));
    }
  }
  ready = true;
}

/** At most 64 bytes; the regions are at least 16 bytes apart if `from` is before `to`. */
// @ts-ignore: decorator
@inline
export function copyShort(to: usize, from: usize, len: u32): void {
  v128.store(to, v128.load(from));
  if (len > 16) {
    v128.store(to, v128.load(from, 16), 16);
    if (len > 32) {
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
  }
}

/** Any length; the regions are at least 16 bytes apart if `from` is before `to`. */
export function copyLong(to: usize, from: usize, len: u32): void {
  let done: u32 = 0;
  while (done < len) {
    v128.store(to + done, v128.load(from + done));
    done += 16;
  }
}

/** Repeats the `offset` (1 to 15) bytes before `to` over `len` bytes. */
export function repeatPattern(to: usize, from: usize, offset: u32, len: u32): void {
  if (!ready) fillTables();
  let block = i8x16.swizzle(v128.load(from), v128.load(PATTERN + (offset << 4)));
  v128.store(to, block);
  if (len <= 16) return;
  const next = v128.load(NEXT + (offset << 4));
  let done: u32 = 16;
  while (done < len) {
    block = i8x16.swizzle(block, next);
    v128.store(to + done, block);
    done += 16;
  }
}
