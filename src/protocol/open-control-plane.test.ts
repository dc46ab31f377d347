/** A reconnect may lead to another server, as in a rolling upgrade (01 §11.2 step 6). */
import { expect, test } from "vitest";
import { file_floecat_catalog_stats as chunkedStats } from "./chunked/gen/floecat/catalog/stats_pb.ts";
import * as chunked from "./chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { file_floecat_catalog_stats as inlineStats } from "./inline/gen/floecat/catalog/stats_pb.ts";
import * as inline from "./inline/gen/floecat/reconciler/reconciler_pb.ts";
import { ControlPlaneError, type SubmissionMessage } from "./port.ts";
import { answer, connect, lease, options, EXECUTOR_CONTROL as SERVICE, serve } from "./testing/connected.ts";
import { REFLECTION_V1, reflectionHandler } from "./testing/fake-reflection.ts";
import type { RawServer } from "./testing/raw-grpc-server.ts";

const accepted = answer(chunked.SubmitLeasedFileGroupExecutionResultResponseSchema, { accepted: true });

const inlineFiles = [inline.file_floecat_reconciler_reconciler.proto, inlineStats.proto];
const chunkedFiles = [chunked.file_floecat_reconciler_reconciler.proto, chunkedStats.proto];
const submit = `${SERVICE}/SubmitLeasedFileGroupExecutionResult`;
const result = { resultId: "r", statsRecords: [], artifacts: [], fileResults: [] };

async function replaceable() {
  const state = { files: inlineFiles };
  const server = await serve({
    [REFLECTION_V1]: (request) => reflectionHandler(state.files)(request),
    [submit]: accepted,
  });
  const { controlPlane } = await connect(server, {});
  const { messages } = await controlPlane.prepareSubmission(lease, result, options);
  return { state, server, controlPlane, message: messages[0]! };
}

/** The first attempt may die with the old connection; the caller's next one is what counts. */
async function sendAgain(message: SubmissionMessage): Promise<boolean> {
  try {
    return await message.send(options);
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    return message.send(options);
  }
}

const paths = (server: RawServer) => server.requests.map(({ path }) => path);

test("a submit on the first connection needs no second look", async () => {
  const { server, controlPlane, message } = await replaceable();
  expect(controlPlane.generation).toBe("inline");
  const before = server.requests.length;
  expect(await message.send(options)).toBe(true);
  expect(paths(server).slice(before)).toEqual([submit]);
});

test("after a reconnect the server is looked at before the submit", async () => {
  const { server, message } = await replaceable();
  server.dropConnections();
  expect(await sendAgain(message)).toBe(true);
  expect(paths(server).at(-1)).toBe(submit);
  expect(paths(server).filter((path) => path === submit)).toHaveLength(1);
  expect(paths(server).at(-2)).toBe(REFLECTION_V1);
});

test("a server of the other generation never gets the submit", async () => {
  const { state, server, message } = await replaceable();
  state.files = chunkedFiles;
  server.dropConnections();
  await expect(sendAgain(message)).rejects.toThrow(/now speaks the chunked generation/);
  expect(paths(server)).not.toContain(submit);
});
