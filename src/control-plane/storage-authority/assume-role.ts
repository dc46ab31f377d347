import type { Generation } from "../../model/index.ts";
import type { AuthorityRole, MintedKeys, StorageAuthority } from "./authority.ts";

/** STS AssumeRole with a session policy that reaches no further than the location (08 §3.3). Loads the AWS SDK. */
export async function assumeRole(
  authority: StorageAuthority & { readonly role: AuthorityRole },
  scope: { readonly location: string; readonly generation: Generation },
): Promise<MintedKeys> {
  const { role, keys, region, endpoint } = authority;
  const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const provider = fromTemporaryCredentials({
    params: {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName ?? "floecat-storage-authority",
      Policy: JSON.stringify(sessionPolicy(scope.location, scope.generation)),
      ...(role.externalId !== undefined && { ExternalId: role.externalId }),
      ...(role.durationSeconds !== undefined && { DurationSeconds: role.durationSeconds }),
    },
    ...(keys !== undefined && {
      masterCredentials: {
        accessKeyId: keys.accessKeyId,
        secretAccessKey: keys.secretAccessKey,
        ...(keys.sessionToken !== undefined && { sessionToken: keys.sessionToken }),
      },
    }),
    clientConfig: { region: region ?? "us-east-1", ...(endpoint !== undefined && { endpoint }) },
  });
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider();
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs: expiration?.getTime() };
}

/** inline allows writing below the location as well, for the services that share it. */
export function sessionPolicy(location: string, generation: Generation) {
  const { bucket, key } = split(location);
  const objects = key === "" ? `arn:aws:s3:::${bucket}/*` : `arn:aws:s3:::${bucket}/${key}/*`;
  const condition = key === "" ? {} : { Condition: { StringLike: { "s3:prefix": [key, `${key}/*`] } } };
  const object =
    generation === "inline"
      ? ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      : ["s3:GetObject", "s3:GetObjectVersion"];
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:ListBucket"], Resource: `arn:aws:s3:::${bucket}`, ...condition },
      { Effect: "Allow", Action: ["s3:GetBucketLocation"], Resource: `arn:aws:s3:::${bucket}` },
      { Effect: "Allow", Action: object, Resource: objects },
    ],
  };
}

function split(location: string): { bucket: string; key: string } {
  const path = location.replace(/^[^:]*:\/\//, "").replace(/\/+$/, "");
  const slash = path.indexOf("/");
  return slash < 0 ? { bucket: path, key: "" } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
