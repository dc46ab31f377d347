import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortEntries } from "./sort-entries.ts";

const sorted = (values: readonly bigint[]) => {
  const pairs = new Uint32Array(BigUint64Array.from(values).buffer);
  sortEntries(pairs);
  return [...new BigUint64Array(pairs.buffer)];
};

describe("07 §6.5 entries in order", () => {
  const entry = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });

  it.each([
    ["hashes", entry],
    ["small numbers, which crowd", fc.bigInt({ min: 1n, max: 50n })],
    [
      "numbers that differ in the low word alone",
      fc.bigInt({ min: 0n, max: 1000n }).map((n) => n + (7n << 40n)),
    ],
    ["a crowd among hashes", fc.oneof(entry, fc.constantFrom(3n, 4n, 5n))],
  ])("sorts %s as 64-bit numbers", (_, arbitrary) => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 200 }), (values) => {
        expect(sorted(values)).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
    );
  });

  it("takes the largest entry that there can be", () => {
    const values = Array.from({ length: 100 }, (_, i) => 2n ** 64n - 1n - BigInt(i) * 2n ** 57n);
    expect(sorted(values)).toEqual(values.toReversed());
  });
});
