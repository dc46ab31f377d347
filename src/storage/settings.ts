import type { HttpSettings } from "../http/index.ts";
import type { AzureSettings } from "./azure/settings.ts";
import type { GcsSettings } from "./gcs/settings.ts";

/**
 * Which storage a capture may read and how, as plain data: it crosses threads, and a capture thread opens its own store from
 * it (08 §4, §5). Secrets in it stay in memory: it is never logged or written.
 */
export interface StoreSettings {
  /**
   * Local files (decision 38): `anywhere` for `capture`; for a worker `none`, or those below the folder that the operator
   * allowed.
   */
  readonly local:
    | { readonly kind: "anywhere" }
    | { readonly kind: "below"; readonly root: string }
    | { readonly kind: "none" };
  /** `fs.floecat.test-root`: `s3://` paths are read from this folder (08 §5.5). */
  readonly testRoot?: string | undefined;
  /** Absent: `s3://` is refused by name. */
  readonly s3?: S3Settings | undefined;
  /** Storage credentials of a REST catalog: those of the longest prefix that the path starts with (08 §4.3). */
  readonly s3ByPrefix?: readonly PrefixedS3Settings[] | undefined;
  /** Absent: `gs://` is refused by name. */
  readonly gcs?: GcsSettings | undefined;
  /** Absent: `abfss://`, `abfs://`, `wasbs://` and `wasb://` are refused by name. */
  readonly azure?: AzureSettings | undefined;
  /** Files of web servers by `https://` and `http://`; absent: refused by name. */
  readonly web?: boolean | undefined;
  /** Which hosts may be asked at all; absent: any but link-local ones. */
  readonly reach?: ReachRules | undefined;
  /** Own certificate authorities and proxies. */
  readonly network?: HttpSettings | undefined;
  readonly limits?: StoreLimits | undefined;
}

export interface PrefixedS3Settings {
  readonly prefix: string;
  readonly s3: S3Settings;
}

export interface S3Settings {
  /** Schemes that are S3 here (08 §5.1): `s3` and `s3a` for Delta, `s3n` too for Iceberg and `capture`. */
  readonly schemes: readonly string[];
  /** `http://` or `https://`; absent: AWS, by region. */
  readonly endpoint?: string | undefined;
  /** Absent: `us-east-1` is tried first, and the bucket's own is found out from the answer. */
  readonly region?: string | undefined;
  /** The bucket stands in the path instead of in the host name (08 §5.4). */
  readonly pathStyle: boolean;
  readonly credentials: S3CredentialSettings;
}

export type S3CredentialSettings =
  | ({ readonly kind: "static" } & S3Keys)
  /** Environment, web identity, profile, container, instance: the first that has any (08 §5.4). */
  | {
      readonly kind: "chain";
      readonly profile?: string | undefined;
      /** A file of profiles in place of `~/.aws`. */
      readonly profileFile?: string | undefined;
    }
  /** A role assumed by the chain's identity. */
  | {
      readonly kind: "assume-role";
      readonly roleArn: string;
      readonly externalId?: string | undefined;
      readonly sessionName?: string | undefined;
      readonly profile?: string | undefined;
    }
  /** Requests are not signed. */
  | { readonly kind: "anonymous" }
  /** Held and renewed by the main thread: `holdCredentials`. */
  | { readonly kind: "held"; readonly id: string };

/** Settings that name credentials instead of holding them. */
export type RenewableCredentials = Exclude<S3CredentialSettings, { readonly kind: "static" | "anonymous" }>;
/** Those of the machine. */
export type MachineCredentials = Exclude<RenewableCredentials, { readonly kind: "held" }>;

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Keys that may end. */
export interface S3Credentials extends S3Keys {
  /** Whoever uses them asks for new ones from this time on, milliseconds since the epoch; absent: they don't end. */
  readonly renewAtMs?: number | undefined;
}

/** Server-side request rules: where a connector may point to. */
export interface ReachRules {
  /** Schemes of table paths and of endpoints (`s3`, `https`, …); absent: all that can be read. */
  readonly schemes?: readonly string[] | undefined;
  /** Host names, `*.` in front for those below; absent: all. */
  readonly hosts?: readonly string[] | undefined;
}

/** Each per thread and store; defaults in `http/limits.ts`. */
export interface StoreLimits {
  readonly concurrentRequests?: number | undefined;
  /** Tries of one request, the first counted. */
  readonly attempts?: number | undefined;
  /** How long a connection may take to stand, and how long an answer may stand still. */
  readonly idleMs?: number | undefined;
  /** How long one request may take, with its body. */
  readonly requestMs?: number | undefined;
  readonly readAheadBytes?: number | undefined;
}
