import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Codec } from "../../src/parquet/metadata.ts";
import { concat, uint32, varint } from "./parquet-encodings.ts";

/** Compression for test pages. The two block formats get literals and one overlapping copy, so that decoders see both. */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case "UNCOMPRESSED":
      return bytes;
    case "SNAPPY":
      return snappy(bytes);
    case "GZIP":
      return new Uint8Array(gzipSync(bytes));
    case "BROTLI":
      return new Uint8Array(brotliCompressSync(bytes));
    case "ZSTD":
      return new Uint8Array(zstdCompressSync(bytes));
    case "LZ4_RAW":
      return lz4Block(bytes);
    case "LZ4":
      return lz4Hadoop(bytes);
    case "LZO":
      return bytes;
  }
}

function snappy(bytes: Uint8Array): Uint8Array {
  const parts = [varint(bytes.length)];
  const { literal, copied } = splitAtRun(bytes, 64);
  for (let at = 0; at < literal.length; at += 256) {
    const piece = literal.subarray(at, at + 256);
    parts.push(Uint8Array.of(60 << 2, piece.length - 1), piece);
  }
  if (copied > 0) parts.push(Uint8Array.of(((copied - 1) << 2) | 2, 1, 0));
  return concat(parts);
}

function lz4Block(bytes: Uint8Array): Uint8Array {
  // A block ends with literals, so the run is followed by nothing here only if there is none.
  const { literal, copied } = splitAtRun(bytes, 18);
  if (copied < 4) return concat([...lz4Literals(bytes, 0), bytes]);
  return concat([...lz4Literals(literal, copied - 4), literal, Uint8Array.of(1, 0), Uint8Array.of(0)]);
}

function lz4Literals(literal: Uint8Array, matchCode: number): Uint8Array[] {
  if (literal.length < 15) return [Uint8Array.of((literal.length << 4) | matchCode)];
  const extra = literal.length - 15;
  return [
    Uint8Array.of(0xf0 | matchCode),
    new Uint8Array(Math.floor(extra / 255)).fill(255),
    Uint8Array.of(extra % 255),
  ];
}

function lz4Hadoop(bytes: Uint8Array): Uint8Array {
  const half = bytes.length >> 1;
  const frames = [bytes.subarray(0, half), bytes.subarray(half)].filter((part) => part.length > 0);
  return concat(
    frames.flatMap((frame) => {
      const block = lz4Block(frame);
      return [uint32(frame.length).reverse(), uint32(block.length).reverse(), block];
    }),
  );
}

/** The bytes before a run of one value at the end, and how much of the run a copy from distance 1 makes. */
function splitAtRun(bytes: Uint8Array, maxCopy: number): { literal: Uint8Array; copied: number } {
  let run = 0;
  while (run < maxCopy && run + 1 < bytes.length && bytes.at(-1 - run) === bytes.at(-2 - run)) run++;
  return { literal: bytes.subarray(0, bytes.length - run), copied: run };
}
