import fc from "fast-check";
import { expect, test } from "vitest";
import { leaseTiming } from "./timing.ts";

test.each([
  ["inline, L=30000", "inline", 30_000, undefined, 10_000, 5000, 20_000],
  ["chunked, L=120000", "chunked", 120_000, undefined, 10_000, 5000, 100_000],
  ["chunked, L=30000", "chunked", 30_000, undefined, 7500, 3750, 20_000],
  ["inline, L=3000, heartbeat 1000", "inline", 3000, 1000, 1000, 500, 2000],
  ["chunked, L=3000, heartbeat 1000", "chunked", 3000, 1000, 1000, 500, 2000],
  ["inline, L=10000, heartbeat 200", "inline", 10_000, 200, 1000, 500, 8000],
  ["chunked, L=10000, heartbeat 200", "chunked", 10_000, 200, 1000, 500, 8000],
  ["inline, L=1000, by decision 3 renewed in a third", "inline", 1000, undefined, 333, 500, 1000],
  ["chunked, L=1, by decision 3 renewed in a third", "chunked", 1, undefined, 333, 500, 1000],
] as const)("03 T7 %s", (_name, generation, leaseMs, heartbeatMs, hb, cancelEvery, threshold) => {
  expect(leaseTiming(generation, { leaseMs, heartbeatMs })).toMatchObject({
    heartbeatMs: hb,
    cancelCheckMs: cancelEvery,
    thresholdMs: threshold,
  });
});

test("03 §2: the lease time defaults to the server's own default", () => {
  expect(leaseTiming("inline", {}).leaseMs).toBe(30_000);
  expect(leaseTiming("chunked", {}).leaseMs).toBe(120_000);
});

test("decision 3: two renews fit into every lease, each with a deadline below the period", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("inline" as const, "chunked" as const),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }),
      (generation, leaseMs, heartbeatMs) => {
        const timing = leaseTiming(generation, { leaseMs, heartbeatMs });
        expect(timing.heartbeatMs * 3).toBeLessThanOrEqual(timing.leaseMs);
        expect(timing.heartbeatTimeoutMs).toBeLessThan(timing.heartbeatMs);
        expect(timing.thresholdMs).toBeLessThanOrEqual(timing.leaseMs);
      },
    ),
  );
});
