/** What vending calls of both generations share (01 §9, 08 §3.2): a token, no other header, one shape of answer. */
import type { Generation } from "../../model/index.ts";
import { type CallOptions, ControlPlaneError, controlPlaneErrorKind } from "../port.ts";
import { timestampMs } from "../records/wire-values.ts";
import type { VendedStorage, VendingRequest } from "../vending.ts";
import { CallFailedError, type Credentials, invoke, type RpcOptions, tokenAccount } from "./invoke.ts";

const CALL = "vendStorageCredentials";

/** Runs a vending call with the token of the table's account (08 §1.7). */
export async function callVending<Answer>(
  generation: Generation,
  credentials: Credentials,
  request: VendingRequest,
  options: CallOptions,
  run: (rpc: RpcOptions) => Promise<Answer>,
): Promise<Answer> {
  try {
    const accountId = tokenAccount(generation, request.tableId.accountId);
    return await invoke(credentials, { accountId, headers: {} }, options, run);
  } catch (error) {
    if (!(error instanceof CallFailedError)) throw error;
    const kind = controlPlaneErrorKind(CALL, error.status, generation);
    throw new ControlPlaneError(kind, CALL, error.status, { cause: error.cause });
  }
}

/** `ResolveStorageAuthorityResponse`, alike in both generations. */
export interface VendedMessage {
  readonly authorityId?: unknown;
  readonly clientSafeConfig: Readonly<Record<string, string>>;
  readonly storageCredentials: readonly {
    readonly prefix: string;
    readonly config: Readonly<Record<string, string>>;
    readonly expiresAt?: { readonly seconds: bigint; readonly nanos: number } | undefined;
  }[];
}

export function vendedStorage(message: VendedMessage): VendedStorage {
  return {
    clientSafeConfig: { ...message.clientSafeConfig },
    credentials: message.storageCredentials.map(({ prefix, config, expiresAt }) => ({
      prefix,
      config: { ...config },
      expiresAtMs: expiresAt && timestampMs(expiresAt),
    })),
  };
}
