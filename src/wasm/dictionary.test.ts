import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hybrid, plainByteArrays, testKernels } from "../../test/support/kernels.ts";
import { KEY_ORDER, OUTCOME } from "./kernels.ts";

const { kernels, arena, fresh, result } = testKernels();
const utf8 = new TextEncoder();

/** A dictionary of texts in memory, with keys and marks. */
function load(values: readonly string[], capacityBits: number) {
  const page = plainByteArrays(values.map((v) => utf8.encode(v)));
  const at = arena.place(page);
  const addresses = arena.reserve(4 * values.length);
  const keys = arena.reserve(8 * values.length);
  const marks = arena.reserve(2 ** capacityBits);
  expect(kernels.locate(at, page.length, values.length, addresses)).toBe(OUTCOME.ok);
  kernels.keysText(addresses, values.length, keys);
  arena.bytes.fill(0, marks, marks + 2 ** capacityBits);
  return { addresses, keys, marks };
}

const dictionary = fc
  .tuple(
    fc.string({ maxLength: 10 }),
    fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", "\u{e000}", "\u{1f600}"), maxLength: 14 }), {
      minLength: 1,
      maxLength: 40,
    }),
  )
  .map(([prefix, tails]) => tails.map((tail) => prefix + tail));

describe("06 §3.6 dictionary pages", () => {
  it("have the bounds of the entries that their indices name, marked or folded one by one", () => {
    fc.assert(
      fc.property(
        dictionary,
        fc.array(fc.nat(), { minLength: 1, maxLength: 100 }),
        fc.nat(4),
        (values, picks, extra) =>
          fresh(() => {
            const capacityBits = 6;
            const { addresses, keys, marks } = load(values, capacityBits);
            const indices = picks.map((p) => p % values.length);
            // wider than need be, up to beyond what the marks have room for
            const bitWidth = Math.ceil(Math.log2(values.length + 1)) + extra;
            const page = hybrid(indices, bitWidth);
            const at = arena.place(page);
            const used = indices.map((i) => values[i] ?? "").toSorted();

            const marked = kernels.markIndices(
              ...([
                at,
                page.length,
                bitWidth,
                indices.length,
                marks,
                capacityBits,
                values.length,
                2,
              ] as const),
            );
            expect(marked).toBe(OUTCOME.ok);
            expect([...arena.bytes.subarray(marks, marks + values.length)]).toEqual(
              values.map((_, i) => (indices.includes(i) ? 2 : 0)),
            );
            const folded = kernels.foldMarks(
              ...([marks, values.length, capacityBits, 2, keys, addresses, KEY_ORDER.text, 0] as const),
            );
            expect(folded).toBe(OUTCOME.ok);
            expect(bounds(values)).toEqual([used[0], used.at(-1)]);

            const unpacked = arena.reserve(4 * indices.length);
            expect(kernels.unpackIndices(at, page.length, bitWidth, indices.length, unpacked)).toBe(
              OUTCOME.ok,
            );
            const each = kernels.foldIndices(
              ...([
                unpacked,
                indices.length,
                marks,
                values.length,
                3,
                keys,
                addresses,
                KEY_ORDER.text,
                0,
              ] as const),
            );
            expect(each).toBe(OUTCOME.ok);
            expect(bounds(values)).toEqual([used[0], used.at(-1)]);
          }),
      ),
      { numRuns: 300 },
    );
  });

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 20])(
    "are read at %i bits an index",
    (bitWidth) => {
      fresh(() => {
        const count = 2 ** bitWidth;
        const indices = Array.from({ length: 203 }, (_, i) => (i * 2654435761) % count);
        const page = hybrid(indices, bitWidth, false);
        const at = arena.place(page);
        const marks = arena.reserve(Math.max(16, count));
        arena.bytes.fill(0, marks, marks + count);
        expect(
          kernels.markIndices(
            at,
            page.length,
            bitWidth,
            indices.length,
            marks,
            Math.max(4, bitWidth),
            count,
            9,
          ),
        ).toBe(OUTCOME.ok);
        const expected = new Uint8Array(count);
        for (const i of indices) expected[i] = 9;
        expect(Buffer.compare(arena.bytes.subarray(marks, marks + count), expected)).toBe(0);
      });
    },
  );

  it.each(["a run", "groups"])("refuse an index beyond the dictionary in %s", (where) => {
    for (const bitWidth of [3, 9, 30]) {
      fresh(() => {
        const { addresses, keys, marks } = load(["a", "b", "c", "d", "e"], 4);
        const indices = where === "a run" ? Array.from({ length: 9 }, () => 5) : [0, 1, 5, 2];
        const page = hybrid(indices, bitWidth);
        const at = arena.place(page);
        const marked = kernels.markIndices(at, page.length, bitWidth, indices.length, marks, 4, 5, 2);
        const folded =
          marked === OUTCOME.ok
            ? kernels.foldMarks(marks, 5, 4, 2, keys, addresses, KEY_ORDER.text, 0)
            : marked;
        expect(folded).toBe(OUTCOME.badIndex);
        const unpacked = arena.reserve(4 * indices.length);
        kernels.unpackIndices(at, page.length, bitWidth, indices.length, unpacked);
        expect(
          kernels.foldIndices(unpacked, indices.length, marks, 5, 2, keys, addresses, KEY_ORDER.text, 0),
        ).toBe(OUTCOME.badIndex);
      });
    }
  });

  it("tell indices that end early", () => {
    const page = hybrid([0, 1, 2, 3, 4, 0, 1, 2, 3], 3, false);
    for (let cut = 0; cut < 5; cut++) {
      fresh(() => {
        const { marks } = load(["a", "b", "c", "d", "e"], 4);
        const at = arena.place(page.subarray(0, cut));
        expect(kernels.markIndices(at, cut, 3, 9, marks, 4, 5, 2)).toBe(OUTCOME.truncated);
        expect(kernels.unpackIndices(at, cut, 3, 9, arena.reserve(36))).toBe(OUTCOME.truncated);
      });
    }
  });

  it("know what earlier pages used after the marks were aged", () => {
    fresh(() => {
      const { marks } = load(["a", "b", "c"], 4);
      arena.bytes.set([0, 255, 7], marks);
      kernels.ageMarks(marks, 4);
      expect([...arena.bytes.subarray(marks, marks + 3)]).toEqual([0, 1, 1]);
    });
  });

  it.each([
    ["keysI32" as const, Int32Array.of(-5, 0, 2 ** 31 - 1, -(2 ** 31), 7)],
    ["keysI64" as const, BigInt64Array.of(-5n, 0n, 2n ** 63n - 1n, -(2n ** 63n), 7n)],
    ["keysF32" as const, Float32Array.of(-1.5, -0, 0, 1e-40, -Infinity, Infinity, 3)],
    ["keysF64" as const, Float64Array.of(-1.5, -0, 0, 1e-310, -Infinity, Infinity, 3)],
  ])("%s orders as the numbers do", (kernel, values) => {
    fresh(() => {
      const keys = arena.reserve(8 * values.length);
      kernels[kernel](arena.place(new Uint8Array(values.buffer)), values.length, keys);
      const order = [...values.keys()].toSorted((a, b) =>
        arena.view.getBigUint64(keys + 8 * a, true) < arena.view.getBigUint64(keys + 8 * b, true) ? -1 : 1,
      );
      // typed arrays sort -0 before 0
      expect(order.map((i) => values[i])).toEqual([...values.toSorted()]);
    });
  });

  it("put NaN above all, of either sign", () => {
    fresh(() => {
      const values = Float64Array.of(Infinity, Number.NaN, 0);
      values.set([Number.NaN], 2);
      const bytes = new Uint8Array(values.buffer);
      bytes[23] = 0xff;
      const keys = arena.reserve(24);
      kernels.keysF64(arena.place(bytes), 3, keys);
      const [inf, nan, negative] = [0, 8, 16].map((o) => arena.view.getBigUint64(keys + o, true));
      expect(nan).toBe(2n ** 64n - 1n);
      expect(negative).toBe(nan);
      expect(inf! < nan!).toBe(true);
    });
  });

  function bounds(values: readonly string[]) {
    return [values[arena.view.getUint32(result(), true)], values[arena.view.getUint32(result() + 4, true)]];
  }
});
