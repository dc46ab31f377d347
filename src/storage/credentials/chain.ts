import { type Clock, systemClock } from "../../model/index.ts";
import type { MachineCredentials, S3Credentials } from "../settings.ts";
import { type CredentialRequest, identityOf } from "./held.ts";

/**
 * Credentials of the machine, by the SDK's own chain: environment, web identity, profile, container, instance (08 §5.4), and
 * roles assumed by what it finds. In the main thread alone, so that capture threads never load the SDK and the machine is asked
 * once; loaded when first needed.
 */
export const machineCredentials = createMachineCredentials(systemClock);

/** The same with a clock of one's own. */
export function createMachineCredentials(
  clock: Clock,
): (settings: MachineCredentials, request: CredentialRequest) => Promise<S3Credentials> {
  const known = new Map<string, Provider>();
  return async (settings, request) => {
    const key = JSON.stringify(settings);
    let provider = known.get(key);
    if (provider === undefined) {
      provider = createProvider(settings, clock);
      known.set(key, provider);
    }
    return await provider(request.rejected && identityOf(request.rejected));
  };
}

/** What the SDK's providers give. */
interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** `rejectedId`: the keys that were refused as ended. */
type Provider = (rejectedId: string | undefined) => Promise<S3Credentials>;

/** No credentials were found, or the machine's were not given out: an ordinary failure (08 §5.4). */
export class CredentialsMissingError extends Error {
  override readonly name = "CredentialsMissingError";
}

function createProvider(settings: MachineCredentials, clock: Clock): Provider {
  let last: MachineKeys | undefined;
  let asking: Promise<S3Credentials> | undefined;
  let source: Promise<() => Promise<AwsIdentity>> | undefined;

  async function fetchKeys(rejectedId: string | undefined): Promise<S3Credentials> {
    try {
      source ??= sdkProvider(settings);
      last = toCredentials(await (await source)(), clock.nowMs());
      return last.keys;
    } catch (cause) {
      // A provider that keeps what it found keeps what it didn't find too.
      source = undefined;
      const nowMs = clock.nowMs();
      // Renewal was ahead of time: the old keys still count, and are asked about again in a while (08 §3.6).
      if (last !== undefined && nowMs < last.endMs && identityOf(last.keys) !== rejectedId) {
        last = { ...last, keys: { ...last.keys, renewAtMs: nowMs + RENEW_AGAIN_MS } };
        return last.keys;
      }
      throw missing(settings, cause);
    }
  }

  return async (rejectedId) => {
    const keys = last?.keys;
    const isDue = keys?.renewAtMs !== undefined && clock.nowMs() >= keys.renewAtMs;
    if (keys !== undefined && !isDue && identityOf(keys) !== rejectedId) return keys;
    // It keeps what it found by a clock of its own.
    if (keys !== undefined) source = undefined;
    asking ??= fetchKeys(rejectedId).finally(() => {
      asking = undefined;
    });
    return await asking;
  };
}

async function sdkProvider(settings: MachineCredentials): Promise<() => Promise<AwsIdentity>> {
  const sdk = await import("@aws-sdk/credential-providers");
  const { profile } = settings;
  if (settings.kind === "chain") {
    const file = settings.profileFile;
    return sdk.fromNodeProviderChain({
      ...(profile !== undefined && { profile }),
      ...(file !== undefined && (isCredentialsFile(file) ? { filepath: file } : { configFilepath: file })),
    });
  }
  const chain = sdk.fromNodeProviderChain(profile === undefined ? {} : { profile });
  return sdk.fromTemporaryCredentials({
    masterCredentials: chain,
    params: {
      RoleArn: settings.roleArn,
      RoleSessionName: settings.sessionName ?? "floecat-capture",
      ...(settings.externalId !== undefined && { ExternalId: settings.externalId }),
    },
    ...(profile !== undefined && { clientConfig: { profile } }),
  });
}

/** 08 §4.4: by its name. */
function isCredentialsFile(path: string): boolean {
  return path.toLowerCase().endsWith("credentials");
}

const MOST_SKEW_MS = 5 * 60_000;
const RENEW_AGAIN_MS = 10_000;

interface MachineKeys {
  readonly keys: S3Credentials;
  /** Infinity for those that don't end. */
  readonly endMs: number;
}

/** Renewed ahead of their end, by the rule of vended ones (08 §3.6). */
function toCredentials(found: AwsIdentity, nowMs: number): MachineKeys {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = found;
  const endMs = expiration?.getTime() ?? Number.POSITIVE_INFINITY;
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  if (endMs === Number.POSITIVE_INFINITY) return { keys, endMs };
  const skewMs = Math.min(MOST_SKEW_MS, Math.max(0, (endMs - nowMs) / 3));
  return { keys: { ...keys, renewAtMs: endMs - skewMs }, endMs };
}

function missing(settings: MachineCredentials, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (settings.kind === "assume-role") {
    return new CredentialsMissingError(`the role ${settings.roleArn} could not be assumed: ${reason}`, {
      cause,
    });
  }
  return new CredentialsMissingError(
    `no AWS credentials were found in the environment, a web identity, a profile, the container or the instance (${reason}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or read a public bucket without any`,
    { cause },
  );
}
