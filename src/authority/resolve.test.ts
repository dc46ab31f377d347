import { expect, test } from "vitest";
import { type FileGroup, SourceMissingError } from "../model/index.ts";
import {
  ControlPlaneError,
  type CredentialVending,
  type VendedStorage,
  type VendingRequest,
} from "../protocol/index.ts";
import { resolveStorage } from "./resolve.ts";
import { fileGroup } from "./testing/file-group.ts";

const KEYS = { "s3.access-key-id": "k", "s3.secret-access-key": "s" };
const SAFE = { "s3.endpoint": "http://minio:9000" };
const found: VendedStorage = {
  clientSafeConfig: SAFE,
  credentials: [{ prefix: "s3://b", config: KEYS, expiresAtMs: undefined }],
};
const HINT = { "X-Iceberg-Access-Delegation": "vended-credentials" };

type Answer = VendedStorage | Error | undefined;

/** Each vend takes the next answer; the last one stays. */
async function resolved(group: FileGroup, ...answers: Answer[]) {
  const requests: VendingRequest[] = [];
  const vending: CredentialVending = {
    async vend(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const storage = resolveStorage(group, {
    vending,
    lease: { jobId: "job-1", leaseEpoch: "epoch-1" },
    clock: { nowMs: () => 0 },
    signal: new AbortController().signal,
  });
  return { requests, ...(await storage.then((value) => ({ ...value }))) };
}

function failure(code: string, kind: ControlPlaneError["kind"] = "refused"): ControlPlaneError {
  return new ControlPlaneError(kind, "vendStorageCredentials", { code, message: "no" });
}

function rest(headerHints: Record<string, string> = {}): FileGroup {
  return fileGroup("inline", {
    kind: "iceberg",
    uri: "https://catalog",
    properties: { "iceberg.source": "rest", warehouse: "s3://w" },
    auth: { scheme: "none", properties: {}, headerHints },
  });
}

function filesystem(headerHints: Record<string, string> = {}): FileGroup {
  return fileGroup("inline", {
    kind: "iceberg",
    uri: "s3://b/t",
    properties: { "iceberg.source": "filesystem" },
    auth: { scheme: "none", properties: {}, headerHints },
  });
}

const delta = (generation: "inline" | "chunked") =>
  fileGroup(generation, { properties: { "delta.table-root": "s3://b/t", ...KEYS } });

test("08 S1, §3.2: asks once, with the connector's account, the table and the lease", async () => {
  const { requests } = await resolved(fileGroup("chunked"), found);
  expect(requests).toEqual([
    {
      accountId: "acct",
      location: "s3://b/t",
      tableId: { accountId: "acct", id: "table-1", kind: 4 },
      lease: { jobId: "job-1", leaseEpoch: "epoch-1" },
    },
  ]);
});

test("08 §3.1: without a location nothing is asked; foreign handles are dropped all the same", async () => {
  const group = fileGroup("chunked", { properties: { ...KEYS, "floecat-provider-id": "1" } });
  const { requests, connector } = await resolved({ ...group, storageLocation: "abfss://x" }, found);
  expect(requests).toEqual([]);
  expect(connector.properties).toEqual(KEYS);
});

test.each([failure("UNAVAILABLE", "transport"), failure("INTERNAL", "internal"), undefined])(
  "08 S7 inline rest: without an answer the catalog is asked for credentials (%s)",
  async (answer) => {
    const { connector } = await resolved(rest(), answer);
    expect(connector.auth.headerHints).toEqual(HINT);
    expect(connector.properties).toEqual(rest().connector.properties);
  },
);

test("08 §3.4 inline rest: a hint that is there, in any case, stays alone", async () => {
  const hint = { "x-iceberg-access-delegation": "remote-signing" };
  expect((await resolved(rest(hint), undefined)).connector.auth.headerHints).toEqual(hint);
});

test("04 T17, 08 S8 inline rest with the delegation hint: endpoint, region and path style alone", async () => {
  const hint = { "x-iceberg-access-delegation": "vended-credentials" };
  const { connector } = await resolved(rest(hint), found);
  expect(connector.properties).toEqual({ "iceberg.source": "rest", warehouse: "s3://w", ...SAFE });
  expect(connector.auth.headerHints).toEqual(hint);
});

test("08 §3.4 inline rest: an authority is merged whole and the catalog isn't asked", async () => {
  const { connector } = await resolved(rest(), found);
  expect(connector.properties).toMatchObject({ ...SAFE, ...KEYS });
  expect(connector.auth.headerHints).toEqual({});
});

test("08 §4.3 inline rest: an authority without credentials leaves them to the catalog", async () => {
  const { connector } = await resolved(rest(), { clientSafeConfig: SAFE, credentials: [] });
  expect(connector.properties).toMatchObject(SAFE);
  expect(connector.auth.headerHints).toEqual(HINT);
});

test("08 §3.4 inline filesystem: with the hint only what is no secret, without it all", async () => {
  const own = { "iceberg.source": "filesystem" };
  expect((await resolved(filesystem(HINT), found)).connector.properties).toEqual({ ...own, ...SAFE });
  expect((await resolved(filesystem(), found)).connector.properties).toEqual({ ...own, ...SAFE, ...KEYS });
});

test("08 S9 inline Delta: without an authority the connector stays as it is, hints too", async () => {
  const { connector } = await resolved(delta("inline"), undefined);
  expect(connector).toEqual(delta("inline").connector);
});

test("08 §3.4 inline: an error of the call is the capture's, except for rest", async () => {
  for (const group of [delta("inline"), filesystem()]) {
    await expect(resolved(group, failure("INTERNAL", "internal"))).rejects.toThrow("INTERNAL: no");
  }
});

test("08 S10, decision 21 chunked: without an authority the connector's own credentials hold", async () => {
  const { connector, renewing } = await resolved(delta("chunked"), undefined);
  expect(connector.properties).toEqual(delta("chunked").connector.properties);
  expect(renewing).toBeUndefined();
});

test("08 §3.4 chunked: an error is the capture's; a lost lease stays one", async () => {
  const lost = failure("FAILED_PRECONDITION", "lease-lost");
  await expect(resolved(delta("chunked"), lost)).rejects.toBe(lost);
});

test("08 §6: a table that the server doesn't know is a missing source", async () => {
  await expect(resolved(delta("chunked"), failure("NOT_FOUND"))).rejects.toThrow(SourceMissingError);
});

test("08 §3.2: one more try where the server was not there, none after an answer", async () => {
  const unavailable = failure("UNAVAILABLE", "transport");
  expect((await resolved(delta("chunked"), unavailable, found)).requests).toHaveLength(2);
  await expect(resolved(delta("chunked"), unavailable, unavailable, found)).rejects.toBe(unavailable);
  const internal = failure("INTERNAL", "internal");
  await expect(resolved(delta("chunked"), internal, found)).rejects.toBe(internal);
});

test("08 S11: keys that end come beside the options, in both generations", async () => {
  const config = { ...KEYS, "s3.session-token": "t" };
  const answer = { clientSafeConfig: SAFE, credentials: [{ prefix: "", config, expiresAtMs: 60_000 }] };
  for (const generation of ["inline", "chunked"] as const) {
    const { connector, renewing } = await resolved(delta(generation), answer);
    expect(connector.properties).toEqual({ "delta.table-root": "s3://b/t", ...SAFE });
    expect(await renewing?.current({ signal: new AbortController().signal })).toEqual({
      accessKeyId: "k",
      secretAccessKey: "s",
      sessionToken: "t",
      renewAtMs: 40_000,
    });
  }
});

test("decision 24: the connector's own options are kept for its catalog", async () => {
  const { ownOptions } = await resolved(delta("chunked"), found);
  expect(ownOptions).toEqual(delta("chunked").connector.properties);
});
