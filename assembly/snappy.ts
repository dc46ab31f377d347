// Raw Snappy, as its format description says: a varint with the uncompressed length, then literals and copies.
import { MALFORMED, OK, SIZE_MISMATCH, TRUNCATED } from "./memory";
import { copyShort, repeatPattern } from "./copy";

// For each tag of a copy: length in bits 0-7, bits 8-10 of the offset at 8-10, number of bytes after the tag at 11-13.
// Literal tags are not looked up. Filled on first use: 512 bytes of constants are shorter as a rule than as a table.
const COPY_TAGS: usize = memory.data(512, 16);
const LOW_BYTES: usize = memory.data<u32>([0, 0xff, 0xffff, 0xffffff, 0xffffffff], 16);
let ready: bool = false;

function fillTable(): void {
  for (let tag: u32 = 0; tag < 256; tag++) {
    let entry: u32 = 0;
    const kind = tag & 3;
    if (kind == 1) entry = (4 + ((tag >> 2) & 7)) | ((tag >> 5) << 8) | (1 << 11);
    else if (kind == 2) entry = ((tag >> 2) + 1) | (2 << 11);
    else if (kind == 3) entry = ((tag >> 2) + 1) | (4 << 11);
    store<u16>(COPY_TAGS + (tag << 1), <u16>entry);
  }
  ready = true;
}

/** Exactly `dstLen` bytes from a raw Snappy block. */
export function snappy(src: usize, srcLen: u32, dst: usize, dstLen: u32): i32 {
  if (!ready) fillTable();
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
    const tag: u32 = load<u8>(ip++);
    if ((tag & 3) == 0) {
      let len = (tag >> 2) + 1;
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
    } else {
      const entry: u32 = load<u16>(COPY_TAGS + (tag << 1));
      const extra = entry >> 11;
      const len = entry & 0xff;
      const offset = (load<u32>(ip) & load<u32>(LOW_BYTES + (extra << 2))) + (entry & 0x700);
      if (extra > <u32>(ipEnd - ip)) return TRUNCATED;
      ip += extra;
      // offset 0 wraps around and fails the same comparison
      if (offset - 1 >= <u32>(op - dst)) return MALFORMED;
      if (len > <u32>(opEnd - op)) return SIZE_MISMATCH;
      const from = op - offset;
      if (offset >= 16) copyShort(op, from, len);
      else repeatPattern(op, from, offset, len);
      op += len;
    }
  }
  return op == opEnd ? OK : SIZE_MISMATCH;
}
