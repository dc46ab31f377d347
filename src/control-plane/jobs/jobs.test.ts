/** The pure rules of 02 §3, where a call through gRPC would show less. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { controlPlaneLimits } from "../settings.ts";
import { backoffMs } from "./backoff.ts";
import { leaseFilter, selections } from "./matching.ts";
import { outcomeKind } from "./outcome.ts";

const limits = controlPlaneLimits("chunked");

describe("02 §3.7", () => {
  it("backs off without jitter: 500, 1000, … 30000 ms", () => {
    const waits = Array.from({ length: 9 }, (_, index) => backoffMs(index + 1, limits));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(backoffMs(0, limits)).toBe(500);
  });

  it.each([
    // state, disposition, retry class
    [1, 2, 2, "succeeded"],
    [3, 1, 2, "cancelled"],
    [2, 1, 2, "waiting-on-dependency"],
    [2, 2, 2, "failed-terminal"],
    [2, 1, 0, "failed-retryable"],
    [2, 1, 1, "failed-retryable"],
    [2, 1, 3, "failed-retryable"],
    [2, 0, 2, "failed-retryable"],
    [2, 9, 9, "failed-retryable"],
    [0, 0, 0, undefined],
    [9, 0, 0, undefined],
  ])("state %i, disposition %i, class %i: %s", (state, disposition, retryClass, expected) => {
    expect(outcomeKind(state, disposition, retryClass)).toBe(expected);
  });
});

describe("02 §2", () => {
  it("has the defaults of each generation and the peer's clamps", () => {
    expect(controlPlaneLimits("inline")).toMatchObject({ leaseMs: 30_000, maxInboundMessageBytes: 262_144 });
    expect(limits).toMatchObject({ leaseMs: 120_000, maxInboundMessageBytes: 67_108_864 });
    const low = { leaseMs: 1, leaseRenewGraceMs: -1, maxAttempts: 0, baseBackoffMs: 1, maxBackoffMs: 1 };
    expect(controlPlaneLimits("inline", low)).toMatchObject({
      leaseMs: 1000,
      leaseRenewGraceMs: 0,
      maxAttempts: 1,
      baseBackoffMs: 100,
      maxBackoffMs: 100,
    });
  });
});

const query = {
  executorId: "",
  executionClasses: [],
  lanes: [],
  jobKinds: [],
  executorIds: [],
};

describe("02 §3.3 indexes", () => {
  const tried = (generation: "inline" | "chunked", fields: Partial<typeof query> | object, rotation = 0) =>
    selections(leaseFilter({ ...query, ...fields }, generation), rotation).map(({ by }) => by);

  it("inline tries them all, the global one always", () => {
    const fields = { executorIds: ["b", "a"], lanes: ["l"], jobKinds: [5], executionClasses: [1] };
    expect(tried("inline", fields)).toEqual(["pin", "pin", "lane", "kind", "class", "all"]);
    expect(tried("inline", { lanes: ["l", "*"] })).toEqual(["all"]);
  });

  it("chunked tries pins and exactly one other", () => {
    const fields = { executorIds: ["a"], lanes: ["l", "*"], jobKinds: [5], executionClasses: [1] };
    expect(tried("chunked", fields)).toEqual(["pin", "lane-key"]);
    expect(tried("chunked", { ...fields, lanes: ["*"] })).toEqual(["pin", "kind"]);
    expect(tried("chunked", { executionClasses: [1] })).toEqual(["class"]);
    expect(tried("chunked", { lanes: [" "] })).toEqual(["all"]);
  });

  it("chunked turns its lists, so that every value comes first in turn", () => {
    fc.assert(
      fc.property(fc.nat(), (rotation) => {
        const filter = leaseFilter({ ...query, executorIds: ["a", "b", "c"] }, "chunked");
        const [first] = selections(filter, rotation);
        expect(first).toEqual({ by: "pin", executorId: ["a", "b", "c"][rotation % 3] });
      }),
    );
  });
});
