import { DecodeError } from "../decode-error.ts";
import { copyWithin } from "./snappy.ts";

/**
 * LZ4 blocks as Parquet uses them: LZ4_RAW is one block; the older LZ4 is Hadoop's framing, or in files of some writers
 * again one bare block (decision 27).
 */

/** A match's length grows by at most 255 a byte. */
const MAX_RATIO = 255;
const MIN_MATCH = 4;

export function lz4RawDecompress(input: Uint8Array, outputLength: number): Uint8Array {
  if (outputLength > input.length * MAX_RATIO) {
    throw new DecodeError(`lz4 data of ${input.length} bytes can't hold ${outputLength} bytes`);
  }
  const output = new Uint8Array(outputLength);
  const written = decodeBlock(input, output, 0);
  if (written !== outputLength) throw new DecodeError(`lz4 data gives ${written} of ${outputLength} bytes`);
  return output;
}

/** Hadoop's framing where the data has its shape, one bare block otherwise. */
export function lz4Decompress(input: Uint8Array, outputLength: number): Uint8Array {
  try {
    return hadoopDecompress(input, outputLength);
  } catch (hadoopError) {
    if (!(hadoopError instanceof DecodeError)) throw hadoopError;
    try {
      return lz4RawDecompress(input, outputLength);
    } catch (rawError) {
      if (!(rawError instanceof DecodeError)) throw rawError;
      throw new DecodeError(
        `neither Hadoop-framed nor raw lz4: ${hadoopError.message}; ${rawError.message}`,
        {
          cause: rawError,
        },
      );
    }
  }
}

/** Frames of: decompressed length, then blocks of (compressed length, data) until that length is reached; big-endian. */
function hadoopDecompress(input: Uint8Array, outputLength: number): Uint8Array {
  if (outputLength > input.length * MAX_RATIO) {
    throw new DecodeError(`lz4 data of ${input.length} bytes can't hold ${outputLength} bytes`);
  }
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const output = new Uint8Array(outputLength);
  let from = 0;
  let to = 0;
  const readLength = () => {
    if (from + 4 > input.length) throw new DecodeError("Hadoop lz4 framing is cut short");
    from += 4;
    return view.getUint32(from - 4);
  };
  while (from < input.length) {
    const frameEnd = to + readLength();
    if (frameEnd > outputLength) throw new DecodeError("Hadoop lz4 frame is longer than the page");
    while (to < frameEnd) {
      const length = readLength();
      if (length === 0 || from + length > input.length) {
        throw new DecodeError(`Hadoop lz4 block of ${length} bytes where ${input.length - from} are left`);
      }
      to = decodeBlock(input.subarray(from, from + length), output.subarray(0, frameEnd), to);
      from += length;
    }
  }
  if (to !== outputLength) throw new DecodeError(`Hadoop lz4 data gives ${to} of ${outputLength} bytes`);
  return output;
}

/** Decodes one block into `output` from `to` on; returns where it ended. Matches reach back to `start` of the block only. */
function decodeBlock(input: Uint8Array, output: Uint8Array, start: number): number {
  let from = 0;
  let to = start;
  const readLength = (base: number): number => {
    let length = base;
    if (base !== 15) return length;
    for (;;) {
      const byte = input[from++];
      if (byte === undefined) throw new DecodeError("lz4 data ends within a length");
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (from < input.length) {
    const token = input[from++]!;
    const literals = readLength(token >> 4);
    if (from + literals > input.length) throw new DecodeError("lz4 literals run past the end of the data");
    if (to + literals > output.length) throw new DecodeError("lz4 data is longer than announced");
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) return to;
    if (from + 2 > input.length) throw new DecodeError("lz4 data ends within an offset");
    const distance = input[from]! | (input[from + 1]! << 8);
    from += 2;
    const length = readLength(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > to - start) {
      throw new DecodeError(`lz4 match from distance ${distance} at ${to - start}`);
    }
    if (to + length > output.length) throw new DecodeError("lz4 data is longer than announced");
    copyWithin(output, to, distance, length);
    to += length;
  }
  return to;
}
