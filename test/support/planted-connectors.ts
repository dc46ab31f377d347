import { planted } from "./planted.ts";

/** A connector full of secrets. */
export interface PlantedConnector {
  readonly kind: "delta" | "iceberg";
  readonly uri?: string;
  readonly scheme?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly authProperties?: Readonly<Record<string, string>>;
  readonly headerHints?: Readonly<Record<string, string>>;
}

const S3_KEYS = {
  "s3.access-key-id": planted("connector-key"),
  "s3.secret-access-key": planted("connector-secret"),
  "s3.session-token": planted("connector-session"),
  "s3.region": "us-east-1",
  "s3.path-style-access": "true",
};

/** What a lease can bring, pointed at a server that repeats everything. */
export function plantedConnectors(echo: string): Readonly<Record<string, PlantedConnector>> {
  const host = echo.replace("http://", "");
  const rest = { "iceberg.source": "rest", warehouse: "s3://elsewhere" };
  const token = { token: planted("bearer") };
  const headerHints = { "X-Api-Key": planted("hint"), Authorization: `Basic ${planted("hint-auth")}` };
  return {
    "Delta on S3": {
      kind: "delta",
      properties: {
        ...S3_KEYS,
        "s3.endpoint": `${echo}/400`,
        "delta.source": "filesystem",
        "delta.table-root": "s3://t/x",
      },
    },
    "Delta on S3, refused": {
      kind: "delta",
      properties: {
        ...S3_KEYS,
        "s3.endpoint": `${echo}/403`,
        "delta.source": "filesystem",
        "delta.table-root": "s3://t/x",
      },
    },
    "Iceberg on S3": {
      kind: "iceberg",
      uri: "s3://t/x",
      properties: { ...S3_KEYS, "s3.endpoint": `${echo}/404`, "iceberg.source": "filesystem" },
    },
    "an endpoint with a password": {
      kind: "delta",
      properties: {
        ...S3_KEYS,
        "s3.endpoint": `http://user:${planted("endpoint-password")}@${host}`,
        "delta.source": "filesystem",
        "delta.table-root": "s3://t/x",
      },
    },
    "a root that is a signed URL": {
      kind: "delta",
      properties: {
        "delta.source": "filesystem",
        "delta.table-root": `https://user:${planted("root-password")}@${host}/t?X-Amz-Signature=${planted("signature")}`,
      },
    },
    "Iceberg REST, 400": {
      kind: "iceberg",
      uri: `${echo}/400`,
      scheme: "oauth2",
      properties: rest,
      authProperties: token,
      headerHints,
    },
    "Iceberg REST, 401": {
      kind: "iceberg",
      uri: `${echo}/401`,
      scheme: "oauth2",
      properties: rest,
      authProperties: token,
      headerHints,
    },
    "Iceberg REST, 403": {
      kind: "iceberg",
      uri: `${echo}/403`,
      scheme: "oauth2",
      properties: rest,
      authProperties: token,
      headerHints,
    },
    "Iceberg REST, 404": {
      kind: "iceberg",
      uri: `${echo}/404`,
      scheme: "oauth2",
      properties: rest,
      authProperties: token,
      headerHints,
    },
    "Iceberg REST with a password in its address": {
      kind: "iceberg",
      uri: `http://user:${planted("catalog-password")}@${host}/400`,
      scheme: "oauth2",
      properties: rest,
      authProperties: token,
    },
    "Iceberg REST with a grant": {
      kind: "iceberg",
      uri: `${echo}/400`,
      scheme: "oauth2",
      properties: rest,
      authProperties: {
        token: planted("bearer-2"),
        credential: `id:${planted("credential")}`,
        "oauth2-server-uri": `${echo}/401/token`,
      },
    },
    "Iceberg Glue, signed": {
      kind: "iceberg",
      uri: `${echo}/403`,
      scheme: "aws-sigv4",
      properties: {
        "iceberg.source": "glue",
        "rest.access-key-id": planted("rest-key"),
        "rest.secret-access-key": planted("rest-secret"),
        "rest.session-token": planted("rest-token"),
        "s3.region": "us-east-1",
      },
    },
    "Unity, 401": {
      kind: "delta",
      uri: `${echo}/401`,
      scheme: "oauth2",
      properties: { "delta.source": "unity" },
      authProperties: token,
    },
    "Unity, 404": {
      kind: "delta",
      uri: `${echo}/404`,
      scheme: "oauth2",
      properties: { "delta.source": "unity" },
      authProperties: token,
    },
    "options that make no sense": {
      kind: "iceberg",
      uri: "s3://t/x",
      scheme: `${planted("scheme-by-mistake")}`.toLowerCase().replace("planted", "scheme"),
      properties: { "iceberg.source": "filesystem", "s3.secret-access-key": planted("half-a-pair") },
    },
  };
}
