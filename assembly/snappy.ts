// Raw Snappy, as its format description says: a varint with the uncompressed length, then literals and copies.
import { MALFORMED, OK, SIZE_MISMATCH, TRUNCATED } from "./memory";
import { copyShort, repeatPattern } from "./copy";

const LOW_BYTES: usize = memory.data<u32>([0, 0xff, 0xffff, 0xffffff, 0xffffffff], 16);

/** Exactly `dstLen` bytes from a raw Snappy block. */
export function snappy(src: usize, srcLen: u32, dst: usize, dstLen: u32): i32 {
  let ip = src;
  const ipEnd = src + srcLen;
  let op = dst;
  const opEnd = dst + dstLen;

  let promised: u64 = 0;
  let shift: u32 = 0;
  while (true) {
    if (ip >= ipEnd) return TRUNCATED;
    const b: u32 = load<u8>(ip++);
    promised |= (<u64>(b & 0x7f)) << shift;
    if (b < 0x80) break;
    shift += 7;
    if (shift > 28) return MALFORMED;
  }
  if (promised != <u64>dstLen) return SIZE_MISMATCH;

  while (ip < ipEnd) {
    const tag: u32 = load<u8>(ip);
    const kind = tag & 3;
    let len: u32;
    let offset: u32;
    if (kind == 0) {
      len = (tag >> 2) + 1;
      ip++;
      if (len <= 16) {
        v128.store(op, v128.load(ip));
        if (len > <u32>(ipEnd - ip)) return TRUNCATED;
        if (len > <u32>(opEnd - op)) return SIZE_MISMATCH;
        ip += len;
        op += len;
        continue;
      }
      if (len > 60) {
        const extra = len - 60;
        if (extra > <u32>(ipEnd - ip)) return TRUNCATED;
        len = load<u32>(ip) & load<u32>(LOW_BYTES + (extra << 2));
        ip += extra;
        if (len == 0xffffffff) return MALFORMED;
        len++;
      }
      if (len > <u32>(ipEnd - ip)) return TRUNCATED;
      if (len > <u32>(opEnd - op)) return SIZE_MISMATCH;
      if (len <= 64) copyShort(op, ip, len);
      else memory.copy(op, ip, len);
      ip += len;
      op += len;
      continue;
    }
    // The kinds are told apart by branches, not by a table: a branch that is foreseen lets the next tag be read at once.
    if (kind == 1) {
      len = 4 + ((tag >> 2) & 7);
      offset = ((tag & 0xe0) << 3) | load<u8>(ip, 1);
      ip += 2;
    } else if (kind == 2) {
      len = (tag >> 2) + 1;
      offset = load<u16>(ip, 1);
      ip += 3;
    } else {
      len = (tag >> 2) + 1;
      offset = load<u32>(ip, 1);
      ip += 5;
    }
    if (ip > ipEnd) return TRUNCATED;
    if (offset - 1 >= <u32>(op - dst)) return MALFORMED;
    if (len > <u32>(opEnd - op)) return SIZE_MISMATCH;
    const from = op - offset;
    if (offset >= 16) copyShort(op, from, len);
    else if (offset >= 8 && len <= 16) {
      // sorted 8-byte integers are made of these
      store<u64>(op, load<u64>(from));
      store<u64>(op, load<u64>(from, 8), 8);
    } else repeatPattern(op, from, offset, len);
    op += len;
  }
  return op == opEnd ? OK : SIZE_MISMATCH;
}
