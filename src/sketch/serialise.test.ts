import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addInt64, addText } from "./items.ts";
import { parseTheta } from "./parse.ts";
import { serialiseTheta } from "./serialise.ts";
import { type HashSink, ThetaBuilder } from "./theta-builder.ts";
import { EMPTY_THETA, MAX_THETA, type ThetaSketch, thetaEstimate } from "./theta-sketch.ts";

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
const sha256 = (sketch: ThetaSketch) => createHash("sha256").update(serialiseTheta(sketch)).digest("hex");
const fromHex = (text: string) => parseTheta(Buffer.from(text, "hex"));

describe("07 §6.6: serialised form (07 T45)", () => {
  it.each([
    ["no item", () => {}, "01030300001e0000"],
    ["a", texts("a"), "01030300003acc9317c11d528507017b"],
    ["test-value", texts("test-value"), "01030300003acc93228f0ea5e806d25b"],
    ["long 42", longs(42, 43), "01030300003acc930d5ee8e6d7194048"],
    ["true", longs(1, 2), "01030300003acc9315f97dcbbd86a105"],
    ["false", longs(0, 1), "01030300003acc93e56b61eec8804420"],
    ["a, b", texts("a", "b"), "02030300001acc93020000000000803f857f40b689c7e53417c11d528507017b"],
    [
      "a, b, c, d",
      texts("a", "b", "c", "d"),
      "02030300001acc93040000000000803fb70c6ee5a8af4008857f40b689c7e534e05f35ed751d007317c11d528507017b",
    ],
    [
      "longs 1, 2, 3",
      longs(1, 4),
      "02030300001acc93030000000000803f15f97dcbbd86a105c397fc1281709d1eba40b3c1da06695d",
    ],
  ] as [string, Feed, string][])("%s", (_, feed, expected) => {
    expect(hex(sketchOf(feed))).toBe(expected);
  });

  it.each([
    [4096, 32784, "56309b2e7bbe48c7b3e6846c3b5f667e13b2db1b093af9a12e56e68dea12548d", undefined],
    [
      4097,
      32792,
      "96b7b2319f01d51b744c8f50e2d02443a2fd8e499c08c5fa1a4063f4cd932054",
      "03030300001acc93001000000000803ff817e2faec8ffd7f",
    ],
    [
      10000,
      32792,
      "c917ebbf76d9de7d01db8653e3531dbdcc5297490d75474785c43cf18dcb4e8a",
      "03030300001acc93001000000000803fc01e75b21b69f834",
    ],
    [100000, 32792, "d00f4e2c26842e13ef6aac412907213445f0b53daa431bdeba5ad5b41a99af9a", undefined],
  ])("longs below %i", (to, size, digest, start) => {
    const sketch = sketchOf(longs(0, to));
    expect(serialiseTheta(sketch)).toHaveLength(size);
    expect(sha256(sketch)).toBe(digest);
    if (start !== undefined) expect(hex(sketch).startsWith(start)).toBe(true);
  });

  it("07 T52: the fixture of §6.9 reads to 3 and back to the same bytes", () => {
    const bytes = "02030300001acc93030000000000803fab129f62d10914095d9caa2282e0f92487c967fd15c6547f";
    const sketch = fromHex(bytes);
    expect(thetaEstimate(sketch)).toBe(3);
    expect(hex(sketch)).toBe(bytes);
    // The same values as four-byte integers, not as longs.
    const ints = sketchOf((sink) => {
      for (const value of [1, 2, 3]) sink.addBytes(Uint8Array.of(value, 0, 0, 0), 0, 4);
    });
    expect(hex(ints)).toBe(bytes);
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (count) => {
        const sketch = sketchOf(longs(0, count), 64);
        expect(parseTheta(serialiseTheta(sketch))).toEqual(sketch);
      }),
    );
  });
});

describe("07 §6.6: hostile bytes are refused", () => {
  const exact = "02030300001acc93030000000000803f15f97dcbbd86a105c397fc1281709d1eba40b3c1da06695d";
  const estimating = hex(sketchOf(longs(0, 100), 16));
  const patch = (text: string, at: number, bytes: string) =>
    text.slice(0, 2 * at) + bytes + text.slice(2 * at + bytes.length);

  it.each([
    ["a count beyond the end", patch(exact, 8, "ffffff7f"), "needs"],
    ["a negative count", patch(exact, 8, "ffffffff"), "needs"],
    ["theta of zero", patch(estimating, 16, "0000000000000000"), "must be positive"],
    ["a negative theta", patch(estimating, 23, "80"), "must be positive"],
    ["an entry at theta", patch(estimating, 16, "0100000000000000"), "not below theta"],
    ["an entry of zero", patch(exact, 16, "0000000000000000"), "repeated, out of order"],
    ["a negative entry", patch(exact, 39, "ff"), "not below theta"],
    [
      "entries out of order",
      exact.slice(0, 32) + exact.slice(48, 64) + exact.slice(32, 48) + exact.slice(64),
      "order",
    ],
    ["a repeated entry", exact.slice(0, 48) + exact.slice(32, 48) + exact.slice(64), "repeated"],
    ["another family", patch(exact, 2, "02"), "family 2"],
    ["no preamble", patch(exact, 0, "00"), "preamble"],
    ["a large preamble", patch(exact, 0, "04"), "preamble"],
    ["big-endian", patch(exact, 5, "1b"), "big-endian"],
    ["no count and no known flags", patch(patch(exact, 0, "01"), 5, "0a"), "not understood"],
    ["a compressed count beyond the end", "01040300001acc93", "compressed"],
    ["a compressed sketch of huge count", "010403010104cc93ff", "needs"],
  ])("%s", (_, bytes, message) => {
    expect(() => fromHex(bytes)).toThrow(message);
  });

  it("07 §6.5: a compressed sketch without entries whose theta is the maximum is the empty one", () => {
    expect(fromHex("010403010100cc9300")).toEqual(EMPTY_THETA);
  });

  it("random bytes never do worse than an error", () => {
    const start = fc.constantFrom(0x01, 0x02, 0x03);
    fc.assert(
      fc.property(
        start,
        fc.integer({ min: 1, max: 4 }),
        fc.uint8Array({ maxLength: 80 }),
        (longsCount, version, rest) => {
          try {
            const sketch = parseTheta(Uint8Array.of(longsCount, version, 3, ...rest));
            expect(sketch.theta <= MAX_THETA).toBe(true);
          } catch (error) {
            expect(error).toHaveProperty("name", "ThetaFormatError");
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
