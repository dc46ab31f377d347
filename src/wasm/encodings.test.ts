import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deltaBinaryPacked } from "../../test/support/delta-encoder.ts";
import { plainByteArrays, testKernels } from "../../test/support/kernels.ts";
import { OUTCOME } from "./kernels.ts";

const { kernels, arena, guarded, fresh } = testKernels();

const i64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
);

describe("06 §3.5 DELTA_BINARY_PACKED", () => {
  it("gives back 64-bit integers of any distance, and says where they end", () => {
    fc.assert(
      fc.property(fc.array(i64, { maxLength: 300 }), fc.constantFrom(1, 4, 8), (values, miniBlocks) =>
        fresh(() => {
          const bytes = deltaBinaryPacked(values, { miniBlocks });
          const input = arena.place(Uint8Array.from([...bytes, 1, 2, 3]));
          const output = guarded(8 * values.length);
          expect(kernels.deltaCount(input, bytes.length)).toBe(values.length);
          const used = kernels.deltaDecode(input, bytes.length + 3, values.length, output.address, 1, 1);
          expect(used).toBe(bytes.length);
          expect(output.intact()).toBe(true);
          expect([...new BigInt64Array(output.contents().buffer)]).toEqual(values);
        }),
      ),
    );
  });

  it("gives back 32-bit integers, whose distances wrap", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 300 }), (values) =>
        fresh(() => {
          const bytes = deltaBinaryPacked(values.map(BigInt), { wrap: 32 });
          const output = guarded(4 * values.length);
          const used = kernels.deltaDecode(
            arena.place(bytes),
            bytes.length,
            values.length,
            output.address,
            0,
            1,
          );
          expect(used).toBe(bytes.length);
          expect([...new Int32Array(output.contents().buffer)]).toEqual(values);
        }),
      ),
    );
  });

  it("tells streams that end early and headers that make no sense", () => {
    const bytes = deltaBinaryPacked([5n, 900n, -3n, 77n, 12n]);
    // one block of 44 bytes, of which 4 distances of 11 bits need 6
    for (let cut = 0; cut < bytes.length - 38; cut++)
      expect(decode([...bytes.subarray(0, cut)], 5)).toBe(OUTCOME.truncated);
    expect(decode([...bytes], 6)).toBe(OUTCOME.truncated);
    expect(decode([0x80, 1, 3, 5, 2, 0], 5)).toBe(OUTCOME.malformed);
    expect(decode([0x80, 1, 0, 5, 2, 0], 5)).toBe(OUTCOME.malformed);
    expect(decode([0, 4, 5, 2, 0], 5)).toBe(OUTCOME.malformed);
    expect(decode([0x80, 1, 4, 5, 2, 0, 65, 0, 0, 0], 5)).toBe(OUTCOME.malformed);
  });

  it("never leaves its regions, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(200), (bytes, count) =>
        fresh(() => {
          const output = guarded(8 * count);
          kernels.deltaDecode(arena.place(bytes), bytes.length, count, output.address, 1, 1);
          expect(output.intact()).toBe(true);
        }),
      ),
      { numRuns: 1000 },
    );
  });

  function decode(bytes: number[], count: number): number {
    return fresh(() => {
      const output = arena.reserve(8 * count);
      return kernels.deltaDecode(arena.place(Uint8Array.from(bytes)), bytes.length, count, output, 1, 1);
    });
  }
});

describe("06 §3.5 byte arrays by delta", () => {
  const value = fc.uint8Array({ maxLength: 70 });

  it("joins DELTA_LENGTH_BYTE_ARRAY into PLAIN byte arrays", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), (values) =>
        fresh(() => {
          const lengths = arena.place(new Uint8Array(Int32Array.from(values, (v) => v.length).buffer));
          const data = Uint8Array.from(values.flatMap((v) => [...v]));
          const plain = plainByteArrays(values);
          expect(kernels.sumLengths(lengths, values.length)).toBe(BigInt(data.length));
          const input = arena.place(data);
          const output = guarded(plain.length);
          const written = kernels.joinLengths(lengths, values.length, input, data.length, output.address);
          expect(written).toBe(plain.length);
          expect(output.intact()).toBe(true);
          expect(output.contents()).toEqual(plain);
        }),
      ),
    );
  });

  it("joins DELTA_BYTE_ARRAY into PLAIN byte arrays", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100), value), { maxLength: 20 }), (steps) =>
        fresh(() => {
          const values: Uint8Array[] = [];
          const prefixes = steps.map(([wish, suffix]) => {
            const previous = values.at(-1) ?? new Uint8Array();
            const prefix = Math.min(wish, previous.length);
            values.push(Uint8Array.from([...previous.subarray(0, prefix), ...suffix]));
            return prefix;
          });
          const plain = plainByteArrays(values);
          const prefixAt = arena.place(new Uint8Array(Int32Array.from(prefixes).buffer));
          const suffixAt = arena.place(new Uint8Array(Int32Array.from(steps, ([, s]) => s.length).buffer));
          const data = Uint8Array.from(steps.flatMap(([, s]) => [...s]));
          const input = arena.place(data);
          const output = guarded(plain.length);
          const written = kernels.joinPrefixes(
            ...([
              prefixAt,
              suffixAt,
              steps.length,
              input,
              data.length,
              output.address,
              plain.length,
              0,
            ] as const),
          );
          expect(written).toBe(plain.length);
          expect(output.intact()).toBe(true);
          expect(output.contents()).toEqual(plain);
          if (plain.length > 4) {
            const short = kernels.joinPrefixes(
              ...([
                prefixAt,
                suffixAt,
                steps.length,
                input,
                data.length,
                output.address,
                plain.length - 1,
                0,
              ] as const),
            );
            expect(short).toBe(OUTCOME.sizeMismatch);
          }
        }),
      ),
    );
  });

  it("refuses a prefix longer than the value before", () => {
    fresh(() => {
      const prefixes = arena.place(new Uint8Array(Int32Array.of(0, 3).buffer));
      const suffixes = arena.place(new Uint8Array(Int32Array.of(2, 1).buffer));
      const input = arena.place(Uint8Array.of(1, 2, 3));
      const output = arena.reserve(100);
      expect(kernels.joinPrefixes(prefixes, suffixes, 2, input, 3, output, 100, 0)).toBe(OUTCOME.malformed);
    });
  });
});

describe("06 §3.5 BYTE_STREAM_SPLIT", () => {
  it.each([1, 2, 4, 5, 8, 16])("joins %i streams", (width) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.infiniteStream(fc.nat(255)), (count, stream) =>
        fresh(() => {
          const plain = Uint8Array.from(stream.take(count * width));
          const split = Uint8Array.from(
            plain,
            (_, i) => plain[(i % count) * width + Math.floor(i / count)] ?? 0,
          );
          // a page may hold fewer values than its streams have room for
          for (const wanted of [count, count >> 1]) {
            const output = guarded(wanted * width);
            kernels.joinStreams(arena.place(split), wanted, count, width, output.address);
            expect(output.intact()).toBe(true);
            expect(output.contents()).toEqual(plain.subarray(0, wanted * width));
          }
        }),
      ),
    );
  });
});
