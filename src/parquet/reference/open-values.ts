import { DecodeError } from "../decode-error.ts";
import { encodingName } from "../footer/names.ts";
import type { SchemaLeaf } from "../metadata.ts";
import { ENCODING } from "../pages/page-header.ts";
import { openByteStreamSplit } from "./byte-stream-split.ts";
import { openDeltaBinaryPacked, openDeltaByteArray, openDeltaLengthByteArray } from "./delta-values.ts";
import { type IntegerReader, openHybrid } from "./hybrid.ts";
import { openPlain, type Stream } from "./plain.ts";
import type { ValueSource } from "./values.ts";

/** The values of a page that isn't dictionary-encoded, by the table of encodings of 06 §3.5. */
export function openValues(
  leaf: SchemaLeaf,
  encoding: number,
  stream: Stream,
  maxCount: number,
): ValueSource {
  switch (encoding) {
    case ENCODING.plain:
      return openPlain(leaf, stream);
    case ENCODING.rle:
      return openRleBooleans(leaf, stream);
    case ENCODING.deltaBinaryPacked:
      return openDeltaBinaryPacked(leaf, stream, maxCount);
    case ENCODING.deltaLengthByteArray:
      return openDeltaLengthByteArray(leaf, stream, maxCount);
    case ENCODING.deltaByteArray:
      return openDeltaByteArray(leaf, stream, maxCount);
    case ENCODING.byteStreamSplit:
      return openByteStreamSplit(leaf, stream);
    default:
      throw new DecodeError(`Unsupported encoding for values: ${encodingName(encoding)}`);
  }
}

/** Dictionary indices: one byte of bit width, then the hybrid. */
export function openIndices({ bytes, start, end }: Stream): IntegerReader {
  const bitWidth = bytes[start];
  if (bitWidth === undefined || start >= end)
    throw new DecodeError("the page ends before its dictionary indices");
  return openHybrid(bytes, start + 1, end, bitWidth, "dictionary indices");
}

/** RLE values: booleans behind a 4-byte length, in v2 pages too. */
function openRleBooleans(leaf: SchemaLeaf, { bytes, start, end }: Stream): ValueSource {
  if (leaf.physicalType !== "BOOLEAN") {
    throw new DecodeError(`Unsupported encoding for values: RLE for type ${leaf.physicalType}`);
  }
  if (start + 4 > end) throw new DecodeError("the page ends before its values");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start, true);
  if (length > end - start - 4) {
    throw new DecodeError(`values of ${length} bytes where ${end - start - 4} are left`);
  }
  const reader = openHybrid(bytes, start + 4, start + 4 + length, 1, "boolean values");
  return {
    next(max) {
      const values = new Int32Array(max);
      reader.read(values, max);
      return { kind: "bool", values: Uint8Array.from(values) };
    },
  };
}
