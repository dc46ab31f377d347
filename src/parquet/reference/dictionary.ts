import { DecodeError } from "../decode-error.ts";
import { encodingName } from "../footer/names.ts";
import type { SchemaLeaf } from "../metadata.ts";
import { type DictionaryPageHeader, ENCODING } from "../pages/page-header.ts";
import { openPlain } from "./plain.ts";
import { batchLength, type ValueBatch } from "./values.ts";

/** A decoded dictionary page. */
export interface Dictionary {
  readonly size: number;
  readonly values: ValueBatch;
}

/** Decodes a dictionary page's content, which is PLAIN under either of its two names (06 §3.5). */
export function decodeDictionary(
  leaf: SchemaLeaf,
  header: DictionaryPageHeader,
  bytes: Uint8Array,
): Dictionary {
  if (header.encoding !== ENCODING.plain && header.encoding !== ENCODING.plainDictionary) {
    throw new DecodeError(`Unsupported encoding for a dictionary page: ${encodingName(header.encoding)}`);
  }
  if (leaf.physicalType === "BOOLEAN")
    throw new DecodeError("Dictionary encoding not supported for type: BOOLEAN");
  const size = header.valueCount;
  if (size === 0) return { size, values: { kind: "i32", values: new Int32Array(0) } };
  const shortest = leaf.physicalType === "FIXED_LEN_BYTE_ARRAY" ? leaf.typeLength : 4;
  if (size * shortest > bytes.length) {
    throw new DecodeError(`dictionary of ${size} values in ${bytes.length} bytes`);
  }
  // Values of no bytes are bounded by nothing; a dictionary can hold but one of them.
  if (shortest === 0 && size > 1) throw new DecodeError(`dictionary of ${size} values of no bytes`);
  const values = openPlain(leaf, { bytes, start: 0, end: bytes.length }).next(size);
  if (batchLength(values) !== size) {
    throw new DecodeError(`dictionary ends after ${batchLength(values)} of ${size} values`);
  }
  return { size, values };
}
