/** Vending by lease: bound to the leased table, renews the lease, and refuses when no authority matches (01 §9, 08 §3.4). */
import { createClient, type Transport } from "@connectrpc/connect";
import type { Credentials } from "../calls/invoke.ts";
import { callVending, vendedStorage } from "../calls/vending.ts";
import { ControlPlaneError } from "../port.ts";
import { resourceIdInit } from "../records/wire-values.ts";
import type { CredentialVending } from "../vending.ts";
import { StorageAuthorities, StorageCredentialUsage } from "./gen/floecat/storage/authority_pb.ts";

/** 08 §3.4 row 12, the one refusal that means "none is configured". */
const NO_AUTHORITY =
  "Credential vending was requested but no storage credential authority is configured for this table";

export function chunkedVending(transport: Transport, credentials: Credentials): CredentialVending {
  const client = createClient(StorageAuthorities, transport);
  return {
    async vend(request, options) {
      const { jobId, leaseEpoch } = request.lease;
      const message = {
        accountId: request.accountId,
        ...(request.location === undefined ? {} : { locationPrefix: request.location }),
        tableId: resourceIdInit(request.tableId),
        usage: StorageCredentialUsage.SCU_SERVER,
        executionBinding: { binding: { case: "reconcileLease" as const, value: { jobId, leaseEpoch } } },
      };
      try {
        const answer = await callVending("chunked", credentials, request, options, (rpc) =>
          client.vendStorageCredentials(message, rpc),
        );
        return vendedStorage(answer);
      } catch (error) {
        if (saysNoAuthority(error)) return undefined;
        throw error;
      }
    },
  };
}

function saysNoAuthority(error: unknown): boolean {
  return (
    error instanceof ControlPlaneError &&
    error.status.code === "INVALID_ARGUMENT" &&
    error.status.params?.root_message === NO_AUTHORITY
  );
}
