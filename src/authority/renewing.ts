import { AccessDeniedError, type Clock } from "../model/index.ts";
import { ControlPlaneError, TokenError, type VendedStorage } from "../protocol/index.ts";
import type { CredentialRequest, S3CredentialSource, S3Credentials, S3Keys } from "../storage/index.ts";
import { type TemporaryKeys, temporaryKeys } from "./merge.ts";

/**
 * Vended keys that end, renewed ahead of time by the request that gave them (08 §3.6). One renewal runs at a time and all who
 * ask share it; one that fails is borne while the old keys are good; a refusal is final and remembered. Where the reference
 * asks again with every read after a failed renewal, a moment passes here.
 */
export interface RenewingCredentials extends S3CredentialSource {
  /** Those in use, whether or not they are due. */
  readonly keys: S3Keys;
  /** Why no further keys will come: what the capture ended with, whatever its readers say. */
  readonly refusal: Error | undefined;
}

const MAX_SKEW_MS = 300_000;
const SKEW_SHARE = 1 / 3;
const RETRY_MS = 1000;

export interface RenewalOptions {
  readonly first: TemporaryKeys;
  /** The same request again. */
  readonly vend: () => Promise<VendedStorage | undefined>;
  readonly clock: Pick<Clock, "nowMs">;
}

export function renewingCredentials({ first, vend, clock }: RenewalOptions): RenewingCredentials {
  // Fixed by the first keys, whatever later ones last (08 §3.6).
  const skewMs = Math.max(0, Math.min(MAX_SKEW_MS, (first.expiresAtMs - clock.nowMs()) * SKEW_SHARE));
  let keys = first;
  let dueAtMs = first.expiresAtMs - skewMs;
  let refusal: Error | undefined;
  let flight: Promise<void> | undefined;

  async function renew(): Promise<void> {
    try {
      keys = renewedKeys(await vend());
      dueAtMs = keys.expiresAtMs - skewMs;
    } catch (error) {
      if (!isRefusal(error)) {
        dueAtMs = clock.nowMs() + RETRY_MS;
        throw error;
      }
      refusal = new AccessDeniedError("Execution-bound storage credential refresh was rejected", {
        cause: error,
      });
      throw refusal;
    }
  }

  return {
    get keys() {
      return keys;
    },
    get refusal() {
      return refusal;
    },
    async current({ rejected }: CredentialRequest): Promise<S3Credentials> {
      if (refusal !== undefined) throw refusal;
      const isRejected = () => rejected !== undefined && isSame(rejected, keys);
      if (isRejected() || clock.nowMs() >= Math.min(dueAtMs, keys.expiresAtMs)) {
        flight ??= renew().finally(() => {
          flight = undefined;
        });
        try {
          await flight;
        } catch (error) {
          if (refusal !== undefined || isRejected() || clock.nowMs() >= keys.expiresAtMs) throw error;
        }
      }
      const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = keys;
      return { accessKeyId, secretAccessKey, sessionToken, renewAtMs: Math.min(dueAtMs, expiresAtMs) };
    },
  };
}

function renewedKeys(vended: VendedStorage | undefined): TemporaryKeys {
  const [credential] = vended?.credentials ?? [];
  const keys = credential && temporaryKeys(credential);
  if (keys !== undefined) return keys;
  throw new Error(
    "Expected refreshable execution-bound credentials with access key, secret key, session token, and expiresAt",
  );
}

/** A token that couldn't be had says nothing of what the server would answer. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ControlPlaneError)) return false;
  if (error.kind === "unauthenticated") return !(error.cause instanceof TokenError);
  return error.kind === "lease-lost" || error.status.code === "PERMISSION_DENIED";
}

function isSame(one: S3Keys, other: S3Keys): boolean {
  return one.accessKeyId === other.accessKeyId && one.sessionToken === other.sessionToken;
}
