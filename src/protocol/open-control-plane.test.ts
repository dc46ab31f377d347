/** A reconnect may lead to another server, as in a rolling upgrade (01 §11.2 step 6). */
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { chunkedFiles } from "./chunked/descriptor-files.ts";
import { ErrorCode, ErrorSchema } from "./chunked/gen/floecat/common/common_pb.ts";
import * as chunked from "./chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { StatusSchema } from "./grpc/gen/google/rpc/status_pb.ts";
import { inlineFiles } from "./inline/descriptor-files.ts";
import { ControlPlaneError, type SubmissionMessage } from "./port.ts";
import type { GenerationChange } from "./settings.ts";
import {
  answer,
  connect,
  lease,
  options,
  EXECUTOR_CONTROL as SERVICE,
  STORAGE_AUTHORITIES,
  serve,
} from "./testing/connected.ts";
import { REFLECTION_V1, REFLECTION_V1ALPHA, reflectionHandler } from "./testing/fake-reflection.ts";
import type { RawServer } from "./testing/raw-grpc-server.ts";

const accepted = answer(chunked.SubmitLeasedFileGroupExecutionResultResponseSchema, { accepted: true });

const submit = `${SERVICE}/SubmitLeasedFileGroupExecutionResult`;
const result = { resultId: "r", statsRecords: [], artifacts: [], fileResults: [] };

async function replaceable() {
  const state = { files: inlineFiles };
  const changes: GenerationChange[] = [];
  const server = await serve({
    [REFLECTION_V1]: (request) => reflectionHandler(state.files)(request),
    [submit]: accepted,
  });
  const { controlPlane } = await connect(server, { onGenerationChange: (change) => changes.push(change) });
  const { messages } = await controlPlane.prepareSubmission(lease, result, options);
  return { state, server, controlPlane, changes, message: messages[0]! };
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

test("a server of the other generation never gets the submit, and the change is told once", async () => {
  const { state, server, message, changes } = await replaceable();
  state.files = chunkedFiles;
  server.dropConnections();
  await expect(sendAgain(message)).rejects.toThrow(/now speaks the chunked generation/);
  await expect(message.send(options)).rejects.toThrow(/now speaks the chunked generation/);
  expect(paths(server)).not.toContain(submit);
  expect(changes).toMatchObject([{ from: "inline", to: "chunked" }]);
});

test("a server that isn't supported any more is a change too", async () => {
  const { state, server, message, changes } = await replaceable();
  state.files = inlineFiles.filter(({ name }) => name !== "floecat/catalog/index.proto");
  server.dropConnections();
  await expect(sendAgain(message)).rejects.toThrow(/no message catalog.IndexArtifactRecord/);
  expect(changes).toMatchObject([{ from: "inline", to: undefined }]);
});

test("a token that can't be had is no answer of the server: it can be asked later", async () => {
  const server = await serve({ [REFLECTION_V1]: reflectionHandler(chunkedFiles) });
  const tokens = { authorization: () => Promise.reject(new Error("provider is down")), rejected: () => {} };
  await expect(connect(server, { tokens })).rejects.toMatchObject({
    name: "ControlPlaneError",
    kind: "unauthenticated",
    status: { message: expect.stringContaining("provider is down") },
  });
});

describe("01 §11.3, G10: without reflection", () => {
  const VEND = `${STORAGE_AUTHORITIES}/VendStorageCredentials`;
  const FINALIZE = `${SERVICE}/GetLeasedSnapshotFinalizeInput`;
  const COMMIT = `${SERVICE}/CommitLeasedFileGroupResult`;

  /** INVALID_ARGUMENT that names the first argument, or nothing. */
  const refusing = (field?: string) => () => ({
    status: 3,
    ...(field && { details: [invalidArgument(field)] }),
  });

  test("the vending method refuses account_id: chunked, with a Complete after each success to be sure", async () => {
    const server = await serve({ [VEND]: refusing("account_id") });
    const { controlPlane, foundBy, vending } = await connect(server, {});
    expect(controlPlane).toMatchObject({ generation: "chunked", successEndsJob: false });
    expect(foundBy).toBe("probes");
    expect(vending).toBeDefined();
    expect(server.requests.filter(({ path }) => path === VEND)[0]?.message).toHaveLength(0);
  });

  test("neither method: inline", async () => {
    const server = await serve({});
    const { controlPlane } = await connect(server, {});
    expect(controlPlane).toMatchObject({ generation: "inline", successEndsJob: false });
  });

  test("01 §10.3: an HTTP error is how older servers say that a method is absent", async () => {
    const absent = () => ({ httpStatus: 500 });
    const server = await serve({
      [REFLECTION_V1]: absent,
      [REFLECTION_V1ALPHA]: absent,
      [VEND]: absent,
      [FINALIZE]: absent,
    });
    expect((await connect(server, {})).controlPlane.generation).toBe("inline");
  });

  test.each([
    [
      "the finalize method alone",
      { [FINALIZE]: refusing("job_id") },
      /either of two; set the wire generation/,
    ],
    ["the commit method", { [VEND]: refusing("account_id"), [COMMIT]: refusing() }, /commit generation/],
    ["no permission", { [VEND]: () => ({ status: 7 }) }, /PERMISSION_DENIED.*tells nothing; set the wire/],
    ["another refusal", { [VEND]: refusing("table_id") }, /INVALID_ARGUMENT.*tells nothing/],
    ["a success", { [VEND]: () => ({ message: new Uint8Array() }) }, /answers OK, which tells nothing/],
  ])("%s: refused", async (_, handlers, text) => {
    const server = await serve(handlers);
    await expect(connect(server, {})).rejects.toThrow(text);
  });

  test("a setting overrides both: nothing is asked", async () => {
    const server = await serve({});
    const { controlPlane, foundBy } = await connect(server, { generation: "chunked" });
    expect(controlPlane.successEndsJob).toBe(true);
    expect(foundBy).toBe("setting");
    expect(server.requests).toEqual([]);
  });

  test("a refused token is no answer: keys may be rotated, and workers aren't to end for it", async () => {
    const refusing = () => ({ status: 16, statusMessage: "token expired" });
    const server = await serve({ [REFLECTION_V1]: refusing, [VEND]: refusing });
    await expect(connect(server, {})).rejects.toMatchObject({
      kind: "unauthenticated",
      message: expect.stringContaining("token expired"),
    });
  });

  test.each([
    [14, "transport"],
    [13, "internal"],
    [8, "overloaded"],
  ])("status %d of a server that can't answer now is no answer", async (status, kind) => {
    const server = await serve({ [VEND]: () => ({ status }) });
    await expect(connect(server, {})).rejects.toMatchObject({ kind });
  });
});

/** `grpc-status-details-bin` with an `Error` whose params name a field (02 §1.4). */
function invalidArgument(field: string): string {
  const error = create(ErrorSchema, { code: ErrorCode.MC_INVALID_ARGUMENT, params: { field } });
  const status = create(StatusSchema, { code: 3, details: [anyPack(ErrorSchema, error)] });
  return Buffer.from(toBinary(StatusSchema, status)).toString("base64");
}
