import type { ByteSource } from "../../src/model/index.ts";

/** Bytes as an open file, with an account of what was read. */
export interface MemorySource extends ByteSource {
  readonly reads: { readonly offset: number; readonly length: number }[];
}

export function memorySource(bytes: Uint8Array, path = "memory.parquet"): MemorySource {
  const reads: { offset: number; length: number }[] = [];
  return {
    path,
    size: bytes.length,
    reads,
    async read(offset, length, { signal }) {
      signal.throwIfAborted();
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new RangeError(`read of ${length} bytes at ${offset} from ${bytes.length} bytes`);
      }
      reads.push({ offset, length });
      return bytes.slice(offset, offset + length);
    },
  };
}
