/** Vending by account and location: not bound to the lease, and an empty answer when no authority matches (01 §9). */
import { createClient, type Transport } from "@connectrpc/connect";
import type { Credentials } from "../calls/invoke.ts";
import { callVending, type VendedMessage, vendedStorage } from "../calls/vending.ts";
import type { CredentialVending } from "../vending.ts";
import { StorageAuthorities } from "./gen/floecat/storage/authority_pb.ts";

export function inlineVending(transport: Transport, credentials: Credentials): CredentialVending {
  const client = createClient(StorageAuthorities, transport);
  return {
    async vend(request, options) {
      const message = {
        accountId: request.accountId,
        ...(request.location === undefined ? {} : { locationPrefix: request.location }),
        includeCredentials: true,
        required: false,
      };
      const answer = await callVending("inline", credentials, request, options, (rpc) =>
        client.resolveStorageAuthorityForAccountLocation(message, rpc),
      );
      return isEmpty(answer) ? undefined : vendedStorage(answer);
    },
  };
}

/** The answer where no authority matches (08 §3.4). */
function isEmpty({ authorityId, clientSafeConfig, storageCredentials }: VendedMessage): boolean {
  return (
    authorityId === undefined && Object.keys(clientSafeConfig).length === 0 && storageCredentials.length === 0
  );
}
