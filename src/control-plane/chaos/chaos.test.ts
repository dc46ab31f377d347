import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../model/index.ts";
import { FAULT_KINDS, parseChaosSpec, seededFaults } from "./index.ts";

const SERVICE = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl";

describe("--chaos", () => {
  test("a fault has the share that its name gives; the rate is for those without one", () => {
    const { shares, seed, restartEveryMs } = parseChaosSpec(
      "seed=7, rate=0.09,delay=0.2,restart-every-ms=900",
    );
    expect(shares.delay).toBe(0.2);
    expect(shares.reset).toBeCloseTo(0.01);
    expect({ seed, restartEveryMs }).toEqual({ seed: 7, restartEveryMs: 900 });
  });

  test.each([
    ["dely=0.1", /"dely" is none of .*delay/],
    ["delay=2", /delay=2: a share between 0 and 1 is needed/],
    ["delay", /delay=: a share/],
    ["restart-every-ms=1.5", /a whole number is needed/],
    ["delay=0.6,reset=0.6", /more than every call/],
  ])("%s is refused", (text, message) => {
    expect(() => parseChaosSpec(text)).toThrow(UsageError);
    expect(() => parseChaosSpec(text)).toThrow(message);
  });
});

describe("faults by seed", () => {
  const calls = fc.array(fc.constantFrom("LeaseReconcileJob", "RenewReconcileLease"), { maxLength: 60 });

  test("the n-th call of a method meets the same fault, however other calls fall in between", () => {
    fc.assert(
      fc.property(fc.nat(), calls, (seed, methods) => {
        const alone = seededFaults(parseChaosSpec(`seed=${seed},rate=0.5`));
        const mixed = seededFaults(parseChaosSpec(`seed=${seed},rate=0.5`));
        const met = methods.map((method) => ({ method, fault: mixed(`${SERVICE}/${method}`) }));
        for (const { fault } of met.filter(({ method }) => method === "LeaseReconcileJob")) {
          expect(alone(`${SERVICE}/LeaseReconcileJob`)).toEqual(fault);
        }
      }),
    );
  });

  test("every kind strikes, about as often as its share says", () => {
    const choose = seededFaults(parseChaosSpec("rate=0.5"));
    const kinds = Array.from({ length: 10_000 }, () => choose(`${SERVICE}/LeaseReconcileJob`).kind);
    for (const kind of FAULT_KINDS) {
      const share = kinds.filter((met) => met === kind).length / kinds.length;
      expect(share).toBeGreaterThan(0.04);
      expect(share).toBeLessThan(0.06);
    }
  });

  test("commands of people pass, and a call that goes on asking never arrives twice", () => {
    const choose = seededFaults(parseChaosSpec("duplicate=1"));
    expect(choose("/ai.floedb.floecat.reconciler.ReconcileControl/ListReconcileJobs").kind).toBe("pass");
    expect(choose("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo").kind).toBe("pass");
    expect(choose(`${SERVICE}/LeaseReconcileJob`).kind).toBe("duplicate");
  });
});
