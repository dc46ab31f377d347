import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";

/**
 * Writes small Avro container files for tests: schemas as their JSON, records as objects by field name, maps with integer
 * keys as arrays of `{key, value}`.
 */
export type AvroJson = string | readonly AvroJson[] | { readonly [key: string]: unknown };

export interface AvroFileOptions {
  readonly codec?: "null" | "deflate" | "snappy" | "zstandard" | (string & {});
  readonly properties?: Readonly<Record<string, string>>;
  /** Objects in a block; all in one by default. */
  readonly blockObjects?: number;
}

const SYNC = Buffer.from("0123456789abcdef");

export function avroFile(
  schema: AvroJson,
  objects: readonly unknown[],
  options: AvroFileOptions = {},
): Uint8Array {
  const codec = options.codec ?? "null";
  const header = { "avro.schema": JSON.stringify(schema), "avro.codec": codec, ...options.properties };
  const entries = Object.entries(header).flatMap(([key, value]) => [avroBytes(key), avroBytes(value)]);
  const parts: Uint8Array[] = [
    Buffer.from("Obj\x01", "latin1"),
    avroLong(Object.keys(header).length),
    ...entries,
    avroLong(0),
    SYNC,
  ];
  const perBlock = options.blockObjects ?? Math.max(1, objects.length);
  for (let from = 0; from < objects.length; from += perBlock) {
    const some = objects.slice(from, from + perBlock);
    const stored = compress(Buffer.concat(some.map((object) => avroValue(schema, object))), codec);
    parts.push(avroLong(some.length), avroLong(stored.length), stored, SYNC);
  }
  return new Uint8Array(Buffer.concat(parts));
}

export function avroLong(value: number | bigint): Uint8Array {
  const long = BigInt(value);
  let zigzag = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n));
  const bytes: number[] = [];
  for (; zigzag >= 0x80n; zigzag >>= 7n) bytes.push(Number(zigzag & 0x7fn) | 0x80);
  bytes.push(Number(zigzag));
  return Uint8Array.from(bytes);
}

export function avroBytes(value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([avroLong(bytes.length), bytes]);
}

/** One value under a schema. */
export function avroValue(schema: AvroJson, value: unknown): Uint8Array {
  if (isUnion(schema)) {
    const index =
      value === null || value === undefined ? schema.indexOf("null") : schema.findIndex((b) => b !== "null");
    return Buffer.concat([avroLong(index), avroValue(schema[index] ?? "null", value ?? null)]);
  }
  if (typeof schema === "string") return primitive(schema, value);
  const { type } = schema;
  switch (type) {
    case "record": {
      const fields = list(schema.fields);
      const record = objectOf(value);
      return Buffer.concat(
        fields.map((field) => {
          const { name, type: fieldType } = objectOf(field);
          return avroValue(schemaOf(fieldType), record[String(name)]);
        }),
      );
    }
    case "array": {
      const items = list(value);
      if (items.length === 0) return avroLong(0);
      const encoded = items.map((item) => avroValue(schemaOf(schema.items), item));
      return Buffer.concat([avroLong(items.length), ...encoded, avroLong(0)]);
    }
    case "fixed":
      return value instanceof Uint8Array ? value : Buffer.from(String(value));
    default:
      return avroValue(schemaOf(type), value);
  }
}

function primitive(type: string, value: unknown): Uint8Array {
  switch (type) {
    case "null":
      return new Uint8Array();
    case "boolean":
      return Uint8Array.of(value === true ? 1 : 0);
    case "int":
    case "long":
      return avroLong(typeof value === "bigint" ? value : Number(value ?? 0));
    case "float": {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(Number(value));
      return bytes;
    }
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return bytes;
    }
    case "string":
    case "bytes":
      return avroBytes(value instanceof Uint8Array ? value : String(value ?? ""));
    default:
      throw new Error(`the test builder does not know the Avro type ${type}`);
  }
}

function compress(block: Uint8Array, codec: string): Uint8Array {
  switch (codec) {
    case "deflate":
      return deflateRawSync(block);
    case "zstandard":
      return zstdCompressSync(block);
    case "snappy": {
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(block));
      return Buffer.concat([snappyLiterals(block), checksum]);
    }
    default:
      return block;
  }
}

/** Valid snappy without copies. */
function snappyLiterals(block: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const preamble: number[] = [];
  let length = block.length;
  for (; length >= 0x80; length = Math.floor(length / 128)) preamble.push((length & 0x7f) | 0x80);
  preamble.push(length);
  parts.push(Uint8Array.from(preamble));
  for (let from = 0; from < block.length; from += 60) {
    const piece = block.subarray(from, from + 60);
    parts.push(Uint8Array.of((piece.length - 1) << 2), piece);
  }
  return Buffer.concat(parts);
}

function isUnion(schema: AvroJson): schema is readonly AvroJson[] {
  return Array.isArray(schema);
}

function schemaOf(value: unknown): AvroJson {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(schemaOf);
  return objectOf(value);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value));
  throw new Error(`the test builder wants an object, not ${String(value)}`);
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new Error("the test builder wants an array");
}
