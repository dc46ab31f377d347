import { zstdDecompressSync } from "node:zlib";
import { isJsonObject, parseJson, stringMap } from "./metadata/index.ts";

/**
 * Puffin files (04 §12.2): blobs between magics, described by a JSON footer. Every offset and length is checked against the
 * file before it is used; what is wrong is an `Error`, which costs the figure and never the group (decision 34).
 */
export interface PuffinBlob {
  readonly type: string;
  readonly fields: readonly number[];
  readonly offset: number;
  readonly length: number;
  /** `none` if the file names no codec. */
  readonly codec: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** A Puffin file that can't be read, or asks for what we don't have. */
export class PuffinFormatError extends Error {
  override readonly name = "PuffinFormatError";
}

const MAGIC = "PFA1";
const MAGIC_BYTES = 4;
/** Payload length, four flag bytes, magic. */
const TRAILER_BYTES = 12;
const FLAG_COMPRESSED_PAYLOAD = 1;

/** A sketch of 2²⁶ entries, the largest that a blob of ours could hold, has 512 MiB; no writer makes one near this. */
const MAX_BLOB_BYTES = 64 * 2 ** 20;

/** The blobs of the file by ascending offset. */
export function readPuffinFooter(bytes: Uint8Array): PuffinBlob[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const trailer = bytes.length - TRAILER_BYTES;
  if (trailer < 2 * MAGIC_BYTES || !magicAt(bytes, 0) || !magicAt(bytes, bytes.length - MAGIC_BYTES)) {
    throw new PuffinFormatError("it is not a Puffin file");
  }
  const payloadLength = view.getInt32(trailer, true);
  const payloadStart = trailer - payloadLength;
  if (payloadLength < 0 || payloadStart < 2 * MAGIC_BYTES || !magicAt(bytes, payloadStart - MAGIC_BYTES)) {
    throw new PuffinFormatError("its footer is damaged");
  }
  if ((view.getUint8(trailer + 4) & FLAG_COMPRESSED_PAYLOAD) !== 0) {
    throw new PuffinFormatError("its footer is compressed, which is not supported");
  }
  const text = new TextDecoder().decode(bytes.subarray(payloadStart, trailer));
  const footer = parseFooter(text);
  const blobs = isJsonObject(footer) && Array.isArray(footer.blobs) ? footer.blobs : [];
  return blobs.map((blob: unknown) => parseBlob(blob, payloadStart)).sort((a, b) => a.offset - b.offset);
}

function parseFooter(text: string): unknown {
  try {
    return parseJson(text, "its footer");
  } catch (cause) {
    throw new PuffinFormatError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function magicAt(bytes: Uint8Array, offset: number): boolean {
  return [...MAGIC].every((character, index) => bytes[offset + index] === character.charCodeAt(0));
}

function parseBlob(json: unknown, end: number): PuffinBlob {
  if (!isJsonObject(json))
    throw new PuffinFormatError("its footer describes a blob by something else than an object");
  const { type, fields, offset, length } = json;
  if (typeof offset !== "number" || typeof length !== "number" || !Number.isInteger(offset + length)) {
    throw new PuffinFormatError("its footer describes a blob without a place");
  }
  if (offset < 0 || length < 0 || offset + length > end)
    throw new PuffinFormatError("its footer describes a blob beyond the file");
  const codec = json["compression-codec"];
  return {
    type: typeof type === "string" ? type : "",
    fields: fieldIds(fields),
    offset,
    length,
    codec: typeof codec === "string" ? codec.toLowerCase() : "none",
    properties: stringMap(json.properties),
  };
}

/** Field ids of a blob; anything else in the list is left out. */
export function fieldIds(json: unknown): number[] {
  return Array.isArray(json) ? json.filter((id: unknown) => typeof id === "number") : [];
}

/** A blob's content, decompressed. */
export function readPuffinBlob(bytes: Uint8Array, blob: PuffinBlob): Uint8Array {
  const stored = bytes.subarray(blob.offset, blob.offset + blob.length);
  switch (blob.codec) {
    case "none":
      return stored;
    case "zstd":
      return decompressed(stored);
    default:
      throw new PuffinFormatError(`codec ${blob.codec} is not supported`);
  }
}

function decompressed(stored: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(stored, { maxOutputLength: MAX_BLOB_BYTES });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PuffinFormatError(`its content is damaged: ${reason}`, { cause });
  }
}
