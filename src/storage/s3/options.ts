import type { S3CredentialSettings, S3Credentials, S3Settings } from "../settings.ts";

/** Connector options, or those that a catalog gave for a table: property keys of 08 §4.1. */
export type StorageOptions = Readonly<Record<string, string>>;

export interface AmbientS3 {
  /** `AWS_REGION`, or the profile's; Iceberg alone asks for it (08 §4.2). */
  readonly region?: string | undefined;
  /** `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` (08 §5.4). */
  readonly endpoint?: string | undefined;
}

const DEFAULT_REGION = "us-east-1";

/**
 * How S3 is reached with the options of a connector (08 §4.1–4.3): endpoint, addressing, region by the rule of the kind, and
 * credentials: held ones that are renewed, static keys of the options, else the default chain. Provider ids and Java class
 * names are ignored (08 §2.3): they are handles into the server's memory. Keys of the options win over held ones for
 * Iceberg, where a catalog may have vended them (08 §4.3), and lose for Delta.
 */
export function s3SettingsOf(
  options: StorageOptions,
  kind: "delta" | "iceberg",
  { heldId, ambient = {} }: { readonly heldId?: string | undefined; readonly ambient?: AmbientS3 } = {},
): S3Settings {
  return {
    schemes: kind === "delta" ? ["s3", "s3a"] : ["s3", "s3a", "s3n"],
    endpoint: filled(options["s3.endpoint"]) ?? ambient.endpoint,
    region: kind === "delta" ? deltaRegion(options) : icebergRegion(options, ambient),
    pathStyle: options["s3.path-style-access"]?.trim().toLowerCase() === "true",
    credentials: credentialsOf(options, kind, heldId),
  };
}

function deltaRegion(options: StorageOptions): string {
  return filled(options["s3.region"]) ?? filled(options["aws.region"]) ?? DEFAULT_REGION;
}

function icebergRegion(options: StorageOptions, ambient: AmbientS3): string | undefined {
  return (
    filled(options["client.region"]) ??
    filled(options["s3.region"]) ??
    filled(options["aws.region"]) ??
    ambient.region
  );
}

function credentialsOf(
  options: StorageOptions,
  kind: "delta" | "iceberg",
  heldId: string | undefined,
): S3CredentialSettings {
  const held: S3CredentialSettings | undefined =
    heldId === undefined ? undefined : { kind: "held", id: heldId };
  const keys = staticKeys(options);
  const stated: S3CredentialSettings | undefined = keys && { kind: "static", ...keys };
  return (kind === "delta" ? (held ?? stated) : (stated ?? held)) ?? { kind: "chain" };
}

/** Both key and secret, or none (08 §4.1). */
function staticKeys(options: StorageOptions): S3Credentials | undefined {
  const accessKeyId = filled(options["s3.access-key-id"]);
  const secretAccessKey = filled(options["s3.secret-access-key"]);
  const sessionToken = filled(options["s3.session-token"]);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function filled(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}
