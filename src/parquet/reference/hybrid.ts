import { DecodeError } from "../decode-error.ts";

/** Unsigned integers of a fixed width, read in order. */
export interface IntegerReader {
  /** Fills `target` up to `count`; throws if the stream has fewer. */
  read(target: Int32Array, count: number): void;
}

/**
 * The RLE/bit-packed hybrid of levels, dictionary indices and booleans. A last bit-packed run may be cut short as long as
 * the values that are read lie within the data.
 */
export function openHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  bitWidth: number,
  what: string,
): IntegerReader {
  if (bitWidth > 32) throw new DecodeError(`${what} with bit width ${bitWidth}`);
  let offset = start;
  let runLeft = 0;
  let runValue = 0;
  let packedLeft = 0;
  let bitOffset = 0;

  function nextRun(): void {
    const header = readRunHeader();
    if ((header & 1) === 1) {
      packedLeft = Math.floor(header / 2) * 8;
      bitOffset = offset * 8;
      offset = Math.min(end, offset + (packedLeft / 8) * bitWidth);
      return;
    }
    runLeft = header / 2;
    const width = Math.ceil(bitWidth / 8);
    if (offset + width > end) throw new DecodeError(`${what} end within a run`);
    runValue = 0;
    for (let index = 0; index < width; index++) runValue += bytes[offset + index]! * 2 ** (8 * index);
    offset += width;
    if (runValue >= 2 ** bitWidth) {
      throw new DecodeError(`${what} has the value ${runValue} in ${bitWidth} bits`);
    }
  }

  function readRunHeader(): number {
    let value = 0;
    for (let index = 0; index < 5; index++) {
      if (offset >= end) throw new DecodeError(`${what} end too early`);
      const byte = bytes[offset++]!;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new DecodeError(`${what} with a run header of more than 5 bytes`);
  }

  function read(target: Int32Array, count: number): void {
    let filled = 0;
    while (filled < count) {
      if (runLeft > 0) {
        const take = Math.min(runLeft, count - filled);
        target.fill(runValue, filled, filled + take);
        runLeft -= take;
        filled += take;
      } else if (packedLeft > 0) {
        const take = Math.min(packedLeft, count - filled);
        if (bitOffset + take * bitWidth > end * 8) throw new DecodeError(`${what} end too early`);
        for (let index = 0; index < take; index++) {
          target[filled + index] = readBits(bytes, bitOffset, bitWidth);
          bitOffset += bitWidth;
        }
        packedLeft -= take;
        filled += take;
      } else {
        nextRun();
      }
    }
  }

  return { read };
}

/** The deprecated BIT_PACKED levels: most significant bit first, no length, no runs (06 §3.5). */
export function openBitPackedLevels(bytes: Uint8Array, start: number, bitWidth: number): IntegerReader {
  let bitOffset = start * 8;
  return {
    read(target, count) {
      if (bitOffset + count * bitWidth > bytes.length * 8) throw new DecodeError("levels end too early");
      for (let index = 0; index < count; index++) {
        let value = 0;
        for (let bit = 0; bit < bitWidth; bit++, bitOffset++) {
          value = (value << 1) | ((bytes[bitOffset >> 3]! >> (7 - (bitOffset & 7))) & 1);
        }
        target[index] = value;
      }
    },
  };
}

/** Up to 32 bits, least significant first, as an unsigned number; the caller has checked that they lie within the data. */
export function readBits(bytes: Uint8Array, bitOffset: number, bitWidth: number): number {
  if (bitWidth === 0) return 0;
  const shift = bitOffset % 8;
  let at = (bitOffset - shift) / 8;
  let value = 0;
  let scale = 1;
  for (let bits = 0; bits < bitWidth + shift; bits += 8) {
    value += bytes[at++]! * scale;
    scale *= 256;
  }
  return Math.floor(value / 2 ** shift) % 2 ** bitWidth;
}

/** Bits that a level of this maximum takes. */
export function levelBitWidth(maxLevel: number): number {
  return 32 - Math.clz32(maxLevel);
}
