import { describe, expect, it } from "vitest";
import { plainByteArrays, testKernels } from "../../test/support/kernels.ts";

const { kernels, arena, drained, fresh } = testKernels();
const utf8 = new TextEncoder();

/** The entries that a kernel lets through. */
function entries(run: () => void, theta = 2n ** 63n - 1n): string[] {
  drained.length = 0;
  kernels.resetEntries();
  arena.view.setBigUint64(kernels.thetaAddress(), theta, true);
  fresh(run);
  kernels.flushEntries();
  return drained.map((entry) => entry.toString(16).padStart(16, "0"));
}

const place = (values: ArrayLike<number> & { buffer: ArrayBuffer }) =>
  arena.place(new Uint8Array(values.buffer));

describe("07 §6.4 hashed items", () => {
  const longs: readonly [bigint, string][] = [
    [0n, "204480c8ee616be5"],
    [1n, "05a186bdcb7df915"],
    [2n, "1e9d708112fc97c3"],
    [3n, "5d6906dac1b340ba"],
    [-1n, "0e7bcfc60df3b26c"],
    [42n, "484019d7e6e85e0d"],
    [2147483647n, "22afb6618858299f"],
    [-(2n ** 63n), "7997abfd2a610cba"],
    [2n ** 63n - 1n, "1bc6140ab4da5d7f"],
  ];

  it("hashes longs", () => {
    const values = BigInt64Array.from(longs, ([value]) => value);
    const got = entries(() => kernels.hashI64(arena.place(new Uint8Array(values.buffer)), values.length));
    expect(got).toEqual(longs.map(([, hash]) => hash));
    expect(entries(() => kernels.hashOne(1n))).toEqual(["05a186bdcb7df915"]);
  });

  it("hashes 32-bit integers as the long of the same value", () => {
    expect(entries(() => kernels.hashI32(place(Int32Array.of(-1, 42)), 2))).toEqual([
      "0e7bcfc60df3b26c",
      "484019d7e6e85e0d",
    ]);
  });

  it("hashes floats by their bits, sign-extended, and NaN as one", () => {
    const values = Float32Array.of(1.5, -1.5, Number.NaN);
    new Uint8Array(values.buffer)[8] = 3;
    expect(entries(() => kernels.hashF32(place(values), 3))).toEqual([
      "510d6e782eead069",
      "0faa26968a09c4cb",
      "3df3a3ad7da2ed6e",
    ]);
  });

  it("hashes doubles by their bits, and NaN as one", () => {
    const values = Float64Array.of(1.5, -0, Number.NaN);
    new Uint8Array(values.buffer)[16] = 3;
    expect(entries(() => kernels.hashF64(place(values), 3))).toEqual([
      "0f79638e36154111",
      "7997abfd2a610cba",
      "0a884444d65e98f5",
    ]);
  });

  it("hashes integers that are decimals by their digits", () => {
    expect(entries(() => kernels.hashDigits32(place(Int32Array.of(12345, -5)), 2))).toEqual([
      "63f4df578e2eeb12",
      "26d46c15a11f253a",
    ]);
    const extremes = BigInt64Array.of(-(2n ** 63n), 0n);
    const texts = plainByteArrays([utf8.encode("-9223372036854775808"), utf8.encode("0")]);
    expect(entries(() => kernels.hashDigits64(arena.place(new Uint8Array(extremes.buffer)), 2))).toEqual(
      entries(() => void kernels.hashText(arena.place(texts), texts.length, 2)),
    );
  });

  it("hashes the digits of integers of every length and sign", () => {
    const values = Array.from({ length: 19 }, (_, i) => 10n ** BigInt(i)).flatMap((p) => [
      p - 1n,
      p,
      p + 7n,
      p * 9n,
      -p,
      1n - p,
    ]);
    const numbers = BigInt64Array.from([
      ...values,
      2n ** 63n - 1n,
      90_000n,
      10_000_000n,
      12_345_678n,
      100_000_000n,
    ]);
    const page = plainByteArrays(Array.from(numbers, (v) => utf8.encode(String(v))));
    const expected = entries(() => void kernels.hashText(arena.place(page), page.length, numbers.length));
    expect(
      entries(() => kernels.hashDigits64(arena.place(new Uint8Array(numbers.buffer)), numbers.length)),
    ).toEqual(expected);
  });

  const texts: readonly [string, string][] = [
    ["a", "7b010785521dc117"],
    ["hello", "10dbbdea541ae0d5"],
    ["test-value", "5bd206e8a50e8f22"],
    ["é", "3f01335b66f07ec6"],
    ["данные", "08375f434790a5cb"],
    ["\u{1f512}", "564aa8e7e9964895"],
    ["0123456789abcdef", "12bdb03346944a10"],
    ["0123456789abcdefg", "1aa7b0954fea39d5"],
    ["\ufffd\ufffd", "2af59bc8dec6bbe3"],
  ];

  it("hashes text, but not the empty one", () => {
    const page = plainByteArrays(["", ...texts.map(([text]) => text)].map((t) => utf8.encode(t)));
    expect(entries(() => void kernels.hashText(arena.place(page), page.length, texts.length + 1))).toEqual(
      texts.map(([, hash]) => hash),
    );
    expect(entries(() => kernels.hashFixed(arena.place(utf8.encode("hellohello")), 2, 5))).toEqual([
      "10dbbdea541ae0d5",
    ]);
  });

  it("hashes the used entries of a dictionary", () => {
    const got = entries(() => {
      const page = plainByteArrays(["a", "b", "", "hello"].map((t) => utf8.encode(t)));
      const addresses = arena.reserve(16);
      kernels.locate(arena.place(page), page.length, 4, addresses);
      kernels.hashMarkedText(addresses, arena.place(Uint8Array.of(7, 0, 1, 1)), 4);
    });
    expect(got).toEqual(["7b010785521dc117", "10dbbdea541ae0d5"]);
  });
});

describe("07 §6.5 entries", () => {
  it("lets through what is below theta alone", () => {
    const got = entries(() => kernels.hashI32(place(Int32Array.of(0, 1, 2)), 3), 0x1e9d708112fc97c4n);
    expect(got).toEqual(["05a186bdcb7df915", "1e9d708112fc97c3"]);
  });

  it("hands over every distinct item of a long column, most of them once", () => {
    const values = Int32Array.from({ length: 40_000 }, (_, i) => (i * 7) % 5000);
    const got = entries(() => kernels.hashI32(place(values), values.length));
    expect(new Set(got).size).toBe(5000);
    expect(got.length).toBeLessThan(25_000);
  });
});
