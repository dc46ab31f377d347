import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { DecodeError } from "../decode-error.ts";
import type { Codec } from "../metadata.ts";
import { lz4Decompress, lz4RawDecompress } from "./lz4.ts";
import { snappyDecompress } from "./snappy.ts";

/**
 * Page decompression (06 §3.5, decision 27). The output is never longer than the page header announces, so that a small
 * body can't become a large one, and a shorter output is an error: a codec that stops early would give wrong figures.
 */
export function decompress(codec: Codec, input: Uint8Array, outputLength: number): Uint8Array {
  switch (codec) {
    case "UNCOMPRESSED":
      return input;
    case "SNAPPY":
      return snappyDecompress(input, outputLength);
    case "LZ4":
      return lz4Decompress(input, outputLength);
    case "LZ4_RAW":
      return lz4RawDecompress(input, outputLength);
    case "GZIP":
      return zlibDecompress("gzip", gunzipSync, input, outputLength);
    case "BROTLI":
      return zlibDecompress("brotli", brotliDecompressSync, input, outputLength);
    case "ZSTD":
      return zstdDecompress(input, outputLength);
    case "LZO":
      throw new DecodeError("compression codec LZO is not supported; rewrite the file with another codec");
  }
}

/** One output buffer up to this size; larger outputs grow as they come, since their announced length may be a lie. */
const MAX_OUTPUT_CHUNK = 128 * 1024 * 1024;

function outputOptions(outputLength: number) {
  return {
    maxOutputLength: Math.max(1, outputLength),
    // With a buffer that is filled to its end zlib makes another, to see whether anything is left.
    chunkSize: Math.min(MAX_OUTPUT_CHUNK, Math.max(64, outputLength + 1)),
  };
}

type OneShot = (input: Uint8Array, options: ReturnType<typeof outputOptions>) => Uint8Array;

function zlibDecompress(name: string, decode: OneShot, input: Uint8Array, outputLength: number): Uint8Array {
  let output: Uint8Array;
  try {
    output = decode(input, outputOptions(outputLength));
  } catch (error) {
    throw corrupt(name, outputLength, error);
  }
  return checkLength(name, output, outputLength);
}

/** Node decodes one frame a call and gives what it has when the input is cut short: the rest is asked for by the caller. */
function zstdDecompress(input: Uint8Array, outputLength: number): Uint8Array {
  const first = zstdFrame(input, outputLength);
  const isAll = first.consumed >= input.length || first.output.length >= outputLength;
  if (isAll) return checkLength("zstd", first.output, outputLength);
  const output = new Uint8Array(outputLength);
  output.set(first.output);
  let to = first.output.length;
  let from = first.consumed;
  while (to < outputLength && from < input.length) {
    const next = zstdFrame(input.subarray(from), outputLength - to);
    if (next.consumed === 0) break;
    output.set(next.output, to);
    to += next.output.length;
    from += next.consumed;
  }
  return checkLength("zstd", output.subarray(0, to), outputLength);
}

function zstdFrame(input: Uint8Array, maxOutput: number): { output: Uint8Array; consumed: number } {
  try {
    const result: unknown = zstdDecompressSync(input, { ...outputOptions(maxOutput), info: true });
    if (!isInfo(result)) throw new DecodeError("zstd decoder gave no account of its input");
    return { output: result.buffer, consumed: result.engine.bytesWritten };
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw corrupt("zstd", maxOutput, error);
  }
}

function isInfo(value: unknown): value is { buffer: Uint8Array; engine: { bytesWritten: number } } {
  return typeof value === "object" && value !== null && "buffer" in value && "engine" in value;
}

function checkLength(name: string, output: Uint8Array, outputLength: number): Uint8Array {
  if (output.length !== outputLength) {
    throw new DecodeError(`${name} data gives ${output.length} of ${outputLength} bytes`);
  }
  return output;
}

function corrupt(name: string, outputLength: number, error: unknown): DecodeError {
  const detail = error instanceof Error ? error.message : String(error);
  const tooLong = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
  return new DecodeError(
    tooLong
      ? `${name} data is longer than the ${outputLength} bytes that the page header announces`
      : `${name} data is damaged: ${detail}`,
    { cause: error },
  );
}
