import { type RenewingCredentials, resolveStorage } from "../../authority/index.ts";
import {
  type Clock,
  connectorSecrets,
  type FileGroup,
  scrubError,
  withoutSecrets,
} from "../../model/index.ts";
import type { CredentialVending } from "../../protocol/index.ts";
import { type HeldCredentials, holdCredentials, type S3Keys } from "../../storage/index.ts";
import type { CaptureOptions } from "../../worker/index.ts";

/**
 * A leased group with the credentials that its files are read with (08 §3): what the control plane has vended is in its
 * connector's options, or held for as long as the capture runs. No text about the group leaves with a secret in it (08 §8.1).
 */
export interface GroupStorage {
  readonly group: FileGroup;
  /** The connector's options before anything was merged over them (decision 24). */
  readonly ownOptions: Readonly<Record<string, string>>;
  /** Keys that end, by the id under which stores ask for them. */
  readonly heldId: string | undefined;
  /** The text without the group's secrets. */
  scrub(text: string): string;
  /** What the capture has failed with: the refusal of its credentials, where that is behind it. */
  failure(error: unknown): unknown;
  release(): void;
}

export interface StorageContext {
  readonly vending: CredentialVending | undefined;
  readonly clock: Pick<Clock, "nowMs">;
}

export async function groupStorage(
  group: FileGroup,
  { lease, signal }: Pick<CaptureOptions, "lease" | "signal">,
  { vending, clock }: StorageContext,
): Promise<GroupStorage> {
  const secrets = new Set(connectorSecrets(group.connector));
  try {
    const resolved = await resolveStorage(group, { vending, lease, clock, signal });
    const { connector, ownOptions, renewing } = resolved;
    for (const secret of connectorSecrets(connector)) secrets.add(secret);
    const held = renewing && hold(renewing, secrets);
    return {
      group: { ...group, connector },
      ownOptions,
      heldId: held?.id,
      scrub: (text) => withoutSecrets(text, secrets),
      failure(error) {
        const reason = renewing?.refusal ?? error;
        scrubError(reason, [...secrets]);
        return reason;
      },
      release: () => held?.release(),
    };
  } catch (error) {
    scrubError(error, [...secrets]);
    throw error;
  }
}

/** Every key that is given out is a secret from then on. */
function hold(renewing: RenewingCredentials, secrets: Set<string>): HeldCredentials {
  const remember = ({ accessKeyId, secretAccessKey, sessionToken = "" }: S3Keys) => {
    for (const secret of [accessKeyId, secretAccessKey, sessionToken]) secrets.add(secret);
  };
  remember(renewing.keys);
  return holdCredentials({
    async current(request) {
      const keys = await renewing.current(request);
      remember(keys);
      return keys;
    },
  });
}
