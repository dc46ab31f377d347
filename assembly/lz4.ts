// One raw LZ4 block. The Hadoop framing around several of them is read in TypeScript.
import { MALFORMED, OK, SIZE_MISMATCH, TRUNCATED } from "./memory";
import { copyLong, repeatPattern } from "./copy";

/** Exactly `dstLen` bytes from a raw LZ4 block; a copy may not reach before `dst`. */
export function lz4Block(src: usize, srcLen: u32, dst: usize, dstLen: u32): i32 {
  let ip = src;
  const ipEnd = src + srcLen;
  let op = dst;
  const opEnd = dst + dstLen;

  while (ip < ipEnd) {
    const token: u32 = load<u8>(ip++);
    let literals = token >> 4;
    if (literals == 15) {
      let more: u32 = 255;
      while (more == 255) {
        if (ip >= ipEnd) return TRUNCATED;
        more = load<u8>(ip++);
        literals += more;
        if (literals > dstLen) return SIZE_MISMATCH;
      }
    }
    if (literals > <u32>(ipEnd - ip)) return TRUNCATED;
    if (literals > <u32>(opEnd - op)) return SIZE_MISMATCH;
    if (literals <= 64) copyLong(op, ip, literals);
    else memory.copy(op, ip, literals);
    ip += literals;
    op += literals;
    // the last sequence has literals alone
    if (ip == ipEnd) break;

    if (<u32>(ipEnd - ip) < 2) return TRUNCATED;
    const offset: u32 = load<u16>(ip);
    ip += 2;
    let len = (token & 15) + 4;
    if (len == 19) {
      let more: u32 = 255;
      while (more == 255) {
        if (ip >= ipEnd) return TRUNCATED;
        more = load<u8>(ip++);
        len += more;
        if (len > dstLen) return SIZE_MISMATCH;
      }
    }
    if (offset - 1 >= <u32>(op - dst)) return MALFORMED;
    if (len > <u32>(opEnd - op)) return SIZE_MISMATCH;
    if (offset >= 16) copyLong(op, op - offset, len);
    else repeatPattern(op, op - offset, offset, len);
    op += len;
  }
  return op == opEnd ? OK : SIZE_MISMATCH;
}
