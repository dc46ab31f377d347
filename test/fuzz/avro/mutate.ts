import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";
import { openAvro } from "../../../src/table/iceberg/avro/index.ts";
import { avroBytes, avroLong } from "../../support/avro-builder.ts";
import { compress } from "../../support/parquet-codecs.ts";
import { concat } from "../../support/parquet-encodings.ts";
import { damage } from "../harness/bytes.ts";
import type { Random } from "../harness/random.ts";
import { damageJson } from "../text/json-tokens.ts";

/** Avro containers changed by what they are made of: schema, header entries, blocks and their counts, inside the compression. */
export function mutateAvro(random: Random, file: Uint8Array, donor: Uint8Array): Uint8Array {
  if (random.chance(0.15)) return damage(random, file, donor);
  const draft = draftOf(file);
  for (let i = random.pick([1, 1, 2, 3]); i > 0; i--) change(random, draft, donor);
  const bytes = encode(random, draft);
  return random.chance(0.05) ? damage(random, bytes, donor) : bytes;
}

interface AvroDraft {
  readonly header: Map<string, string>;
  readonly blocks: { objectCount: number; bytes: Uint8Array }[];
  codec: string;
  /** What the header says, if it isn't the truth. */
  announced?: string;
}

const CODECS = ["null", "deflate", "snappy", "zstandard"];

/** Of a sound file. */
function draftOf(file: Uint8Array): AvroDraft {
  const { properties, blocks } = openAvro(file, "seed", new Map());
  const header = new Map(properties);
  const codec = header.get("avro.codec") ?? "null";
  return { header, blocks: [...blocks].map((block) => ({ ...block })), codec };
}

function change(random: Random, draft: AvroDraft, donor: Uint8Array): void {
  const block = draft.blocks[random.below(draft.blocks.length)];
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      draft.header.set("avro.schema", damageJson(random, draft.header.get("avro.schema") ?? "{}"));
      return;
    case 3:
      draft.codec = random.pick(CODECS);
      return;
    case 4:
      draft.announced = random.pick([...CODECS, "bzip2", ""]);
      return;
    case 5:
      if (block !== undefined) {
        block.objectCount = random.pick([
          0,
          1,
          -1,
          block.objectCount + 1,
          block.bytes.length,
          2 ** 31,
          2 ** 53,
        ]);
      }
      return;
    case 6:
      if (block !== undefined) draft.blocks.push({ ...block });
      return;
    default:
      if (block !== undefined) block.bytes = damage(random, block.bytes, donor);
  }
}

const SYNC = new Uint8Array(16).fill(7);

function encode(random: Random, draft: AvroDraft): Uint8Array {
  const header = new Map(draft.header).set("avro.codec", draft.announced ?? draft.codec);
  const entries = [...header].flatMap(([key, value]) => [avroBytes(key), avroBytes(value)]);
  const blocks = draft.blocks.flatMap(({ objectCount, bytes }) => {
    const stored = pack(draft.codec, bytes);
    const length = random.chance(0.02)
      ? random.pick([-1, stored.length + 1, 2 ** 31, 2 ** 53])
      : stored.length;
    return [avroLong(objectCount), avroLong(length), stored, SYNC];
  });
  return concat([
    Buffer.from("Obj\x01", "latin1"),
    avroLong(header.size),
    ...entries,
    avroLong(0),
    SYNC,
    ...blocks,
  ]);
}

function pack(codec: string, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case "deflate":
      return deflateRawSync(bytes);
    case "zstandard":
      return zstdCompressSync(bytes);
    case "snappy": {
      const checksum = new Uint8Array(4);
      new DataView(checksum.buffer).setUint32(0, crc32(bytes));
      return concat([compress("SNAPPY", bytes), checksum]);
    }
    default:
      return bytes;
  }
}
