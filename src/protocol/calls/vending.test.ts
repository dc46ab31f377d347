/** Credential vending as a server sees it (01 §9, 08 §3.2). */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ErrorSchema } from "../chunked/gen/floecat/common/common_pb.ts";
import * as storage from "../chunked/gen/floecat/storage/authority_pb.ts";
import { StatusSchema } from "../grpc/gen/google/rpc/status_pb.ts";
import * as inlineStorage from "../inline/gen/floecat/storage/authority_pb.ts";
import {
  answer,
  connect,
  options,
  STORAGE_AUTHORITIES as STORAGE,
  serve,
  tableId,
} from "../testing/connected.ts";
import type { RawHandler } from "../testing/raw-grpc-server.ts";

const request = {
  accountId: "acct",
  location: "s3://warehouse/ns/table",
  tableId,
  lease: { jobId: "job-1", leaseEpoch: "lease-1" },
};
const vended = {
  authorityId: { accountId: "acct", id: "authority-1", kind: 16 },
  clientSafeConfig: { "s3.region": "eu-west-1" },
  storageCredentials: [
    {
      prefix: "s3://warehouse",
      config: { "s3.access-key-id": "minio" },
      expiresAt: { seconds: 5n, nanos: 500_000_000 },
    },
  ],
} as const;
const storageAnswer = {
  clientSafeConfig: { "s3.region": "eu-west-1" },
  credentials: [{ prefix: "s3://warehouse", config: { "s3.access-key-id": "minio" }, expiresAtMs: 5500 }],
};

test("chunked: by lease, for the server's use", async () => {
  const server = await serve({
    [`${STORAGE}/VendStorageCredentials`]: answer(storage.ResolveStorageAuthorityResponseSchema, {
      ...vended,
      storageCredentials: [...vended.storageCredentials],
    }),
  });
  const { vending } = await connect(server, { generation: "chunked" });
  expect(await vending?.vend(request, options)).toEqual(storageAnswer);
  const [sent] = server.requests;
  expect(fromBinary(storage.VendStorageCredentialsRequestSchema, sent!.message)).toMatchObject({
    accountId: "acct",
    locationPrefix: "s3://warehouse/ns/table",
    tableId,
    usage: 2,
    executionBinding: {
      binding: { case: "reconcileLease", value: { jobId: "job-1", leaseEpoch: "lease-1" } },
    },
  });
  expect(sent?.headers).not.toHaveProperty("x-floe-account");
  expect(sent?.headers).not.toHaveProperty("x-correlation-id");
});

test("inline: by account and location; an empty answer means that there is no authority", async () => {
  const answers: RawHandler[] = [
    answer(inlineStorage.ResolveStorageAuthorityResponseSchema, {
      ...vended,
      storageCredentials: [...vended.storageCredentials],
    }),
    answer(inlineStorage.ResolveStorageAuthorityResponseSchema, {}),
  ];
  const server = await serve({
    [`${STORAGE}/ResolveStorageAuthorityForAccountLocation`]: (sent) => answers.shift()?.(sent) ?? {},
  });
  const { vending } = await connect(server, { generation: "inline" });
  expect(await vending?.vend(request, options)).toEqual(storageAnswer);
  expect(await vending?.vend(request, options)).toBeUndefined();
  const schema = inlineStorage.ResolveStorageAuthorityForAccountLocationRequestSchema;
  expect(fromBinary(schema, server.requests[0]!.message)).toMatchObject({
    accountId: "acct",
    locationPrefix: "s3://warehouse/ns/table",
    includeCredentials: true,
    required: false,
  });
});

test("chunked: a lost lease shows as such", async () => {
  const details = [
    "CAkSFFByZWNvbmRpdGlvbiBmYWlsZWQuGn0KMnR5cGUuZ29vZ2xlYXBpcy5jb20vYWkuZmxvZWRiLmZsb2VjYXQuY29tbW9uLkVycm9yEkcI" +
      "AxIUUHJlY29uZGl0aW9uIGZhaWxlZC4aLQoGcmVhc29uEiNSRUNPTkNJTEVfTEVBU0VfUFJFQ09ORElUSU9OX0ZBSUxFRA==",
  ];
  const server = await serve({ [`${STORAGE}/VendStorageCredentials`]: () => ({ status: 9, details }) });
  const { vending } = await connect(server, { generation: "chunked" });
  await expect(vending?.vend(request, options)).rejects.toMatchObject({
    kind: "lease-lost",
    call: "vendStorageCredentials",
  });
});

/** `INVALID_ARGUMENT` with a text that is only in `root_message`, as the peer says it (02 §1.4). */
function badArgument(rootMessage: string) {
  const error = create(ErrorSchema, {
    code: 4,
    message: "Invalid argument.",
    params: { root_message: rootMessage },
  });
  const status = create(StatusSchema, { code: 3, details: [anyPack(ErrorSchema, error)] });
  return { status: 3, details: [Buffer.from(toBinary(StatusSchema, status)).toString("base64")] };
}

test("decision 21, 08 S10: chunked without an authority leaves the connector's own credentials", async () => {
  const text =
    "Credential vending was requested but no storage credential authority is configured for this table";
  const server = await serve({ [`${STORAGE}/VendStorageCredentials`]: () => badArgument(text) });
  const { vending } = await connect(server, { generation: "chunked" });
  expect(await vending?.vend(request, options)).toBeUndefined();
});

test("08 §3.4 row 14: any other bad argument is an error", async () => {
  const refusal = () => badArgument("Unsupported storage credential authority");
  const server = await serve({ [`${STORAGE}/VendStorageCredentials`]: refusal });
  const { vending } = await connect(server, { generation: "chunked" });
  await expect(vending?.vend(request, options)).rejects.toMatchObject({ kind: "invalid" });
});
