import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as chunked from "../chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { answer, connect, EXECUTOR_CONTROL, lease, options, serve } from "../testing/connected.ts";

/** Errors that nobody listened for; they would end the process. */
const uncaught: unknown[] = [];
const onUncaught = (error: unknown) => uncaught.push(error);
let others: NodeJS.UncaughtExceptionListener[] = [];
beforeEach(() => {
  uncaught.length = 0;
  others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", onUncaught);
});
afterEach(() => {
  process.off("uncaughtException", onUncaught);
  for (const other of others) process.on("uncaughtException", other);
});

test("a server that goes away between calls ends no process, at whatever moment the connection is closed", async () => {
  const server = await serve({
    [`${EXECUTOR_CONTROL}/GetReconcileCancellation`]: answer(
      chunked.GetReconcileCancellationResponseSchema,
      {},
    ),
  });
  for (let turns = 0; turns < 12; turns++) {
    const { controlPlane, close } = await connect(server, { generation: "chunked" });
    await controlPlane.getCancellation(lease, options);
    server.dropConnections();
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    close();
    for (let turn = 0; turn < 12; turn++) await setImmediate();
  }
  expect(uncaught).toEqual([]);
});

test("every call that is under way when its connection ends is told so, not only at its deadline", async () => {
  const server = await serve({ [`${EXECUTOR_CONTROL}/GetReconcileCancellation`]: () => ({ silent: true }) });
  const { controlPlane } = await connect(server, { generation: "chunked" });
  const ask = () => controlPlane.getCancellation(lease, { ...options, timeoutMs: 60_000 });
  const calls = Promise.allSettled([ask(), ask(), ask()]);
  while (server.requests.length < 3) await setImmediate();
  server.dropConnections();
  for (const result of await calls) {
    expect(result).toMatchObject({ status: "rejected", reason: { kind: "transport" } });
  }
}, 5000);
