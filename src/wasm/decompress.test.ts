import fc from "fast-check";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import { describe, expect, it } from "vitest";
import { testKernels } from "../../test/support/kernels.ts";
import { OUTCOME } from "./kernels.ts";

const { kernels, arena, guarded, fresh } = testKernels();

function run(kernel: "snappy" | "lz4Block", compressed: Uint8Array, length: number) {
  return fresh(() => {
    const input = arena.place(compressed);
    const output = guarded(length);
    const outcome = kernels[kernel](input, compressed.length, output.address, length);
    expect(output.intact()).toBe(true);
    return { outcome, bytes: output.contents() };
  });
}

function snappyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(snappyCompress(bytes));
}

/** Bytes with the repetitions that compressors look for. */
const compressible = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 40 }))
        .map(([part, n]) => {
          const out = new Uint8Array(part.length * n);
          for (let i = 0; i < n; i++) out.set(part, i * part.length);
          return out;
        }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

/** LZ4 sequences written by hand: literals, then a copy. */
function lz4Of(
  sequences: readonly { literals: Uint8Array; offset: number; length: number }[],
  tail: Uint8Array,
) {
  const out: number[] = [];
  const extended = (n: number) => {
    let rest = n;
    while (rest >= 255) {
      out.push(255);
      rest -= 255;
    }
    out.push(rest);
  };
  for (const { literals, offset, length } of sequences) {
    out.push((Math.min(15, literals.length) << 4) | Math.min(15, length - 4));
    if (literals.length >= 15) extended(literals.length - 15);
    out.push(...literals, offset & 255, offset >> 8);
    if (length - 4 >= 15) extended(length - 4 - 15);
  }
  out.push(Math.min(15, tail.length) << 4);
  if (tail.length >= 15) extended(tail.length - 15);
  out.push(...tail);
  return Uint8Array.from(out);
}

describe("06 §3.5 SNAPPY", () => {
  it("gives back what a compressor was given", () => {
    fc.assert(
      fc.property(compressible, (bytes) => {
        const { outcome, bytes: got } = run("snappy", snappyOf(bytes), bytes.length);
        expect(outcome).toBe(OUTCOME.ok);
        expect(got).toEqual(bytes);
      }),
    );
  });

  it.each([1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 300])(
    "repeats what lies %i bytes back, in every length of a copy",
    (offset) => {
      for (const length of [1, 4, 11, 12, 16, 17, 33, 48, 64]) {
        const literal = Uint8Array.from({ length: offset }, (_, i) => (i * 7 + 1) & 255);
        const copy = [((length - 1) << 2) | 2, offset & 255, offset >> 8];
        const far = [((length - 1) << 2) | 3, offset & 255, offset >> 8, 0, 0];
        const total = offset + 2 * length;
        const head = offset <= 60 ? [(offset - 1) << 2] : [61 << 2, (offset - 1) & 255, (offset - 1) >> 8];
        const size = total < 128 ? [total] : [(total & 127) | 128, total >> 7];
        const { outcome, bytes } = run(
          "snappy",
          Uint8Array.from([...size, ...head, ...literal, ...copy, ...far]),
          total,
        );
        expect(outcome).toBe(OUTCOME.ok);
        expect([...bytes]).toEqual(Array.from({ length: total }, (_, i) => literal[i % offset]));
      }
    },
  );

  it("refuses a promised size other than the page header's", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
    expect(run("snappy", snappyOf(bytes), 99).outcome).toBe(OUTCOME.sizeMismatch);
    expect(run("snappy", snappyOf(bytes), 101).outcome).toBe(OUTCOME.sizeMismatch);
  });

  it("refuses copies from before the output, and offset 0", () => {
    expect(run("snappy", Uint8Array.from([5, 0, 65, (3 << 2) | 2, 2, 0]), 5).outcome).toBe(OUTCOME.malformed);
    expect(run("snappy", Uint8Array.from([5, 0, 65, (3 << 2) | 2, 0, 0]), 5).outcome).toBe(OUTCOME.malformed);
  });

  it("never leaves its regions, whatever the bytes are", () => {
    fc.assert(
      fc.property(
        compressible,
        fc.array(fc.tuple(fc.nat(), fc.nat(255))),
        fc.nat(),
        (bytes, changes, cut) => {
          const damaged = snappyOf(bytes);
          for (const [at, value] of changes) damaged[at % damaged.length] = value;
          const { outcome } = run("snappy", damaged.subarray(0, cut % (damaged.length + 1)), bytes.length);
          expect(outcome).toBeLessThanOrEqual(0);
        },
      ),
    );
  });
});

describe("06 §3.5 LZ4_RAW", () => {
  const sequence = fc.record({
    literals: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    offset: fc.integer({ min: 1, max: 400 }),
    length: fc.integer({ min: 4, max: 600 }),
  });

  it("gives back literals and copies of every length and distance", () => {
    fc.assert(
      fc.property(
        fc.array(sequence, { maxLength: 10 }),
        fc.uint8Array({ maxLength: 40 }),
        (sequences, tail) => {
          const expected: number[] = [];
          const legal = sequences.map((s) => {
            expected.push(...s.literals);
            const offset = Math.min(s.offset, expected.length);
            for (let i = 0; i < s.length; i++) expected.push(expected[expected.length - offset] ?? 0);
            return { ...s, offset };
          });
          expected.push(...tail);
          const { outcome, bytes } = run("lz4Block", lz4Of(legal, tail), expected.length);
          expect(outcome).toBe(OUTCOME.ok);
          expect([...bytes]).toEqual(expected);
        },
      ),
    );
  });

  it("never leaves its regions, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(2000), (bytes, length) => {
        expect(run("lz4Block", bytes, length).outcome).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });
});
