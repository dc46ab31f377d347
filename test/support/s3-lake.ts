import { join } from "node:path";
import type { CredentialMint, StorageAuthority } from "../../src/control-plane/index.ts";
import { DEFAULT_ACCOUNT_ID } from "../../src/control-plane/index.ts";
import { DEMO_TABLE, FIXTURES } from "./run-cli.ts";
import { type Identity, type S3Double, type S3DoubleOptions, startS3Double } from "./s3-double/index.ts";

/** Tables behind a strict S3, and keys to it that a control plane makes, each time others. */
export interface S3Lake extends AsyncDisposable {
  readonly s3: S3Double;
  /** Covers every bucket of `authorities`. */
  readonly authorities: readonly StorageAuthority[];
  readonly mint: CredentialMint;
  /** Keys made so far. */
  readonly minted: readonly Identity[];
  /** How long keys last that are made from now on; undefined: for ever. */
  lifeMs: number | undefined;
  /** By how much the control plane overstates it. */
  overstatedMs: number;
  /** The store takes these keys no more. */
  end(accessKeyId: string): void;
}

export const DELTA_TABLE = "s3://lake/orders";
export const ICEBERG_TABLE = "s3://fixtures/types_v2";

/** One whom the double knows and nobody else, so that nothing is let in unsigned. */
const NOBODY: Identity = { accessKeyId: "NOBODY", secretAccessKey: "nobody's secret" };

export async function startS3Lake(options: S3DoubleOptions = {}): Promise<S3Lake> {
  const s3 = await startS3Double({ identities: [NOBODY], ...options });
  await s3.objects.putFolder("lake", "orders/", DEMO_TABLE);
  await s3.objects.putFolder("fixtures", "", join(FIXTURES, "iceberg/fixtures"));
  const minted: Identity[] = [];
  const lake: S3Lake = {
    s3,
    minted,
    lifeMs: undefined,
    overstatedMs: 0,
    authorities: ["s3://lake", "s3://fixtures"].map((locationPrefix) => ({
      id: locationPrefix,
      accountId: DEFAULT_ACCOUNT_ID,
      enabled: true,
      locationPrefix,
      region: "us-east-1",
      endpoint: s3.endpoint,
      pathStyle: true,
    })),
    end(accessKeyId) {
      s3.identities = s3.identities.map((identity) =>
        identity.accessKeyId === accessKeyId ? { ...identity, expiresAtMs: 0 } : identity,
      );
    },
    async mint() {
      const name = `PLANTED${minted.length}`;
      const keys = { accessKeyId: `${name}KEY`, secretAccessKey: `${name}/se+cret` };
      const endMs = lake.lifeMs === undefined ? undefined : Date.now() + lake.lifeMs;
      const identity: Identity = {
        ...keys,
        sessionToken: `${name}/to+ken==`,
        ...(endMs !== undefined && { expiresAtMs: endMs }),
      };
      minted.push(identity);
      s3.identities = [...s3.identities, identity];
      return {
        ...keys,
        sessionToken: identity.sessionToken,
        ...(endMs !== undefined && { expiresAtMs: endMs + lake.overstatedMs }),
      };
    },
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  };
  return lake;
}
