import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, IDLE_BACKOFF } from "./backoff.ts";

test("decision 5: the idle wait doubles up to 1 s and has jitter", () => {
  const full = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(IDLE_BACKOFF, failures, () => 1));
  expect(full).toEqual([50, 100, 200, 400, 800, 1000, 1000, 1000]);
  expect(backoffMs(IDLE_BACKOFF, 7, () => 0)).toBe(500);
});

test("decision 5: no wait is longer than its cap nor shorter than half of it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, r) => {
        const waitMs = backoffMs(IDLE_BACKOFF, failures, () => r);
        expect(waitMs).toBeGreaterThanOrEqual(25);
        expect(waitMs).toBeLessThanOrEqual(1000);
      },
    ),
  );
});
