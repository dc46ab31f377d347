/** 08 §3.6, §8.1: credentials of a leased group, from the vend to the end of its capture. */
import { expect, test } from "vitest";
import { aFileGroup } from "../../../test/support/file-groups.ts";
import type { FileGroup } from "../../model/index.ts";
import { ControlPlaneError, type VendedStorage } from "../../protocol/index.ts";
import { groupStorage } from "./group-storage.ts";

const lease = { jobId: "job-1", leaseEpoch: "lease-1", accountId: "acct" };
const { signal } = new AbortController();

function group(properties: Record<string, string> = {}): FileGroup {
  const base = aFileGroup({ generation: "chunked" });
  const resourceId = { accountId: "acct", id: "connector-1", kind: 7 };
  return {
    ...base,
    storageLocation: "s3://b/t",
    connector: { ...base.connector, resourceId, kind: "delta", properties },
  };
}

function vended(expiresAtMs: number | undefined): VendedStorage {
  const config = {
    "s3.access-key-id": "planted-vended-key",
    "s3.secret-access-key": "planted-vended-secret",
    "s3.session-token": "planted-vended-token",
  };
  return { clientSafeConfig: {}, credentials: [{ prefix: "s3://b", config, expiresAtMs }] };
}

/** A clock that stands still: keys that end at 0 are due. */
const clock = { nowMs: () => 0 };

test("08 §8.1: secrets of the lease, and those that were vended, are in no text and no error", async () => {
  for (const expiresAtMs of [undefined, 1000]) {
    const storage = await groupStorage(
      group({ "s3.secret-access-key": "planted-own-secret" }),
      { lease, signal },
      { clock, vending: { vend: async () => vended(expiresAtMs) } },
    );
    const { heldId } = storage;
    expect(heldId === undefined).toBe(expiresAtMs === undefined);
    const failure = storage.failure(new Error("signed with planted-own-secret"));
    expect(String(failure)).toBe("Error: signed with ****");
    expect(storage.scrub("planted-vended-secret, planted-vended-token")).toBe("****, ****");
    storage.release();
  }
});

test("08 §8.1: an error of the vend itself has none either", async () => {
  const refused = new ControlPlaneError("refused", "vendStorageCredentials", {
    code: "NOT_FOUND",
    message: "planted-own-secret is unknown",
  });
  const error = await groupStorage(
    group({ "s3.secret-access-key": "planted-own-secret" }),
    { lease, signal },
    { clock, vending: { vend: () => Promise.reject(refused) } },
  ).catch((reason: unknown) => reason);
  expect(String(error)).toContain("NOT_FOUND: **** is unknown");
});

test("08 §2.3, decision 24: own options stay beside the merged ones, without handles of the server", async () => {
  const own = { "s3.access-key-id": "own-key", "s3.secret-access-key": "own-secret" };
  const storage = await groupStorage(
    group({ ...own, "floecat-provider-id": "1" }),
    { lease, signal },
    { clock, vending: { vend: async () => vended(undefined) } },
  );
  expect(storage.ownOptions).toEqual(own);
  expect(storage.group.connector.properties["s3.access-key-id"]).toBe("planted-vended-key");
});
