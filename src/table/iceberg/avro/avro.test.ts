import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { avroBytes, avroFile, avroLong } from "../../../../test/support/avro-builder.ts";
import { openAvro } from "./container.ts";
import { cursorOver, readInteger, readLong, readString } from "./cursor.ts";
import { parseAvroSchema } from "./schema.ts";
import { decompressSnappy } from "./snappy.ts";
import { eachIntKeyed, readFields, readValue } from "./value.ts";

const NO_NAMES = new Map<string, number>();

const PERSON = {
  type: "record",
  name: "person",
  fields: [
    { name: "id", type: "long", "field-id": 1 },
    { name: "name", type: ["null", "string"], default: null, "field-id": 2 },
    {
      name: "counts",
      type: {
        type: "array",
        logicalType: "map",
        items: {
          type: "record",
          name: "k3_v4",
          fields: [
            { name: "key", type: "int", "field-id": 3 },
            { name: "value", type: "long", "field-id": 4 },
          ],
        },
      },
      "field-id": 5,
    },
    { name: "score", type: "double", "field-id": 6 },
  ],
} as const;

const PEOPLE = [
  { id: 2n ** 63n - 1n, name: "é", counts: [{ key: 1, value: 2n ** 40n }], score: 1.5 },
  { id: -1, name: null, counts: [], score: -0.25 },
];

describe("Avro container files (04 §5)", () => {
  it.each(["null", "deflate", "snappy", "zstandard"])("reads blocks of codec %s", (codec) => {
    const file = openAvro(avroFile(PERSON, PEOPLE, { codec, blockObjects: 1 }), "m.avro", NO_NAMES);
    const read = [...file.blocks].map((block) => readValue(cursorOver(block.bytes), file.schema));
    expect(read).toEqual([
      {
        fields: new Map<number, unknown>([
          [1, 2n ** 63n - 1n],
          [2, "é"],
          [
            5,
            [
              {
                fields: new Map<number, unknown>([
                  [3, 1],
                  [4, 2n ** 40n],
                ]),
              },
            ],
          ],
          [6, 1.5],
        ]),
      },
      {
        fields: new Map<number, unknown>([
          [1, -1n],
          [2, null],
          [5, []],
          [6, -0.25],
        ]),
      },
    ]);
  });

  it("matches wanted fields by field id, moves past the others, and leaves ranges undecoded", () => {
    const file = openAvro(avroFile(PERSON, PEOPLE), "m.avro", NO_NAMES);
    const [block] = [...file.blocks];
    if (file.schema.kind !== "record" || block === undefined) throw new Error("no record");
    const cursor = cursorOver(block.bytes);
    const wanted = new Map<number, "value" | "range">([
      [6, "value"],
      [5, "range"],
    ]);
    const first = readFields(cursor, file.schema, wanted).fields;
    expect(first.get(6)).toBe(1.5);
    expect(first.has(1)).toBe(false);
    const range = first.get(5);
    if (typeof range !== "object" || range === null || !("range" in range)) throw new Error("no range");
    const entries: [number, bigint][] = [];
    eachIntKeyed(range, (key, at) => entries.push([key, readLong(at)]));
    expect(entries).toEqual([[1, 2n ** 40n]]);
    expect(readFields(cursor, file.schema, wanted).fields.get(6)).toBe(-0.25);
  });

  it("matches by name only in a file without any field ids", () => {
    const schema = {
      type: "record",
      name: "r",
      fields: [
        { name: "a", type: "int" },
        { name: "b", type: "int" },
      ],
    };
    const byName = new Map([["b", 17]]);
    const { schema: read } = openAvro(avroFile(schema, []), "m.avro", byName);
    expect(read).toMatchObject({ fields: [{ id: undefined }, { id: 17 }] });
    const { schema: withIds } = openAvro(avroFile(PERSON, []), "m.avro", new Map([["id", 99]]));
    expect(withIds).toMatchObject({ fields: [{ id: 1 }, { id: 2 }, { id: 5 }, { id: 6 }] });
  });

  it.each([
    ["a codec that is not read", avroFile(PERSON, PEOPLE, { codec: "xz" }), "codec xz is not supported"],
    ["no magic", Buffer.from("PAR1"), "magic of an Avro file"],
    ["a cut file", avroFile(PERSON, PEOPLE).subarray(0, -20), "does not fit the data|data ends"],
    ["a wrong marker", flip(avroFile(PERSON, PEOPLE), -1), "marker"],
    ["a damaged snappy block", flip(avroFile(PERSON, PEOPLE, { codec: "snappy" }), -18), "checksum"],
  ])("refuses %s by the file's name", (_what, bytes, reason) => {
    const read = () => [...openAvro(bytes, "s3://b/m.avro", NO_NAMES).blocks];
    expect(read).toThrow(new RegExp(`^Cannot read the Avro file s3://b/m.avro: .*(${reason})`));
  });

  it("refuses a block that claims more objects than it has bytes", () => {
    const schema = { type: "record", name: "nothing", fields: [] };
    const file = avroFile(schema, [{}, {}]);
    expect(() => [...openAvro(file, "m.avro", NO_NAMES).blocks]).toThrow("2 objects");
  });

  it("refuses a schema nested without end and a record that contains itself", () => {
    let deep: object = { type: "array", items: "int" };
    for (let depth = 0; depth < 200; depth++) deep = { type: "array", items: deep };
    expect(() => openAvro(avroFile({ ...deep }, []), "m.avro", NO_NAMES)).toThrow("nested too deeply");
    const selfish = { type: "record", name: "r", fields: [{ name: "r", type: "r" }] };
    expect(() => openAvro(avroFile(selfish, []), "m.avro", NO_NAMES)).toThrow("unknown type r");
  });

  it("refuses a schema that names itself large: a few records that use each other twice would make a value of billions", () => {
    const fields = Array.from({ length: 60 }, (_, level) => {
      const inner = level === 0 ? "null" : `r${level - 1}`;
      return {
        name: `f${level}`,
        type: {
          type: "record",
          name: `r${level}`,
          fields: [
            { name: "a", type: inner },
            { name: "b", type: inner },
          ],
        },
      };
    });
    const schema = { type: "record", name: "all", fields };
    expect(() => parseAvroSchema(JSON.stringify(schema), NO_NAMES)).toThrow("the file's schema is too large");
  });

  it("names the unreadable part of a schema, however deeply it is nested", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(() => parseAvroSchema(`{"type":"record","name":"r","fields":[${deep}]}`, NO_NAMES)).toThrow(
      "the file's schema has an unreadable part: an array",
    );
  });

  it("never hangs or crashes on damaged files: an error that names the file, or values", () => {
    const good = avroFile(PERSON, PEOPLE, { codec: "snappy" });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bad = Uint8Array.from(good);
        bad[at] = byte;
        try {
          const file = openAvro(bad, "m.avro", NO_NAMES);
          for (const block of file.blocks) {
            const cursor = cursorOver(block.bytes);
            for (let index = 0; index < block.objectCount; index++) readValue(cursor, file.schema);
          }
        } catch (error) {
          expect(error).toHaveProperty("message");
        }
      }),
    );
  });
});

describe("Avro primitives", () => {
  it("reads every 64-bit integer exactly", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const cursor = cursorOver(avroLong(value));
        expect(readLong(cursor)).toBe(value);
        expect(cursor.offset).toBe(cursor.bytes.length);
      }),
    );
  });

  it("refuses integers longer than 64 bits, lengths beyond the data, and counts beyond 2⁵³", () => {
    expect(() => readLong(cursorOver(new Uint8Array(11).fill(0xff)))).toThrow("longer than 64 bits");
    expect(() => readString(cursorOver(avroLong(5)))).toThrow("does not fit");
    expect(() => readString(cursorOver(avroLong(-1)))).toThrow("does not fit");
    expect(() => readInteger(cursorOver(avroLong(2n ** 60n)))).toThrow("out of range");
  });

  it("keeps a byte order mark and replaces malformed UTF-8 as the reference's reader does", () => {
    expect(readString(cursorOver(avroBytes("\ufeffa")))).toBe("\ufeffa");
    expect(readString(cursorOver(avroBytes(Uint8Array.of(0x61, 0xff))))).toBe("a\ufffd");
  });

  it("refuses a block of items that is not of the size it announces", () => {
    for (const size of [1, 3]) {
      const sized = [...avroLong(-2), ...avroLong(size), ...avroLong(7), ...avroLong(8), ...avroLong(0)];
      expect(() =>
        readValue(cursorOver(Uint8Array.from(sized)), { kind: "array", items: { kind: "int" } }),
      ).toThrow("do not have the size announced");
    }
  });

  it("skips a negative block count with its size, and refuses items that do not fit", () => {
    const sized = Uint8Array.from([
      ...avroLong(-2),
      ...avroLong(2),
      ...avroLong(7),
      ...avroLong(8),
      ...avroLong(0),
    ]);
    expect(readValue(cursorOver(sized), { kind: "array", items: { kind: "int" } })).toEqual([7, 8]);
    const huge = avroLong(2n ** 50n);
    expect(() => readValue(cursorOver(huge), { kind: "array", items: { kind: "null" } })).toThrow(
      "do not fit",
    );
  });
});

describe("snappy blocks", () => {
  it("expands copies, also those that overlap their own output", () => {
    // 8 bytes: literal "ab", then a copy of 6 from 2 back.
    const stored = Uint8Array.of(8, (2 - 1) << 2, 0x61, 0x62, ((6 - 4) << 2) | 1, 2);
    expect(Buffer.from(decompressSnappy(stored, 100)).toString()).toBe("abababab");
  });

  it.each([
    ["an output beyond the limit", [0xff, 0xff, 0xff, 0x7f, 0], "at most 1000"],
    ["a copy from before the start", [5, 0, 0x61, 0x01, 9], "damaged"],
    ["a literal beyond the input", [4, (4 - 1) << 2, 0x61], "damaged"],
    ["too little output", [4, 0, 0x61], "damaged"],
    ["an endless preamble", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "damaged"],
  ])("refuses %s", (_what, bytes, reason) => {
    expect(() => decompressSnappy(Uint8Array.from(bytes), 1000)).toThrow(reason);
  });
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
