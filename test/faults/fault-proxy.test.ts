/** The proxy itself: what each fault does to one call, seen from both sides of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fault } from "../../src/control-plane/chaos/index.ts";
import { type ControlPlane, createControlPlaneServer } from "../../src/control-plane/index.ts";
import { ControlPlaneError, connectControlPlane } from "../../src/protocol/index.ts";
import { scriptedProxy } from "../support/fault-proxy.ts";

let dataDir: string;
let plane: ControlPlane;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "floecat-capture-proxy-"));
  plane = await createControlPlaneServer({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir,
    generation: "chunked",
  });
});
afterAll(async () => {
  await plane.close();
  await rm(dataDir, { recursive: true, force: true });
});

const LEASE = "LeaseReconcileJob";
const REQUEST = { instanceId: "worker", executorIds: ["worker"] };

/** One lease call of an empty queue, struck by the fault, and one after it. */
async function strike(fault: Fault, timeoutMs = 5000) {
  await using scripted = await scriptedProxy(plane.url, [{ method: LEASE, nth: 1, fault }]);
  const { controlPlane, close } = await connectControlPlane(
    { url: scripted.proxy.url },
    { signal: new AbortController().signal, timeoutMs },
  );
  const call = async () => {
    try {
      return (
        (await controlPlane.lease(REQUEST, { signal: new AbortController().signal, timeoutMs })) ?? "none"
      );
    } catch (error) {
      return error instanceof ControlPlaneError ? error.kind : error;
    }
  };
  const startedMs = performance.now();
  const struck = await call();
  const tookMs = performance.now() - startedMs;
  const reached = scripted.answers.filter((answer) => answer === `${LEASE} 0`).length;
  const next = await call();
  close();
  return { struck, tookMs, reached, next, counts: scripted.proxy.counts() };
}

describe("a fault between worker and control plane", () => {
  const silenceMs = 100;
  test.each<[string, Fault, { struck: string; reached: number }]>([
    ["nothing", { kind: "pass" }, { struck: "none", reached: 1 }],
    [
      "a dropped request has no effect",
      { kind: "drop-request", silenceMs },
      { struck: "internal", reached: 0 },
    ],
    ["a dropped answer has", { kind: "drop-response", silenceMs }, { struck: "internal", reached: 1 }],
    ["a delay", { kind: "delay", ms: 100 }, { struck: "none", reached: 1 }],
    ["a duplicate arrives twice", { kind: "duplicate" }, { struck: "none", reached: 2 }],
    ["a reset before the effect", { kind: "reset", afterEffect: false }, { struck: "internal", reached: 0 }],
    ["a reset after it", { kind: "reset", afterEffect: true }, { struck: "internal", reached: 1 }],
    ["a broken connection", { kind: "disconnect", afterEffect: false }, { struck: "transport", reached: 0 }],
    ["… after the effect", { kind: "disconnect", afterEffect: true }, { struck: "transport", reached: 1 }],
    ["GOAWAY: the call itself is served", { kind: "goaway" }, { struck: "none", reached: 1 }],
    ["UNAVAILABLE", { kind: "unavailable" }, { struck: "transport", reached: 0 }],
    ["a trickle", { kind: "trickle", bytes: 3, pauseMs: 1 }, { struck: "none", reached: 1 }],
    ["an expired token", { kind: "expired-token" }, { struck: "unauthenticated", reached: 0 }],
  ])("%s", async (_name, fault, expected) => {
    const { struck, reached, next, counts } = await strike(fault);
    expect({ struck, reached }).toEqual(expected);
    expect(next).toBe("none");
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual(
      fault.kind === "pass" ? [] : [[fault.kind, 1]],
    );
  });

  test("a delay takes the time it says", async () => {
    expect((await strike({ kind: "delay", ms: 200 })).tookMs).toBeGreaterThanOrEqual(199);
  });

  test("03 §3.6: a call that is dropped for longer ends at its deadline", async () => {
    const { struck, tookMs } = await strike({ kind: "drop-request", silenceMs: 60_000 }, 1000);
    expect(struck).toBe("transport");
    expect(tookMs).toBeLessThan(5000);
  });
});
