import type { Clock } from "../../model/index.ts";
import type { S3Keys } from "../../storage/index.ts";

/** What a catalog is asked with: network, time and this machine's own identity, given by whoever wires the program. */
export interface CatalogContext {
  readonly fetch: CatalogFetch;
  readonly clock: Clock;
  /** For jitter, in [0, 1). */
  readonly random: () => number;
  /** AWS keys of this machine: those of a profile, or the first that the default chain finds (08 §4.4). */
  readonly awsIdentity: (profile: AwsProfile, signal: AbortSignal) => Promise<S3Keys>;
  /**
   * What `env:NAME` stands for in an option (04 §3.2). A worker gives nothing: an option would carry its environment to
   * whatever address the connector names.
   */
  readonly environment: (name: string) => string | undefined;
  readonly databricks: DatabricksIdentity;
  /** Where the Glue API is, if not at AWS: `AWS_ENDPOINT_URL_GLUE`, `AWS_ENDPOINT_URL`. */
  readonly glueEndpoint?: string | undefined;
}

export interface AwsProfile {
  readonly profile?: string | undefined;
  /** A file of profiles in place of `~/.aws`. */
  readonly profileFile?: string | undefined;
}

/** What the Databricks CLI leaves on this machine (05 §3.3). */
export interface DatabricksIdentity {
  /** `DATABRICKS_TOKEN`. */
  readonly token?: string | undefined;
  /** Host that the token is for, `DATABRICKS_HOST`; undefined: whichever is asked. */
  readonly host?: string | undefined;
  /** Whether the token goes to a host that nobody has named as its own: `capture` alone allows it. */
  readonly anyHost: boolean;
  /** Text of a token cache; undefined path: the one in the home folder. */
  readonly readTokenCache: (path: string | undefined, signal: AbortSignal) => Promise<string>;
}

/** One exchange: `fetch` of `src/http`, or a test's. Rejects with an `HttpError`, or with the signal's reason. */
export type CatalogFetch = (url: string, request: CatalogRequest) => Promise<Response>;

export interface CatalogRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** To the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}
