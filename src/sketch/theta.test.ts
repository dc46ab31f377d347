import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addBoolean, addDouble, addFloat, addInt32, addInt64, addText, addUnscaledDecimal } from "./items.ts";
import { hashBytes, hashOutput } from "./murmur3.ts";
import { parseTheta } from "./parse.ts";
import { SEED_HASH, serialiseTheta } from "./serialise.ts";
import { type HashSink, ThetaBuilder } from "./theta-builder.ts";
import {
  EMPTY_THETA,
  entryCount,
  pairToBigint,
  type ThetaSketch,
  thetaEstimate,
  unionThetas,
} from "./theta-sketch.ts";

type Feed = (sink: HashSink) => void;

function sketchOf(feed: Feed, k?: number): ThetaSketch {
  const builder = new ThetaBuilder(k);
  feed(builder);
  return builder.result();
}

const longs =
  (from: number, to: number): Feed =>
  (sink) => {
    for (let i = from; i < to; i++) addInt64(sink, BigInt(i));
  };
const texts =
  (...list: string[]): Feed =>
  (sink) => {
    for (const text of list) addText(sink, text);
  };
const hex = (sketch: ThetaSketch) => Buffer.from(serialiseTheta(sketch)).toString("hex");

function onlyEntry(feed: Feed): string {
  const { entries } = sketchOf(feed);
  expect(entries).toHaveLength(2);
  return pairToBigint(entries[0] ?? 0, entries[1] ?? 0)
    .toString(16)
    .padStart(16, "0");
}

describe("07 §6.4: hashes (07 T45)", () => {
  it.each([
    [0n, "204480c8ee616be5"],
    [1n, "05a186bdcb7df915"],
    [2n, "1e9d708112fc97c3"],
    [3n, "5d6906dac1b340ba"],
    [-1n, "0e7bcfc60df3b26c"],
    [42n, "484019d7e6e85e0d"],
    [100n, "39219bf2ac592ec4"],
    [2147483647n, "22afb6618858299f"],
    [-(2n ** 63n), "7997abfd2a610cba"],
    [2n ** 63n - 1n, "1bc6140ab4da5d7f"],
    [1069547520n, "510d6e782eead069"],
    [-1077936128n, "0faa26968a09c4cb"],
    [4609434218613702656n, "0f79638e36154111"],
    [9221120237041090560n, "0a884444d65e98f5"],
    [2143289344n, "3df3a3ad7da2ed6e"],
  ])("long %d", (value, entry) => {
    expect(onlyEntry((sink) => addInt64(sink, value))).toBe(entry);
  });

  it.each([
    ["a", "7b010785521dc117"],
    ["b", "34e5c789b6407f85"],
    ["c", "0840afa8e56e0cb7"],
    ["d", "73001d75ed355fe0"],
    ["hello", "10dbbdea541ae0d5"],
    ["test-value", "5bd206e8a50e8f22"],
    ["é", "3f01335b66f07ec6"],
    ["данные", "08375f434790a5cb"],
    ["🔒", "564aa8e7e9964895"],
    ["12345", "63f4df578e2eeb12"],
    ["-5", "26d46c15a11f253a"],
    ["0123456789abcdef", "12bdb03346944a10"],
    ["0123456789abcdefg", "1aa7b0954fea39d5"],
    ["\ufffd\ufffd", "2af59bc8dec6bbe3"],
  ])("text %s", (text, entry) => {
    expect(onlyEntry((sink) => addText(sink, text))).toBe(entry);
  });

  it.each([
    ["The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c7a433ca9c49a9347"],
    ["The quick brown fox jumps over the lazy eog", "362108102c62d1c93285cd100292b305"],
    ["The quick brown fox jumps over the lazy dogdogdog", "9c8205300e612fc4cbc0af6136aa3df9"],
    ["The quick brown fox jumps over the lazy1", "e3301a827e5cdfe3bdbf05f8da0f0392"],
    ["The quick brown fox jumps over t", "df6af91bb29bdacf91a341c58df1f3a6"],
  ])("published vector: %s", (text, expected) => {
    const bytes = Buffer.from(text);
    const out = hashOutput();
    hashBytes(bytes, 0, bytes.length, 0, out);
    expect([1, 0, 3, 2].map((i) => ((out[i] ?? 0) >>> 0).toString(16).padStart(8, "0")).join("")).toBe(
      expected,
    );
  });

  it("the seed hash is 0x93CC", () => {
    expect(SEED_HASH).toBe(0x93cc);
  });

  it("hashing a long is hashing its eight little-endian bytes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigInt64(0, value, true);
        const out = hashOutput();
        hashBytes(bytes, 0, 8, 9001, out);
        const half = pairToBigint(out[0] ?? 0, out[1] ?? 0) >> 1n;
        expect(onlyEntry((sink) => addInt64(sink, value))).toBe(half.toString(16).padStart(16, "0"));
      }),
    );
  });
});

describe("07 §6.3: items", () => {
  const same = (a: Feed, b: Feed) => expect(hex(sketchOf(a))).toBe(hex(sketchOf(b)));

  it("integers are sign-extended, booleans 0 or 1", () => {
    same(
      (s) => addInt32(s, -5),
      (s) => addInt64(s, -5n),
    );
    same(
      (s) => addBoolean(s, true),
      (s) => addInt64(s, 1n),
    );
    same(
      (s) => addBoolean(s, false),
      (s) => addInt64(s, 0n),
    );
  });
  it("07 T54: a float is its bit pattern, like the INT32 of those bits", () => {
    same(
      (s) => addFloat(s, 1.5),
      (s) => addInt32(s, 1069547520),
    );
    same(
      (s) => addFloat(s, -1.5),
      (s) => addInt32(s, -1077936128),
    );
    same(
      (s) => addDouble(s, 1.5),
      (s) => addInt64(s, 4609434218613702656n),
    );
    same(
      (s) => addDouble(s, -0),
      (s) => addInt64(s, -(2n ** 63n)),
    );
  });
  it("NaN is canonical; the zeros are two items", () => {
    same(
      (s) => addFloat(s, Number.NaN),
      (s) => addInt64(s, 2143289344n),
    );
    same(
      (s) => addDouble(s, Number.NaN),
      (s) => addInt64(s, 9221120237041090560n),
    );
    expect(entryCount(sketchOf((s) => [0, -0].map((zero) => addDouble(s, zero))))).toBe(2);
    expect(entryCount(sketchOf((s) => [0, -0].map((zero) => addFloat(s, zero))))).toBe(2);
  });
  it("decimals in integers are the text of the unscaled number", () => {
    same((s) => addUnscaledDecimal(s, -5n), texts("-5"));
    same((s) => addUnscaledDecimal(s, 12345), texts("12345"));
  });
  it("empty text is not counted", () => {
    expect(sketchOf(texts(""))).toEqual(EMPTY_THETA);
  });
  it("07 T53: malformed UTF-8 is replaced before it is hashed", () => {
    const bytes = Uint8Array.of(0xed, 0xa0, 0x80, 0x41);
    same((s) => s.addBytes(bytes, 0, 4), texts("\ufffdA"));
    const collapsed = sketchOf((s) => [0xfe, 0xff].map((byte) => s.addBytes(Uint8Array.of(byte), 0, 1)));
    expect(entryCount(collapsed)).toBe(1);
  });
  it("valid UTF-8 is hashed where it lies", () => {
    const bytes = Buffer.from("xданныеx");
    same((s) => s.addBytes(bytes, 1, bytes.length - 1), texts("данные"));
  });
});

describe("07 §6.5: state and estimate (07 T45)", () => {
  it.each([
    [0, 4096, 4096, 9223372036854775807n, 4096],
    [0, 4097, 4096, 9222685859908818936n, 4096.3047464494975],
    [0, 10000, 4096, 3816916251875548864n, 9897.762845698651],
    [0, 100000, 4096, 385318792299786828n, 98045.91060164096],
    [0, 6000, 4096, 6289946483849604908n, 6006.240587254648],
    [4000, 10000, 4096, 6386395127994180913n, 5915.533114660673],
    [0, 100, 16, 1093502844168540522n, 134.95525263300638],
  ])("longs from %i to %i, k or count %i", (from, to, count, theta, estimate) => {
    const sketch = sketchOf(longs(from, to), count === 16 ? 16 : 4096);
    expect(entryCount(sketch)).toBe(count);
    expect(sketch.theta).toBe(theta);
    expect(thetaEstimate(sketch)).toBe(estimate);
  });

  it("the union of two overlapping ranges is the sketch of all, byte for byte", () => {
    const union = unionThetas([sketchOf(longs(0, 6000)), sketchOf(longs(4000, 10000))]);
    expect(hex(union)).toBe(hex(sketchOf(longs(0, 10000))));
  });

  it("neither order nor repetition of items shows", () => {
    const shuffled = fc.shuffledSubarray(
      Array.from({ length: 900 }, (_, i) => i % 700),
      { minLength: 900 },
    );
    const expected = hex(sketchOf(longs(0, 700), 64));
    fc.assert(
      fc.property(shuffled, (items) => {
        expect(hex(sketchOf((sink) => items.forEach((item) => void sink.addLong(item, 0)), 64))).toBe(
          expected,
        );
      }),
      { numRuns: 20 },
    );
  });

  it("theta only falls, and entries at or above it change nothing", () => {
    const builder = new ThetaBuilder(16);
    let last = 2 ** 31;
    for (let i = 0; i < 5000; i++) {
      builder.addLong(i, 0);
      expect(builder.thetaHigh).toBeLessThanOrEqual(last);
      last = builder.thetaHigh;
    }
    const before = hex(builder.result());
    builder.addEntry(builder.thetaLow, builder.thetaHigh);
    builder.addEntry(0, 0);
    builder.addEntry(0xffffffff, 0x7fffffff);
    expect(hex(builder.result())).toBe(before);
  });

  it.each([0, 8, 17, 3000, 2 ** 27, Number.NaN])("k = %d is refused", (k) => {
    expect(() => new ThetaBuilder(k)).toThrow("power of two");
  });
});

describe("07 §6.5: union", () => {
  const inputs = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 120 })), { maxLength: 5 })
    .map((ranges) => ranges.map(([from, length]) => sketchOf(longs(from, from + length), 32)));

  it("is commutative and associative", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 0, max: 5 }), (sketches, cut) => {
        const all = unionThetas(sketches, 32);
        expect(unionThetas(sketches.toReversed(), 32)).toEqual(all);
        const grouped = [unionThetas(sketches.slice(0, cut), 32), unionThetas(sketches.slice(cut), 32)];
        expect(unionThetas(grouped, 32)).toEqual(all);
      }),
    );
  });

  it("07 T46: {a,b} and {c,d}", () => {
    const union = unionThetas([sketchOf(texts("a", "b")), sketchOf(texts("c", "d"))]);
    expect(thetaEstimate(union)).toBe(4);
    expect(hex(union)).toBe(hex(sketchOf(texts("a", "b", "c", "d"))));
  });

  it("07 T47: empty inputs don't count", () => {
    expect(hex(unionThetas([sketchOf(texts("a")), EMPTY_THETA]))).toBe("01030300003acc9317c11d528507017b");
    expect(hex(unionThetas([EMPTY_THETA, EMPTY_THETA]))).toBe("01030300001e0000");
    expect(thetaEstimate(unionThetas([]))).toBe(0);
  });

  it("a single input larger than k is cut to k", () => {
    const large = sketchOf(longs(0, 5000), 8192);
    expect(entryCount(large)).toBe(5000);
    expect(hex(unionThetas([large]))).toBe(hex(sketchOf(longs(0, 5000))));
  });

  it("an estimating input without entries still lowers theta", () => {
    const bare: ThetaSketch = { theta: 5n, entries: new Uint32Array(0), empty: false };
    const union = unionThetas([sketchOf(longs(0, 10)), bare]);
    expect(union).toEqual(bare);
    const bytes = serialiseTheta(union);
    expect(bytes).toHaveLength(24);
    expect(parseTheta(bytes)).toEqual(bare);
  });
});
