/**
 * A storage authority (08 §3, §3.3): who may read what lies below a location. Its secrets are settings of the control plane:
 * they are kept in memory and never in the job store.
 */
export interface StorageAuthority {
  readonly id: string;
  readonly accountId: string;
  readonly enabled: boolean;
  /** What it covers: itself and everything below. */
  readonly locationPrefix: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  /** Keys as they are, or those that assume the role. */
  readonly keys?: AuthorityKeys | undefined;
  readonly role?: AuthorityRole | undefined;
}

export interface AuthorityKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** The keys are handed out with an end so far ahead, for tests of renewal against servers without STS. */
  readonly lifetimeSeconds?: number | undefined;
}

export interface AuthorityRole {
  readonly arn: string;
  readonly externalId?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly durationSeconds?: number | undefined;
}

/** Keys of an authority for one location: its own, or those of the role that it has assumed (08 §3.3). */
export interface MintedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Undefined: no known end. */
  readonly expiresAtMs?: number | undefined;
}

/** The enabled authority with the longest prefix that covers the location. Cases and schemes must be the same (08 §3.3). */
export function findAuthority(
  authorities: readonly StorageAuthority[],
  accountId: string,
  location: string,
): StorageAuthority | undefined {
  let best: StorageAuthority | undefined;
  let bestLength = 0;
  for (const authority of authorities) {
    const prefix = withoutSlashes(authority.locationPrefix);
    const covers = location === prefix || location.startsWith(`${prefix}/`);
    if (!authority.enabled || authority.accountId !== accountId || prefix === "" || !covers) continue;
    if (prefix.length > bestLength) {
      best = authority;
      bestLength = prefix.length;
    }
  }
  return best;
}

function withoutSlashes(location: string): string {
  return location.trim().replace(/\/+$/, "");
}

/** `RK_STORAGE_AUTHORITY` (01 §8.1). */
const RESOURCE_KIND_STORAGE_AUTHORITY = 16;

/** `ResolveStorageAuthorityResponse` (08 §3.3). */
export function vendedBy(authority: StorageAuthority, prefix: string, minted: MintedKeys | undefined) {
  const safe = clientSafeConfig(authority);
  return {
    authorityId: {
      accountId: authority.accountId,
      id: authority.id,
      kind: RESOURCE_KIND_STORAGE_AUTHORITY,
    } as const,
    clientSafeConfig: safe,
    storageCredentials: minted === undefined ? [] : [{ prefix, ...credentialOf(minted, safe) }],
  };
}

function clientSafeConfig({ region, endpoint, pathStyle }: StorageAuthority): Record<string, string> {
  return {
    ...(region !== undefined && { "s3.region": region, region, "client.region": region }),
    ...(endpoint !== undefined && { "s3.endpoint": endpoint }),
    ...(pathStyle !== undefined && { "s3.path-style-access": String(pathStyle) }),
  };
}

function credentialOf(minted: MintedKeys, safe: Readonly<Record<string, string>>) {
  const { accessKeyId, secretAccessKey, sessionToken = "", expiresAtMs } = minted;
  return {
    config: {
      type: "s3",
      ...safe,
      "s3.access-key-id": accessKeyId,
      "s3.secret-access-key": secretAccessKey,
      ...(sessionToken !== "" && { "s3.session-token": sessionToken }),
    },
    ...(expiresAtMs !== undefined && { expiresAt: timestamp(expiresAtMs) }),
  };
}

function timestamp(ms: number) {
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}
