import type { ResourceId } from "../model/index.ts";
import type { CallOptions } from "./port.ts";

/**
 * Storage credentials from the control plane (01 §9, 08 §3). Rejects with `ControlPlaneError`; in chunked the call also
 * renews the lease, and a lost one shows as `lease-lost`.
 */
export interface CredentialVending {
  /** Undefined: no storage authority is configured for the location, so the connector's own credentials hold (decision 21). */
  vend(request: VendingRequest, options: CallOptions): Promise<VendedStorage | undefined>;
}

export interface VendingRequest {
  /** Account of the connector's id; blank ones are refused by the server. */
  readonly accountId: string;
  /** Storage location to read below; chunked refuses without one. */
  readonly location: string | undefined;
  /** The payload's table id, whole. */
  readonly tableId: ResourceId;
  readonly lease: { readonly jobId: string; readonly leaseEpoch: string };
}

export interface VendedStorage {
  /** Region, endpoint and path style: nothing secret (08 §3.3). */
  readonly clientSafeConfig: Readonly<Record<string, string>>;
  /** In the order sent; the reference uses the first. */
  readonly credentials: readonly VendedCredential[];
}

export interface VendedCredential {
  readonly prefix: string;
  /** Secrets in plain text: never to be logged. */
  readonly config: Readonly<Record<string, string>>;
  /** Undefined: no known expiry. */
  readonly expiresAtMs: number | undefined;
}
