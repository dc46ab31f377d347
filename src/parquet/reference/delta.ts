import { DecodeError } from "../decode-error.ts";
import { readBits } from "./hybrid.ts";

/**
 * DELTA_BINARY_PACKED: blocks of miniblocks of bit-packed deltas. Arithmetic wraps at the width of the type, as the format
 * defines it. The stream's own count is checked against the page's before anything is done with it.
 */
export interface DeltaReader {
  /** Values that the stream announces. */
  readonly total: number;
  readInt32(target: Int32Array, count: number): void;
  readInt64(target: BigInt64Array, count: number): void;
  /** Consumes what is left and returns where the next stream begins. */
  skipToEnd(): number;
}

export function openDelta(bytes: Uint8Array, start: number, end: number, maxCount: number): DeltaReader {
  let offset = start;
  const blockSize = readVarint();
  const miniblockCount = readVarint();
  const total = readVarint();
  const firstValue = readZigZag();
  const miniblockSize = blockSize / miniblockCount;
  if (!Number.isInteger(miniblockSize) || miniblockSize === 0 || miniblockSize % 8 !== 0) {
    throw new DecodeError(`delta encoding with ${miniblockCount} miniblocks in blocks of ${blockSize}`);
  }
  if (total > maxCount) {
    throw new DecodeError(`delta encoding announces ${total} values in a page of ${maxCount}`);
  }

  let produced = 0;
  let last = firstValue;
  let minDelta = 0n;
  let widthsAt = 0;
  let miniblock = miniblockCount;
  let leftInMiniblock = 0;
  let bitOffset = 0;
  let bitWidth = 0;

  function readVarint(): number {
    let value = 0;
    for (let index = 0; index < 5; index++) {
      const byte = nextByte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new DecodeError("delta encoding with a varint of more than 5 bytes");
  }

  function readZigZag(): bigint {
    let value = 0n;
    for (let index = 0n; index < 10n; index++) {
      const byte = nextByte();
      value |= BigInt(byte & 0x7f) << (7n * index);
      if (byte < 0x80) {
        const unsigned = BigInt.asUintN(64, value);
        return (unsigned >> 1n) ^ -(unsigned & 1n);
      }
    }
    throw new DecodeError("delta encoding with a varint of more than 10 bytes");
  }

  function nextByte(): number {
    if (offset >= end) throw new DecodeError("delta encoding ends too early");
    return bytes[offset++]!;
  }

  function nextMiniblock(): void {
    if (miniblock === miniblockCount) {
      minDelta = readZigZag();
      if (offset + miniblockCount > end) throw new DecodeError("delta encoding ends within a block header");
      widthsAt = offset;
      offset += miniblockCount;
      miniblock = 0;
    }
    bitWidth = bytes[widthsAt + miniblock]!;
    if (bitWidth > 64) throw new DecodeError(`delta encoding with bit width ${bitWidth}`);
    miniblock++;
    leftInMiniblock = miniblockSize;
    bitOffset = offset * 8;
    offset += (miniblockSize / 8) * bitWidth;
  }

  function nextDelta(): bigint {
    if (leftInMiniblock === 0) nextMiniblock();
    if (bitOffset + bitWidth > end * 8) throw new DecodeError("delta encoding ends within a miniblock");
    const low = readBits(bytes, bitOffset, Math.min(32, bitWidth));
    const high = bitWidth > 32 ? readBits(bytes, bitOffset + 32, bitWidth - 32) : 0;
    bitOffset += bitWidth;
    leftInMiniblock--;
    return minDelta + ((BigInt(high) << 32n) | BigInt(low));
  }

  /** The next value, wrapped at 64 bits; its low 32 are the value of an INT32 column. */
  function next(): bigint {
    if (produced >= total) throw new DecodeError(`delta encoding ends after ${total} values`);
    if (produced++ > 0) last = BigInt.asIntN(64, last + nextDelta());
    return last;
  }

  return {
    total,
    readInt32(target, count) {
      for (let index = 0; index < count; index++) target[index] = Number(BigInt.asIntN(32, next()));
    },
    readInt64(target, count) {
      for (let index = 0; index < count; index++) target[index] = next();
    },
    skipToEnd() {
      while (produced < total) next();
      return Math.min(offset, end);
    },
  };
}
