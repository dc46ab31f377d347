/**
 * Storage keys that a REST catalog vended and that end: renewed ahead of time, from the table's
 * `client.refresh-credentials-endpoint` or by loading the table again, and at once where the store has refused them (08 §4.3).
 */
import { type Clock, TableError } from "../../../model/index.ts";
import type { CredentialRequest, S3CredentialSource, S3Credentials, S3Keys } from "../../../storage/index.ts";
import { type CatalogKeys, catalogKeys, type OptionLayer } from "./file-access.ts";

export interface KeyRenewal {
  readonly layer: OptionLayer;
  /** The catalog's layers anew: its `storage-credentials`, and for prefix `""` the table's `config`. */
  readonly ask: (signal: AbortSignal) => Promise<readonly OptionLayer[]>;
  readonly clock: Pick<Clock, "nowMs">;
}

const MAX_SKEW_MS = 300_000;
const SKEW_SHARE = 1 / 3;
/** After a renewal that failed while the old keys are good. */
const RETRY_MS = 5000;

export function renewedKeys({ layer, ask, clock }: KeyRenewal): S3CredentialSource {
  let keys = catalogKeys(layer.options);
  let dueAtMs = keys && dueOf(keys, clock.nowMs());

  return {
    async current({ rejected, signal }: CredentialRequest): Promise<S3Credentials> {
      const nowMs = clock.nowMs();
      const isRefused = keys !== undefined && rejected !== undefined && isSame(rejected, keys);
      if (keys === undefined || isRefused || nowMs >= (dueAtMs ?? Number.POSITIVE_INFINITY)) {
        try {
          keys = keysFor(layer.prefix, await ask(signal));
          dueAtMs = dueOf(keys, clock.nowMs());
        } catch (error) {
          const good = keys !== undefined && !isRefused && clock.nowMs() < (keys.expiresAtMs ?? 0);
          if (keys === undefined || !good) throw error;
          dueAtMs = clock.nowMs() + RETRY_MS;
        }
      }
      const { accessKeyId, secretAccessKey, sessionToken } = keys;
      return {
        accessKeyId,
        secretAccessKey,
        sessionToken,
        ...(dueAtMs !== undefined && { renewAtMs: dueAtMs }),
      };
    },
  };
}

function dueOf({ expiresAtMs }: CatalogKeys, nowMs: number): number | undefined {
  if (expiresAtMs === undefined) return undefined;
  return expiresAtMs - Math.max(0, Math.min(MAX_SKEW_MS, (expiresAtMs - nowMs) * SKEW_SHARE));
}

/** The entry of the prefix, else the longest that holds it, else the only one. */
function keysFor(prefix: string, answered: readonly OptionLayer[]): CatalogKeys {
  const holding = answered
    .filter((entry) => prefix.startsWith(entry.prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const chosen = holding[0] ?? (answered.length === 1 ? answered[0] : undefined);
  const keys = chosen && catalogKeys(chosen.options);
  if (keys !== undefined) return keys;
  throw new TableError(
    `The catalog gave no new S3 keys for ${prefix === "" ? "the table" : prefix}: its answer has ${answered.length} storage credentials`,
  );
}

function isSame(one: S3Keys, other: S3Keys): boolean {
  return one.accessKeyId === other.accessKeyId && one.sessionToken === other.sessionToken;
}
