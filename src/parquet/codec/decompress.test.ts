import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CODECS } from "../../../test/support/engine-contract/fields.ts";
import { compress } from "../../../test/support/parquet-codecs.ts";
import { concat } from "../../../test/support/parquet-encodings.ts";
import { DecodeError } from "../decode-error.ts";
import { decompress } from "./decompress.ts";

const text = (value: string) => new TextEncoder().encode(value);

describe("decision 27: codecs", () => {
  for (const codec of CODECS) {
    test(`${codec} gives back what was compressed`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat({ max: 100 }), (bytes, run) => {
          const input = concat([bytes, new Uint8Array(run)]);
          const output = decompress(codec, compress(codec, input), input.length);
          expect(Buffer.from(output)).toEqual(Buffer.from(input));
        }),
        { numRuns: 60 },
      );
    });
  }

  for (const codec of CODECS.slice(1)) {
    test(`${codec}: damaged or cut input is a DecodeError or output of the announced length`, () => {
      const input = compress(codec, text("some text, some text, some text, some text"));
      fc.assert(
        fc.property(
          fc.nat({ max: input.length }),
          fc.nat({ max: input.length - 1 }),
          fc.nat({ max: 255 }),
          (length, at, value) => {
            const damaged = input.slice(0, length);
            if (at < length) damaged[at] = value;
            try {
              expect(decompress(codec, damaged, 42)).toHaveLength(42);
            } catch (error) {
              expect(error).toBeInstanceOf(DecodeError);
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  test("gzip of several members is one page", () => {
    const members = concat([gzipSync("ab"), gzipSync("cd"), gzipSync("")]);
    expect(Buffer.from(decompress("GZIP", members, 4)).toString()).toBe("abcd");
  });

  test("zstd of several frames is one page", () => {
    const frames = concat(["ab", "cde", "f"].map((part) => zstdCompressSync(text(part))));
    expect(Buffer.from(decompress("ZSTD", frames, 6)).toString()).toBe("abcdef");
    expect(() => decompress("ZSTD", frames, 7)).toThrow(/gives 6 of 7 bytes/);
    expect(() => decompress("ZSTD", frames, 4)).toThrow(DecodeError);
  });

  test("a bomb stops at the announced length", () => {
    const bomb = new Uint8Array(50_000_000);
    for (const codec of ["GZIP", "BROTLI", "ZSTD"] as const) {
      expect(() => decompress(codec, compress(codec, bomb), 100)).toThrow(/longer than the 100 bytes/);
    }
  });

  test("block formats refuse a length that their input can't make", () => {
    const announced = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 2, 0);
    expect(() => decompress("SNAPPY", announced, 2 ** 29)).toThrow(/can't hold/);
    expect(() => decompress("LZ4_RAW", Uint8Array.of(0x10, 1), 2 ** 29)).toThrow(/can't hold/);
    expect(() => decompress("LZ4", Uint8Array.of(0x10, 1), 2 ** 29)).toThrow(/can't hold/);
  });

  test("LZ4 reads one bare block where there is no Hadoop framing", () => {
    expect(Buffer.from(decompress("LZ4", compress("LZ4_RAW", text("bare block")), 10)).toString()).toBe(
      "bare block",
    );
  });

  test("snappy copies of all three kinds, overlapping ones too", () => {
    // 16 bytes: literal "abcd", copy1 (4 from 4), copy2 (4 from 1), copy4 (4 from 8).
    const input = Uint8Array.of(
      16,
      3 << 2,
      97,
      98,
      99,
      100,
      1,
      4,
      (3 << 2) | 2,
      1,
      0,
      (3 << 2) | 3,
      8,
      0,
      0,
      0,
    );
    expect(Buffer.from(decompress("SNAPPY", input, 16)).toString()).toBe("abcdabcddddd" + "abcd");
  });

  test("a copy from before the beginning is refused", () => {
    expect(() => decompress("SNAPPY", Uint8Array.of(8, 0, 97, 1 | (3 << 2), 2), 8)).toThrow(
      /distance 2 at 1/,
    );
    expect(() => decompress("LZ4_RAW", Uint8Array.of(0x10, 97, 2, 0, 0), 5)).toThrow(/distance 2 at 1/);
  });
});
