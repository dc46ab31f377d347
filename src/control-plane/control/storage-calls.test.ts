/** 01 §9, 08 §3.3, §3.4: what the control plane vends, and what it refuses. */
import { describe, expect, it, test } from "vitest";
import {
  ACCOUNT,
  FAILED_PRECONDITION,
  type Harness,
  INVALID_ARGUMENT,
  leaseOf,
  NOT_FOUND,
  PERMISSION_DENIED,
  rootMessage,
  seed,
  start,
  TABLE_ID,
} from "../../../test/support/control-plane/harness.ts";
import type { Fields } from "../../../test/support/control-plane/independent-client.ts";
import { developmentAuthenticator } from "../auth/index.ts";
import type { StorageAuthority } from "../storage-authority/index.ts";

const NONE =
  "Credential vending was requested but no storage credential authority is configured for this table";
const KEYS = { accessKeyId: "minio", secretAccessKey: "miniostorage" };

function authority(locationPrefix: string, more: Partial<StorageAuthority> = {}): StorageAuthority {
  return { id: locationPrefix, accountId: ACCOUNT, enabled: true, locationPrefix, keys: KEYS, ...more };
}

const resolve = (harness: Harness, request: Fields) =>
  harness.client.call("storage", "ResolveStorageAuthorityForAccountLocation", {
    account_id: ACCOUNT,
    include_credentials: true,
    ...request,
  });

/** A leased group of a table, and vending for it. */
async function leased(location: string, authorities: readonly StorageAuthority[]) {
  const harness = await start("chunked", { authorities });
  seed(harness, { tableProperties: { storage_location: location } });
  const epoch = await harness.leaseGroup();
  const vend = (request: Fields = {}) =>
    harness.client.call("storage", "VendStorageCredentials", {
      account_id: ACCOUNT,
      location_prefix: location,
      table_id: TABLE_ID,
      usage: "SCU_SERVER",
      execution_binding: { reconcile_lease: leaseOf(epoch) },
      ...request,
    });
  return { harness, epoch, vend };
}

describe("08 §3.3, S21: which authority", () => {
  const authorities = [
    authority("s3://warehouse"),
    authority("s3://warehouse/orders/"),
    authority("s3://warehouse/orders", { id: "disabled", enabled: false }),
    authority("s3://warehouse/orders/deep", { id: "another account's", accountId: "other" }),
    authority(" ", { id: "blank" }),
  ];

  test.each([
    ["s3://warehouse/orders", "s3://warehouse/orders/"],
    ["s3://warehouse/orders/deep/x", "s3://warehouse/orders/"],
    ["s3://warehouse/orders2/x", "s3://warehouse"],
    ["s3://warehouse/", "s3://warehouse"],
    ["s3a://warehouse/orders", undefined],
    ["s3://Warehouse/orders", undefined],
    ["s3://warehouse2", undefined],
  ])("%s: %s", async (location, expected) => {
    const inline = await start("inline", { authorities });
    const found = await resolve(inline, { location_prefix: location });
    expect(found.code).toBe(0);
    expect(found.response.authority_id).toEqual(
      expected === undefined
        ? undefined
        : { account_id: ACCOUNT, id: expected, kind: "RK_STORAGE_AUTHORITY" },
    );
    const { vend } = await leased(location, authorities);
    const vended = await vend();
    if (expected === undefined) expect(rootMessage(vended)).toBe(NONE);
    else expect(vended.response.authority_id).toMatchObject({ id: expected });
  });
});

test("08 §3.3: region, endpoint and path style, then the same with the keys", async () => {
  const authorities = [
    authority("s3://w", {
      region: "eu-west-1",
      endpoint: "http://minio:9000",
      pathStyle: false,
      keys: { ...KEYS, sessionToken: "t" },
    }),
  ];
  const safe = {
    "s3.region": "eu-west-1",
    region: "eu-west-1",
    "client.region": "eu-west-1",
    "s3.endpoint": "http://minio:9000",
    "s3.path-style-access": "false",
  };
  const config = {
    type: "s3",
    ...safe,
    "s3.access-key-id": "minio",
    "s3.secret-access-key": "miniostorage",
    "s3.session-token": "t",
  };
  const inline = await start("inline", { authorities });
  const resolved = await resolve(inline, { location_prefix: "s3://w/t" });
  expect(resolved.response).toMatchObject({
    client_safe_config: safe,
    storage_credentials: [{ prefix: "s3://w/t", config }],
  });
  const withoutKeys = await resolve(inline, { location_prefix: "s3://w/t", include_credentials: false });
  expect(withoutKeys.response).toMatchObject({ client_safe_config: safe });
  expect(withoutKeys.response.storage_credentials ?? []).toEqual([]);
  const { vend } = await leased("s3://w/t", authorities);
  expect((await vend()).response).toMatchObject({
    client_safe_config: safe,
    storage_credentials: [{ prefix: "s3://w/t", config, expires_at: null }],
  });
});

test("08 §3.3: keys with a life have an end and a token, new ones each time", async () => {
  const authorities = [authority("s3://w", { keys: { ...KEYS, lifetimeSeconds: 3 } })];
  const { harness, vend } = await leased("s3://w/t", authorities);
  const tokens = new Set<unknown>();
  for (const answer of [await vend(), await vend()]) {
    const credentials = answer.response.storage_credentials;
    const [credential] = Array.isArray(credentials) ? credentials : [];
    expect(credential.expires_at).toMatchObject({ seconds: String(harness.clock.nowMs() / 1000 + 3) });
    tokens.add(credential.config["s3.session-token"]);
  }
  expect(tokens.size).toBe(2);
});

describe("08 §3.4 inline", () => {
  it("has no error for a location without an authority, unless one is required", async () => {
    const harness = await start("inline");
    expect((await resolve(harness, { location_prefix: "s3://w" })).code).toBe(0);
    expect(rootMessage(await resolve(harness, { required: true }))).toBe(NONE);
    expect((await resolve(harness, { account_id: "" })).error?.params.field).toBe("account_id");
  });

  it("refuses an authority without a secret, and hides why credentials could not be made", async () => {
    const authorities = [
      authority("s3://none", { keys: undefined }),
      authority("s3://role", { keys: undefined, role: { arn: "arn:aws:iam::1:role/r" } }),
    ];
    const harness = await start("inline", { authorities });
    for (const location_prefix of ["s3://none/t", "s3://role/t"]) {
      expect(rootMessage(await resolve(harness, { location_prefix }))).toBe(NONE);
    }
    const failing = await start("inline", {
      authorities: [authority("s3://w")],
      mint: () => Promise.reject(new Error("STS said miniostorage")),
    });
    const answer = await resolve(failing, { location_prefix: "s3://w" });
    expect(answer.code).toBe(13);
    expect(JSON.stringify(answer)).not.toContain("miniostorage");
  });
});

describe("08 §3.4 chunked, in the order of its rows", () => {
  const TABLE = "s3://warehouse/orders";

  test("rows 1, 3 and 8: what the request must say", async () => {
    const { vend } = await leased(TABLE, []);
    expect((await vend({ account_id: " " })).error?.params.field).toBe("account_id");
    expect((await vend({ execution_binding: {} })).error?.params.field).toBe("execution_binding");
    expect(rootMessage(await vend({ location_prefix: " " }))).toBe(
      "Credential vending was requested but no concrete storage location is available for this table",
    );
  });

  test("row 2: a caller without the permission", async () => {
    const authenticate = async (call: Parameters<ReturnType<typeof developmentAuthenticator>>[0]) => ({
      ...(await developmentAuthenticator({ accountId: ACCOUNT, accountHeader: "x" })(call)),
      permissions: new Set(["reconcile-executor-control.internal"] as const),
    });
    const harness = await start("chunked", { authenticate });
    const answer = await harness.client.call("storage", "VendStorageCredentials", { account_id: ACCOUNT });
    expect(answer.code).toBe(PERMISSION_DENIED);
  });

  test("rows 4, 5 and 7: a lease that is lost or of a job that has ended carries the marker", async () => {
    const { harness, epoch, vend } = await leased(TABLE, [authority(TABLE)]);
    const stale = await vend({ execution_binding: { reconcile_lease: leaseOf("stale") } });
    expect(stale.code).toBe(FAILED_PRECONDITION);
    expect(stale.error).toMatchObject({
      message: "Precondition failed.",
      params: { reason: "RECONCILE_LEASE_PRECONDITION_FAILED" },
    });
    expect(stale.statuses[0]?.message).toBe("reconcile lease is no longer valid");
    await harness.call("CompleteLeasedReconcileJob", {
      ...leaseOf(epoch),
      state: "RCS_FAILED",
      failure_retry_disposition: "RFRD_TERMINAL",
    });
    expect((await vend()).error?.params.reason).toBe("RECONCILE_LEASE_PRECONDITION_FAILED");
  });

  test("08 §3.2: it renews the lease", async () => {
    const { harness, vend } = await leased(TABLE, [authority(TABLE)]);
    const before = harness.store.leases.get("job-1")?.expiresAtMs ?? 0;
    await harness.clock.advance(10_000);
    await vend();
    expect(harness.store.leases.get("job-1")?.expiresAtMs).toBe(before + 10_000);
  });

  test("08 S24, row 6: another account's job", async () => {
    const { vend } = await leased(TABLE, [authority(TABLE)]);
    const answer = await vend({ account_id: "other" });
    expect(answer.code).toBe(PERMISSION_DENIED);
    expect(rootMessage(answer)).toBe(
      "PERMISSION_DENIED: reconcile lease account does not match requested account",
    );
  });

  test("rows 9 and 10: a table that is gone, and one without a location", async () => {
    const { harness, vend } = await leased("  ", [authority(TABLE)]);
    const table = harness.store.catalog.table(ACCOUNT, "table-1");
    if (table === undefined) throw new Error("no table");
    harness.store.catalog.putTable({
      ...table,
      upstreamUri: "/not/a/uri",
      properties: { location: "orders" },
    });
    expect(rootMessage(await vend({ location_prefix: TABLE }))).toBe(
      "FAILED_PRECONDITION: reconcile lease is not bound to a concrete storage location",
    );
    const gone = await leased(TABLE, [authority(TABLE)]);
    harnessJobOf(gone.harness, "no-such-table");
    const answer = await gone.vend();
    expect(answer.code).toBe(NOT_FOUND);
    expect(answer.error).toMatchObject({ message_key: "table", params: { id: "no-such-table" } });
    expect(answer.error?.message).toBe("Table not found: no-such-table.");
  });

  test("08 S22, S23, row 11: below and above the table is allowed, beside it is not", async () => {
    const { vend } = await leased(TABLE, [authority("s3://warehouse")]);
    for (const location_prefix of [
      TABLE,
      `${TABLE}/data/part-999.parquet`,
      "s3://warehouse",
      "s3://warehouse/",
    ]) {
      expect((await vend({ location_prefix })).code).toBe(0);
    }
    for (const location_prefix of ["s3://warehouse/other/x", "s3://warehouse/orders2", "s3://ware"]) {
      const answer = await vend({ location_prefix });
      expect(answer.code).toBe(PERMISSION_DENIED);
      expect(rootMessage(answer)).toBe(
        "PERMISSION_DENIED: requested location is outside the leased reconcile storage scope",
      );
    }
  });

  test("rows 12, 14 and 15: no authority, one without a secret, one whose role can't be assumed", async () => {
    const none = await (await leased(TABLE, [authority("s3://elsewhere")])).vend();
    expect(none.code).toBe(INVALID_ARGUMENT);
    expect(rootMessage(none)).toBe(NONE);
    const unusable = await (await leased(TABLE, [authority(TABLE, { keys: undefined })])).vend();
    expect(rootMessage(unusable)).toBe("Unsupported storage credential authority");
  });
});

/** Points the leased group at another table. */
function harnessJobOf(harness: Harness, tableId: string): void {
  const job = harness.job();
  harness.engine.save({ ...job, snapshot: { tableId, snapshotId: 55n } });
}
