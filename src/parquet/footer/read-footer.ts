import { type ByteSource, UnreadableFileError } from "../../model/index.ts";
import type { FileMetadata } from "../metadata.ts";
import { ThriftError } from "../thrift/compact.ts";
import { parseFileMetadata } from "./file-metadata.ts";

/**
 * Reads the footer of a Parquet file: its tail by one ranged read when the guess is large enough, by two otherwise. The
 * error texts are those of 06 §3.8.
 */

const TAIL_LENGTH = 8;
/** Head magic, footer length, tail magic: nothing shorter is a Parquet file. */
const MIN_FILE_LENGTH = 12;
const DEFAULT_GUESS_BYTES = 64 * 1024;
/** A footer larger than this is taken for damage or an attack rather than loaded. */
const MAX_FOOTER_BYTES = 1024 * 1024 * 1024;

export interface ReadFooterOptions {
  readonly signal: AbortSignal;
  /** Bytes to read from the end of the file in the first read; 64 KiB unless given. */
  readonly guessBytes?: number;
}

export async function readFooter(source: ByteSource, options: ReadFooterOptions): Promise<FileMetadata> {
  const { signal } = options;
  const { size, path: file } = source;
  if (size < MIN_FILE_LENGTH) {
    throw new UnreadableFileError(`is not a Parquet file (length is too low: ${size})`, { file });
  }
  const guess = Math.min(size, Math.max(TAIL_LENGTH, options.guessBytes ?? DEFAULT_GUESS_BYTES));
  const tail = await source.read(size - guess, guess, { signal });
  const metadataLength = checkTail(tail, source);
  const metadataOffset = size - TAIL_LENGTH - metadataLength;
  const metadata =
    metadataLength + TAIL_LENGTH <= guess
      ? tail.subarray(guess - TAIL_LENGTH - metadataLength, guess - TAIL_LENGTH)
      : joinBytes(
          await source.read(metadataOffset, size - guess - metadataOffset, { signal }),
          tail.subarray(0, guess - TAIL_LENGTH),
          metadataLength,
        );
  try {
    return { ...parseFileMetadata(metadata), footerLength: metadataLength + TAIL_LENGTH };
  } catch (error) {
    if (!(error instanceof ThriftError)) throw error;
    const offset = metadataOffset + error.offset;
    throw new UnreadableFileError(
      `the footer is damaged: ${error.message}`,
      { file, offset },
      { cause: error },
    );
  }
}

/** Checks the last 8 bytes and returns the length of the metadata before them. */
function checkTail(tail: Uint8Array, source: ByteSource): number {
  const file = source.path;
  const view = new DataView(tail.buffer, tail.byteOffset + tail.length - TAIL_LENGTH, TAIL_LENGTH);
  const magic = [4, 5, 6, 7].map((index) => view.getInt8(index));
  const text = String.fromCharCode(...magic.map((byte) => byte & 0xff));
  if (text === "PARE") {
    throw new UnreadableFileError("Trying to read file with encrypted footer. No keys available", { file });
  }
  if (text !== "PAR1") {
    throw new UnreadableFileError(
      `is not a Parquet file. Expected magic number at tail, but found [${magic.join(", ")}]`,
      { file, offset: source.size - 4 },
    );
  }
  const length = view.getUint32(0, true);
  const offset = source.size - TAIL_LENGTH;
  // The head magic takes 4 bytes that no footer may reach into.
  if (length + TAIL_LENGTH + 4 > source.size) {
    throw new UnreadableFileError(
      `the footer is damaged: it claims ${length} bytes in a file of ${source.size}`,
      { file, offset },
    );
  }
  if (length > MAX_FOOTER_BYTES) {
    throw new UnreadableFileError(`the footer claims ${length} bytes; the limit is ${MAX_FOOTER_BYTES}`, {
      file,
      offset,
    });
  }
  return length;
}

function joinBytes(head: Uint8Array, rest: Uint8Array, length: number): Uint8Array {
  const joined = new Uint8Array(length);
  joined.set(head, 0);
  joined.set(rest, head.length);
  return joined;
}
