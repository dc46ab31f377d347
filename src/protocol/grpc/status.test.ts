import { constants } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { afterEach, expect, test } from "vitest";
import { ErrorCode, ErrorSchema } from "../chunked/gen/floecat/common/common_pb.ts";
import { ReconcileExecutorControl } from "../chunked/gen/floecat/reconciler/reconciler_pb.ts";
import type { StatusParts } from "../port.ts";
import { type RawReply, startRawServer } from "../testing/raw-grpc-server.ts";
import { openConnection } from "./connection.ts";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "./gen/google/rpc/status_pb.ts";
import { saysMethodAbsent, statusOf, statusParts } from "./status.ts";

/** 01 D6. */
const LOCALISED =
  "CAkSFFByZWNvbmRpdGlvbiBmYWlsZWQuGn0KMnR5cGUuZ29vZ2xlYXBpcy5jb20vYWkuZmxvZWRiLmZsb2VjYXQuY29tbW9uLkVycm9yEkcI" +
  "AxIUUHJlY29uZGl0aW9uIGZhaWxlZC4aLQoGcmVhc29uEiNSRUNPTkNJTEVfTEVBU0VfUFJFQ09ORElUSU9OX0ZBSUxFRA==";

/** The first value as a chunked server makes it: `Error` and `ErrorInfo`, the text not localised. */
const ORIGINAL = Buffer.from(
  toBinary(
    StatusSchema,
    create(StatusSchema, {
      code: 9,
      message: "reconcile lease is no longer valid",
      details: [
        anyPack(
          ErrorSchema,
          create(ErrorSchema, {
            code: ErrorCode.MC_PRECONDITION_FAILED,
            message: "reconcile lease is no longer valid",
            params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
          }),
        ),
        anyPack(
          ErrorInfoSchema,
          create(ErrorInfoSchema, {
            reason: "RECONCILE_LEASE_PRECONDITION_FAILED",
            domain: "ai.floedb.floecat.reconciler",
          }),
        ),
      ],
    }),
  ),
).toString("base64");

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What a call to a server that gives this answer ends with. */
async function statusOfCall(answer: RawReply): Promise<StatusParts> {
  const server = await startRawServer({
    "/ai.floedb.floecat.reconciler.ReconcileExecutorControl/RenewReconcileLease": () => answer,
  });
  const connection = openConnection({
    url: server.url,
    maxReceiveBytes: 1 << 20,
    keepAliveMs: 30_000,
    keepAliveTimeoutMs: 10_000,
  });
  cleanUps.push(
    () => server.close(),
    () => connection.close(),
  );
  const client = createClient(ReconcileExecutorControl, connection.transport);
  return client.renewReconcileLease({ jobId: "job-1" }).then(
    () => {
      throw new Error("the call succeeded");
    },
    (error) => statusOf(error),
  );
}

const LEASE_LOST = {
  code: "FAILED_PRECONDITION",
  errorCode: "MC_PRECONDITION_FAILED",
  message: "Precondition failed.",
  params: {
    reason: "RECONCILE_LEASE_PRECONDITION_FAILED",
    root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid",
  },
  errorInfoReason: "RECONCILE_LEASE_PRECONDITION_FAILED",
};

test("01 D6: a localised value", () => {
  expect(statusParts(9, "", [LOCALISED])).toMatchObject({
    code: "FAILED_PRECONDITION",
    errorCode: "MC_PRECONDITION_FAILED",
    message: "Precondition failed.",
    params: { reason: "RECONCILE_LEASE_PRECONDITION_FAILED" },
  });
});

test("02 §1.4, 01 D7: two headers of the same name: Error from the last, ErrorInfo from the first", async () => {
  const answer = { status: 9, statusMessage: "Precondition failed.", details: [ORIGINAL, LOCALISED] };
  expect(await statusOfCall(answer)).toMatchObject(LEASE_LOST);
});

test.each([", ", ",", " , "])("02 §1.4: two values joined by %j read the same", async (separator) => {
  const details = [`${ORIGINAL}${separator}${LOCALISED}`];
  expect(await statusOfCall({ status: 9, details })).toMatchObject(LEASE_LOST);
});

test("01 §8.2: values without padding", async () => {
  const details = [ORIGINAL.replaceAll("=", ""), LOCALISED.replaceAll("=", "")];
  expect(await statusOfCall({ status: 9, details })).toMatchObject(LEASE_LOST);
});

test("02 §1.4: an error without a body carries its details in the headers", async () => {
  const answer = { status: 9, details: [ORIGINAL, LOCALISED], headersOnly: true };
  expect(await statusOfCall(answer)).toMatchObject(LEASE_LOST);
});

test("01 §8.2: an error raised before the service has no details", async () => {
  const status = await statusOfCall({ status: 16, statusMessage: "missing%20authorization%20token" });
  expect(status).toEqual({ code: "UNAUTHENTICATED", message: "missing authorization token" });
});

test("a value that can't be decoded leaves code and text", async () => {
  const status = await statusOfCall({ status: 10, statusMessage: "Conflict", details: ["////", "%%%"] });
  expect(status).toEqual({ code: "ABORTED", message: "Conflict" });
});

test("a status message with a bare % leaves the code", async () => {
  expect(await statusOfCall({ status: 5, statusMessage: "100% gone" })).toEqual({
    code: "NOT_FOUND",
    message: "100% gone",
  });
});

test.each<[string, RawReply, boolean]>([
  ["UNIMPLEMENTED", { status: 12, headersOnly: true }, true],
  ["HTTP 500 without a gRPC status", { httpStatus: 500 }, true],
  ["UNKNOWN with details", { status: 2, details: [LOCALISED] }, false],
  ["UNAVAILABLE", { status: 14 }, false],
])("01 §10.3: method absent, %s", async (_name, answer, absent) => {
  expect(saysMethodAbsent(await statusOfCall(answer))).toBe(absent);
});

test.each([
  ["NO_ERROR", constants.NGHTTP2_NO_ERROR],
  ["CANCEL", constants.NGHTTP2_CANCEL],
  ["REFUSED_STREAM", constants.NGHTTP2_REFUSED_STREAM],
  ["ENHANCE_YOUR_CALM", constants.NGHTTP2_ENHANCE_YOUR_CALM],
  ["INADEQUATE_SECURITY", constants.NGHTTP2_INADEQUATE_SECURITY],
])("03 §3.5: an answer cut off with %s is a loss, not a refusal", async (_name, cutOff) => {
  expect(await statusOfCall({ cutOff })).toMatchObject({ code: "UNAVAILABLE" });
});

test("03 §3.5: the same codes from the server are its answer", async () => {
  expect(await statusOfCall({ status: 3, statusMessage: "http/2 no" })).toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(await statusOfCall({ status: 1, headersOnly: true })).toMatchObject({ code: "CANCELLED" });
});

test("a stream that was refused has had no effect, one that was answered UNAVAILABLE may have", async () => {
  expect(await statusOfCall({ refused: true })).toMatchObject({ code: "UNAVAILABLE", unsent: true });
  expect((await statusOfCall({ status: 14 })).unsent).toBeUndefined();
});

test("a server that isn't there is UNAVAILABLE, and has not been reached", async () => {
  const server = await startRawServer({});
  await server.close();
  const connection = openConnection({
    url: server.url,
    maxReceiveBytes: 1,
    keepAliveMs: 30_000,
    keepAliveTimeoutMs: 1,
  });
  cleanUps.push(() => connection.close());
  const client = createClient(ReconcileExecutorControl, connection.transport);
  const status = await client.renewReconcileLease({}).catch(statusOf);
  expect(status).toMatchObject({ code: "UNAVAILABLE", unsent: true });
});
