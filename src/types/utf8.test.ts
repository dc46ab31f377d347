import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareUtf16, decodeUtf8Java, encodeUtf8WithSurrogates } from "./utf8.ts";

const decodeHex = (hex: string) =>
  decodeUtf8Java(Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex")));

describe("07 §6.3: decoding UTF-8", () => {
  it.each([
    ["ED A0 80", 1],
    ["ED A0", 1],
    ["ED A0 80 ED B0 80", 2],
    ["C0 AF", 2],
    ["F0 9F 92", 1],
    ["F4 90 80 80", 4],
    ["FF FE", 2],
    ["ED", 1],
    ["ED A0 80 80", 2],
    ["E2 82 ED A0 80", 2],
  ])("%s gives %i replacement characters", (hex, count) => {
    expect(decodeHex(hex)).toBe("\ufffd".repeat(count));
  });

  it("07 T53: ED A0 80 41 is U+FFFD and A", () => {
    expect(decodeHex("ED A0 80 41")).toBe("\ufffdA");
  });

  it("keeps a byte order mark", () => {
    expect(decodeHex("EF BB BF 61")).toBe("\ufeffa");
  });

  it("reads a range of a larger array", () => {
    expect(decodeUtf8Java(Buffer.from("xхелоx"), 1, 9)).toBe("хело");
  });

  it("agrees with the WHATWG decoder where no surrogate is encoded", () => {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const bytes = fc
      .array(
        fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x92, 0xed)),
      )
      .map((list) => Uint8Array.from(list))
      .filter((list) => !list.some((byte, i) => byte === 0xed && (list[i + 1] ?? 0) >= 0xa0));
    fc.assert(
      fc.property(bytes, (list) => {
        expect(decodeUtf8Java(list)).toBe(decoder.decode(list));
      }),
    );
  });
});

describe("07 §5.3: encoding UTF-8", () => {
  it("feeds a lone surrogate in its three-byte form", () => {
    expect(Buffer.from(encodeUtf8WithSurrogates("a\ud800b\udfff")).toString("hex")).toBe("61eda08062edbfbf");
    expect(Buffer.from(encodeUtf8WithSurrogates("🔒\ud83d")).toString("hex")).toBe("f09f9492eda0bd");
  });
  it("is plain UTF-8 for well-formed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(Buffer.from(encodeUtf8WithSurrogates(text))).toEqual(Buffer.from(text));
      }),
    );
  });
});

describe("07 §4.1: order of strings", () => {
  it("07 T33: goes by UTF-16 code unit", () => {
    expect(compareUtf16("\ufffd", "😀")).toBeGreaterThan(0);
    expect(compareUtf16("a", "B")).toBeGreaterThan(0);
    expect(compareUtf16("a", "a")).toBe(0);
  });
});
