/** Results that a slow server has yet to take, beside everything else that goes to it. */
import { expect, test } from "vitest";
import { chunkedFiles } from "./chunked/descriptor-files.ts";
import * as chunked from "./chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { answer, connect, EXECUTOR_CONTROL, lease, options, serve } from "./testing/connected.ts";
import { REFLECTION_V1, reflectionHandler } from "./testing/fake-reflection.ts";
import type { RawReply } from "./testing/raw-grpc-server.ts";

const SUBMIT = `${EXECUTOR_CONTROL}/SubmitLeasedFileGroupExecutionResult`;
const RENEW = `${EXECUTOR_CONTROL}/RenewReconcileLease`;
const accepted = answer(chunked.SubmitLeasedFileGroupExecutionResultResponseSchema, { accepted: true });
const result = { resultId: "r", statsRecords: [], artifacts: [], fileResults: [] };

/** A server that takes results only once it is let, and allows 100 calls on a connection. */
async function slowServer() {
  let takeAll = () => {};
  const taking = new Promise<void>((resolve) => (takeAll = resolve));
  const server = await serve({
    [REFLECTION_V1]: reflectionHandler(chunkedFiles),
    [SUBMIT]: async (request): Promise<RawReply> => {
      await taking;
      return accepted(request);
    },
    [RENEW]: answer(chunked.RenewReconcileLeaseResponseSchema, { renewed: true }),
  });
  const { controlPlane } = await connect(server, {});
  const submit = async () => {
    const { messages } = await controlPlane.prepareSubmission(lease, result, options);
    return await messages[0]?.send(options);
  };
  return { server, controlPlane, submit, takeAll };
}

test("03 §7.1: 250 results that wait for a slow server keep no renewal waiting", async () => {
  const { server, controlPlane, submit, takeAll } = await slowServer();
  const waiting = Array.from({ length: 250 }, submit);
  const taken = () => server.requests.filter(({ path }) => path === SUBMIT).length;
  await expect.poll(taken, { timeout: 20_000 }).toBe(250);
  expect(await controlPlane.renew(lease, { ...options, timeoutMs: 2000 })).toMatchObject({ held: true });
  takeAll();
  expect(await Promise.all(waiting)).toEqual(Array(250).fill(true));
  expect(server.connections).toBe(5);
});

test("one connection serves while few results wait", async () => {
  const { server, submit, takeAll } = await slowServer();
  const waiting = Array.from({ length: 16 }, submit);
  takeAll();
  await Promise.all(waiting);
  for (let again = 0; again < 20; again += 1) await submit();
  expect(server.connections).toBe(1);
});

test("01 §11.2 step 6: on a further connection too, the server is looked at before it gets a result", async () => {
  const { server, submit, takeAll } = await slowServer();
  const before = server.requests.length;
  const waiting = Array.from({ length: 17 }, submit);
  const paths = () => server.requests.slice(before).map(({ path }) => path);
  await expect.poll(() => paths().filter((path) => path === SUBMIT).length, { timeout: 20_000 }).toBe(17);
  expect(paths().lastIndexOf(REFLECTION_V1)).toBeGreaterThan(-1);
  expect(paths().at(-1)).toBe(SUBMIT);
  takeAll();
  await Promise.all(waiting);
});
