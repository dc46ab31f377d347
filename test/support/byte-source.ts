import type { ByteSource } from "../../src/model/index.ts";

/** A byte source over memory. */
export function byteSourceOf(bytes: Uint8Array, path = "memory.parquet"): ByteSource {
  return {
    path,
    size: bytes.length,
    read: async (offset, length) => {
      if (offset < 0 || offset + length > bytes.length) {
        throw new RangeError(`${path}: ${length} bytes at ${offset} of ${bytes.length}`);
      }
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}
