import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hybrid, plainByteArrays, testKernels } from "../../test/support/kernels.ts";
import { OUTCOME } from "./kernels.ts";

const { kernels, arena, fresh, result } = testKernels();
const utf8 = new TextEncoder();

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom("a", "b", "\0", "é", "\u{e000}", "\u{ff21}", "\u{1f600}", "\u{10ffff}"),
    maxLength: 24,
  }),
);

describe("06 §3.6 bounds of numbers", () => {
  it("folds 32-bit integers as signed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 70 }), (values) =>
        fresh(() => {
          kernels.boundsI32(arena.place(new Uint8Array(Int32Array.from(values).buffer)), values.length);
          expect(arena.view.getBigInt64(result(), true)).toBe(BigInt(Math.min(...values)));
          expect(arena.view.getBigInt64(result() + 8, true)).toBe(BigInt(Math.max(...values)));
        }),
      ),
    );
  });

  it("folds 64-bit integers as signed", () => {
    const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(fc.array(i64, { minLength: 1, maxLength: 40 }), (values) =>
        fresh(() => {
          kernels.boundsI64(arena.place(new Uint8Array(BigInt64Array.from(values).buffer)), values.length);
          const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
          expect(arena.view.getBigInt64(result(), true)).toBe(sorted[0]);
          expect(arena.view.getBigInt64(result() + 8, true)).toBe(sorted.at(-1));
        }),
      ),
    );
  });

  const floats = (unit: fc.Arbitrary<number>) =>
    fc.array(
      fc.oneof({ arbitrary: unit, weight: 20 }, fc.constantFrom(0, -0), {
        arbitrary: fc.constant(Number.NaN),
        weight: 1,
      }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
  const noNaN = { noNaN: true };
  it.each([
    [
      "boundsF32" as const,
      floats(fc.float(noNaN)),
      (v: readonly number[]) => new Uint8Array(Float32Array.from(v).buffer),
    ],
    [
      "boundsF64" as const,
      floats(fc.double(noNaN)),
      (v: readonly number[]) => new Uint8Array(Float64Array.from(v).buffer),
    ],
  ])("%s folds like Math.min and Math.max: NaN wins, -0 is below +0", (kernel, arbitrary, lay) => {
    fc.assert(
      fc.property(arbitrary, (values) =>
        fresh(() => {
          kernels[kernel](arena.place(lay(values)), values.length);
          expect(arena.view.getFloat64(result(), true)).toBe(Math.min(...values));
          expect(arena.view.getFloat64(result() + 8, true)).toBe(Math.max(...values));
        }),
      ),
    );
  });
});

describe("06 §3.6 order of text", () => {
  it("compares as UTF-16 code units, which is what JavaScript does", () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (a, other, prefixed) =>
        fresh(() => {
          const b = prefixed ? a + other : other;
          const [x, y] = [utf8.encode(a), utf8.encode(b)];
          const order = kernels.compareText(arena.place(x), x.length, arena.place(y), y.length);
          expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
        }),
      ),
      { numRuns: 500 },
    );
  });

  it("finds the smallest and largest of PLAIN byte arrays", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 9 }),
        fc.array(text, { minLength: 1, maxLength: 20 }),
        (prefix, tails) =>
          fresh(() => {
            const values = tails.map((t) => prefix + t);
            const page = plainByteArrays(values.map((v) => utf8.encode(v)));
            expect(kernels.boundsText(arena.place(page), page.length, values.length)).toBe(OUTCOME.ok);
            const sorted = values.toSorted();
            expect(textAt(0)).toBe(sorted[0]);
            expect(textAt(8)).toBe(sorted.at(-1));
          }),
      ),
    );
  });

  it("tells byte arrays that are cut off", () => {
    const page = plainByteArrays([utf8.encode("abc"), utf8.encode("defg")]);
    for (let cut = 0; cut < page.length; cut++) {
      fresh(() =>
        expect(kernels.boundsText(arena.place(page.subarray(0, cut)), cut, 2)).toBe(OUTCOME.truncated),
      );
    }
  });

  function textAt(offset: number): string {
    const at = arena.view.getUint32(result() + offset, true);
    const length = arena.view.getUint32(result() + offset + 4, true);
    return Buffer.from(arena.bytes.subarray(at, at + length)).toString("utf8");
  }
});

describe("07 §6.3 malformed UTF-8", () => {
  const repaired = (bytes: readonly number[]) =>
    fresh(() => {
      const at = arena.place(Uint8Array.from(bytes));
      const to = arena.reserve(3 * bytes.length);
      const length = kernels.repairUtf8(at, bytes.length, to);
      return Buffer.from(arena.bytes.slice(to, to + length)).toString("utf8");
    });

  it.each([
    [[0xed, 0xa0, 0x80], 1],
    [[0xed, 0xa0], 1],
    [[0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80], 2],
    [[0xc0, 0xaf], 2],
    [[0xf0, 0x9f, 0x92], 1],
    [[0xf4, 0x90, 0x80, 0x80], 4],
    [[0xff, 0xfe], 2],
  ])("%j becomes U+FFFD as often as in the JDK", (bytes, count) => {
    expect(repaired(bytes)).toBe("\ufffd".repeat(count));
  });

  it("is otherwise replaced as in the WHATWG decoder, and valid text stays", () => {
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0xe0, 0xef, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0x41),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
        fc.pre(!bytes.some((b, i) => b === 0xed && (bytes[i + 1] ?? 0) > 0x9f));
        const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
        expect(repaired(bytes)).toBe(expected);
        const valid = Buffer.from(expected).equals(Buffer.from(bytes));
        fresh(() =>
          expect(kernels.isUtf8(arena.place(Uint8Array.from(bytes)), bytes.length)).toBe(valid ? 1 : 0),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("is found anywhere in a page, behind ASCII and behind other characters", () => {
    for (const broken of [0, 1, 19, 40]) {
      const values = Array.from({ length: 41 }, (_, i) =>
        i === broken ? Uint8Array.of(0x61, 0xff) : utf8.encode(`value ${i} – with a dash`),
      );
      const page = plainByteArrays(values);
      fresh(() => expect(kernels.allUtf8(arena.place(page), page.length, values.length)).toBe(0));
      const rest = plainByteArrays(values.toSpliced(broken, 1));
      fresh(() => expect(kernels.allUtf8(arena.place(rest), rest.length, 40)).toBe(1));
    }
  });
});

describe("06 §3.6 decimals", () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: -(2n ** 140n), max: 2n ** 140n }), fc.integer({ min: 0, max: 140 }), fc.nat(3))
    .map(([n, shift, padding]) => twosComplement(n >> BigInt(shift), padding));

  it("compares byte arrays of any length, padded or not, as numbers", () => {
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1, maxLength: 20 }), (values) =>
        fresh(() => {
          const page = plainByteArrays(values.map((v) => v.bytes));
          expect(kernels.boundsDecimal(arena.place(page), page.length, values.length, 0)).toBe(OUTCOME.ok);
          const sorted = values.map((v) => v.value).toSorted((a, b) => (a < b ? -1 : 1));
          expect(numberAt(0)).toBe(sorted[0]);
          expect(numberAt(8)).toBe(sorted.at(-1));
        }),
      ),
    );
  });

  it("compares fixed-length values as numbers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.bigInt()),
        fc.integer({ min: 1, max: 20 }),
        (width, stream, n) =>
          fresh(() => {
            const numbers = [...stream.take(n)].map((v) => BigInt.asIntN(8 * width, v));
            const page = Uint8Array.from(numbers.flatMap((v) => [...fixedWidth(v, width)]));
            expect(kernels.boundsDecimal(arena.place(page), page.length, n, width)).toBe(OUTCOME.ok);
            const sorted = numbers.toSorted((a, b) => (a < b ? -1 : 1));
            expect(numberAt(0)).toBe(sorted[0]);
            expect(numberAt(8)).toBe(sorted.at(-1));
          }),
      ),
    );
  });

  it("has no number in no bytes", () => {
    const page = plainByteArrays([Uint8Array.of(1), new Uint8Array()]);
    fresh(() =>
      expect(kernels.boundsDecimal(arena.place(page), page.length, 2, 0)).toBe(OUTCOME.emptyDecimal),
    );
  });

  function numberAt(offset: number): bigint {
    const at = arena.view.getUint32(result() + offset, true);
    const length = arena.view.getUint32(result() + offset + 4, true);
    const hex = Buffer.from(arena.bytes.subarray(at, at + length)).toString("hex");
    return BigInt.asIntN(8 * length, BigInt(`0x${hex}`));
  }
});

describe("06 §3.5 counting levels and booleans", () => {
  const levels = (max: number) =>
    fc.array(
      fc
        .tuple(fc.nat(max), fc.oneof(fc.constant(1), fc.nat(60)))
        .map(([v, n]) => Array.from({ length: n }, () => v)),
      { minLength: 1, maxLength: 12 },
    );

  it.each([1, 2, 3, 5, 6, 7, 200])(
    "counts the levels that are %i, the highest, in runs and groups",
    (highest) => {
      const width = 32 - Math.clz32(highest);
      fc.assert(
        fc.property(levels(highest), fc.nat(), (runs, less) => {
          const values = runs.flat();
          const count = less % (values.length + 1);
          const bytes = hybrid(values, width);
          fresh(() => {
            const found = kernels.countInHybrid(arena.place(bytes), bytes.length, width, count, highest);
            expect(found).toBe(values.slice(0, count).filter((v) => v === highest).length);
          });
        }),
      );
    },
  );

  it("refuses a level above the highest", () => {
    for (const values of [[0, 3, 2], Array.from({ length: 9 }, () => 3)]) {
      const bytes = hybrid(values, 2);
      fresh(() =>
        expect(kernels.countInHybrid(arena.place(bytes), bytes.length, 2, values.length, 2)).toBe(
          OUTCOME.levelTooHigh,
        ),
      );
    }
  });

  it("counts BIT_PACKED levels from the most significant bit", () => {
    const bytes = Uint8Array.from([0b00_01_10_11, 0b11_11_00_00]);
    fresh(() => expect(kernels.countInBitPacked(arena.place(bytes), 2, 2, 6, 3)).toBe(3));
    fresh(() => expect(kernels.countInBitPacked(arena.place(bytes), 2, 2, 9, 3)).toBe(OUTCOME.truncated));
  });

  it("tells levels that end early", () => {
    const bytes = hybrid([1, 0, 1, 1, 0, 0, 1, 0, 1], 1, false);
    for (let cut = 0; cut < bytes.length; cut++) {
      fresh(() =>
        expect(kernels.countInHybrid(arena.place(bytes.subarray(0, cut)), cut, 1, 9, 1)).toBe(
          OUTCOME.truncated,
        ),
      );
    }
  });
});

function twosComplement(value: bigint, padding = 0) {
  let width = 1;
  while (BigInt.asIntN(8 * width, value) !== value) width++;
  return { value, bytes: fixedWidth(value, width + padding) };
}

function fixedWidth(value: bigint, width: number): Uint8Array {
  const hex = BigInt.asUintN(8 * width, value)
    .toString(16)
    .padStart(2 * width, "0");
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
