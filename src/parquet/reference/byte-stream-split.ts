import { DecodeError } from "../decode-error.ts";
import type { SchemaLeaf } from "../metadata.ts";
import { numbersAt, numberWidth, type Stream, valuesEnd } from "./plain.ts";
import type { ValueSource } from "./values.ts";

/** BYTE_STREAM_SPLIT: byte k of every value lies in stream k; the number of values follows from the data's length. */
export function openByteStreamSplit(leaf: SchemaLeaf, { bytes, start, end }: Stream): ValueSource {
  const type = leaf.physicalType;
  if (type === "BOOLEAN" || type === "BYTE_ARRAY" || type === "INT96") {
    throw new DecodeError(`no byte stream split reader for type ${type}`);
  }
  const width = type === "FIXED_LEN_BYTE_ARRAY" ? leaf.typeLength : numberWidth(type);
  const total = (end - start) / width;
  if (!Number.isInteger(total)) {
    throw new DecodeError(`byte stream split of ${end - start} bytes for values of ${width} bytes`);
  }
  let position = 0;
  return {
    next(max) {
      const count = Math.min(max, total - position);
      if (count === 0) throw valuesEnd();
      const joined = new Uint8Array(count * width);
      for (let stream = 0; stream < width; stream++) {
        const from = start + stream * total + position;
        for (let index = 0; index < count; index++) joined[index * width + stream] = bytes[from + index]!;
      }
      position += count;
      if (type !== "FIXED_LEN_BYTE_ARRAY") return numbersAt(type, joined, 0, count);
      const starts = Int32Array.from({ length: count }, (_, index) => index * width);
      return { kind: "bytes", bytes: joined, starts, ends: starts.map((from) => from + width) };
    },
  };
}
