import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clustering } from "./clustering.ts";

const range = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }))
  .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

describe("clustering", () => {
  it("is 1 where no two pages share a value, 0 where every page overlaps every other", () => {
    const steps = [0, 2, 4, 6].map((low) => ({ low, high: low + 1 }));
    expect(clustering(steps)).toBe(1);
    expect(clustering(steps.map(() => ({ low: 0, high: 7 })))).toBe(0);
  });

  it("counts a shared end as an overlap: the value there is looked up in both pages", () => {
    expect(clustering([0, 1, 2].map((low) => ({ low, high: low + 1 })))).toBeCloseTo(1 - 4 / 6);
  });

  it("says nothing of a single page", () => {
    expect(clustering([])).toBeUndefined();
    expect(clustering([{ low: 0, high: 1 }])).toBeUndefined();
  });

  it("is 1 minus the share of the other pages that a page overlaps, averaged, in whatever order the pages lie", () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 2, maxLength: 40 }), (ranges) => {
        let overlapping = 0;
        ranges.forEach((a, i) => {
          ranges.forEach((b, j) => {
            if (i !== j && a.low <= b.high && b.low <= a.high) overlapping++;
          });
        });
        const expected = 1 - overlapping / (ranges.length * (ranges.length - 1));
        expect(clustering(ranges)).toBeCloseTo(expected, 12);
        expect(clustering(ranges.toReversed())).toBe(clustering(ranges));
      }),
    );
  });
});
