import { crc32, inflateRawSync, zstdDecompressSync } from "node:zlib";
import { TableError } from "../../../model/index.ts";
import {
  type AvroCursor,
  cursorOver,
  DamagedAvroError,
  readFixed,
  readInteger,
  readLength,
  readString,
} from "./cursor.ts";
import { type AvroType, parseAvroSchema } from "./schema.ts";
import { decompressSnappy } from "./snappy.ts";

/**
 * Avro object container files (Avro specification, "Object Container Files"), whole in memory: manifests are a few MB.
 * Our own, because the general libraries match fields by name and drop the `field-id` attributes that Iceberg goes by,
 * round 64-bit integers, and decode every metric of every entry where we need one entry in a thousand.
 */
export interface AvroFile {
  readonly schema: AvroType;
  /** The header's entries besides `avro.schema` and `avro.codec`, as text. */
  readonly properties: ReadonlyMap<string, string>;
  /** Decompressed, in file order. */
  readonly blocks: Iterable<AvroBlock>;
}

export interface AvroBlock {
  readonly objectCount: number;
  readonly bytes: Uint8Array;
}

/** A block that would decompress to more is refused: writers cut blocks at tens of KB. */
const MAX_BLOCK_BYTES = 256 * 2 ** 20;

const MAGIC = [0x4f, 0x62, 0x6a, 0x01];
const SYNC_BYTES = 16;

/** Opens the container `bytes` read from `path`. Errors, here and while iterating blocks, are `TableError`s that name it. */
export function openAvro(bytes: Uint8Array, path: string, idsByName: ReadonlyMap<string, number>): AvroFile {
  return namingFile(path, () => {
    const cursor = cursorOver(bytes);
    if (bytes.length < MAGIC.length || MAGIC.some((byte, index) => bytes[index] !== byte)) {
      throw new DamagedAvroError("it does not begin with the magic of an Avro file");
    }
    cursor.offset = MAGIC.length;
    const properties = readHeader(cursor);
    const sync = readFixed(cursor, SYNC_BYTES);
    const schema = parseAvroSchema(properties.get("avro.schema") ?? "", idsByName);
    const codec = properties.get("avro.codec") ?? "null";
    return { schema, properties, blocks: readBlocks(cursor, sync, codec, path) };
  });
}

function readHeader(cursor: AvroCursor): Map<string, string> {
  const properties = new Map<string, string>();
  for (let count = readInteger(cursor); count !== 0; count = readInteger(cursor)) {
    if (count < 0) readInteger(cursor);
    // A count beyond the data runs into its end: every entry takes at least two bytes.
    for (let index = 0; index < Math.abs(count); index++)
      properties.set(readString(cursor), readString(cursor));
  }
  return properties;
}

function* readBlocks(cursor: AvroCursor, sync: Uint8Array, codec: string, path: string): Iterable<AvroBlock> {
  while (cursor.offset < cursor.bytes.length) {
    yield namingFile(path, () => {
      const start = cursor.offset;
      const objectCount = readInteger(cursor);
      const stored = readFixed(cursor, readLength(cursor));
      const marker = readFixed(cursor, SYNC_BYTES);
      if (objectCount < 0 || marker.some((byte, index) => byte !== sync[index])) {
        throw new DamagedAvroError(`the block at offset ${start} does not end with the file's marker`);
      }
      const block = decompress(stored, codec);
      // An object takes at least one byte in every schema that Iceberg writes.
      if (objectCount > block.length) {
        throw new DamagedAvroError(`${objectCount} objects at offset ${start} do not fit the block`);
      }
      return { objectCount, bytes: block };
    });
  }
}

function decompress(stored: Uint8Array, codec: string): Uint8Array {
  switch (codec) {
    case "null":
      return stored;
    case "deflate":
      return inflateRawSync(stored, { maxOutputLength: MAX_BLOCK_BYTES });
    case "zstandard":
      return zstdDecompressSync(stored, { maxOutputLength: MAX_BLOCK_BYTES });
    case "snappy": {
      if (stored.length < 4) throw new DamagedAvroError("a snappy block lacks its checksum");
      const output = decompressSnappy(stored.subarray(0, -4), MAX_BLOCK_BYTES);
      const checksum = new DataView(stored.buffer, stored.byteOffset + stored.length - 4, 4).getUint32(0);
      if (crc32(output) !== checksum) throw new DamagedAvroError("a snappy block's checksum does not match");
      return output;
    }
    default:
      // UNKNOWN in the contract which others occur; the specification also has bzip2 and xz.
      throw new DamagedAvroError(`codec ${codec} is not supported (null, deflate, snappy and zstandard are)`);
  }
}

/** Runs `read`, and turns what it throws into an error that names the file. */
export function namingFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof TableError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TableError(`Cannot read the Avro file ${path}: ${reason}`, { cause });
  }
}
