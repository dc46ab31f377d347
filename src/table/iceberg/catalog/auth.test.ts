import { describe, expect, it } from "vitest";
import { catalogContext, hastyClock } from "../../../../test/support/catalogs/context.ts";
import { json } from "../../../../test/support/catalogs/http-server.ts";
import { type RestCatalogOptions, startRestCatalog } from "../../../../test/support/catalogs/iceberg-rest.ts";
import { type Asked, loadTable, TABLE } from "../../../../test/support/catalogs/rest-table.ts";
import { AccessDeniedError, TableError } from "../../../model/index.ts";
import { type CatalogProperties, catalogProperties } from "./properties.ts";

const SIGNER = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "connector-secret",
  service: "glue",
  region: "us-east-2",
} as const;
const OWN_KEYS = { "s3.access-key-id": "AKIDEXAMPLE", "s3.secret-access-key": "connector-secret" };
const VENDED_KEYS = {
  "s3.access-key-id": "AKIDVENDED",
  "s3.secret-access-key": "vended-secret",
  "s3.session-token": "vended-token",
};

async function loadFrom(options: Partial<RestCatalogOptions>, asked: Asked = {}) {
  await using server = await startRestCatalog({ tables: [TABLE], ...options });
  const table = await loadTable(server.origin, asked);
  return { table, seen: server.seen, tokens: server.tokens };
}

const properties = (
  options: Record<string, string>,
  auth: { scheme?: string; properties?: Record<string, string> } = {},
): CatalogProperties["own"] =>
  catalogProperties(
    {
      uri: "http://catalog",
      auth: { scheme: auth.scheme ?? "none", properties: auth.properties ?? {}, headerHints: {} },
    },
    options,
    () => undefined,
  ).own;

describe("properties (04 §3.3, §3.5, 08 §4.2)", () => {
  it("04 T4, 08 P1, P2: one region for client.region and s3.region, what is there stays", () => {
    expect(properties({ "s3.region": "us-east-2" })).toMatchObject({ "client.region": "us-east-2" });
    expect(properties({ "s3.region": "us-east-2", "client.region": "us-west-2" })).toMatchObject({
      "s3.region": "us-east-2",
      "client.region": "us-west-2",
    });
    expect(properties({ "aws.region": "eu-west-1" })).toMatchObject({
      "s3.region": "eu-west-1",
      "client.region": "eu-west-1",
    });
    expect(properties({})).not.toHaveProperty(["s3.region"]);
  });

  it("04 T5, 08 P4: aws-sigv4 without auth properties signs for glue in s3.region", () => {
    expect(properties({ "s3.region": "us-east-2" }, { scheme: " AWS-SigV4 " })).toMatchObject({
      "rest.auth.type": "sigv4",
      "rest.signing-name": "glue",
      "rest.signing-region": "us-east-2",
    });
    expect(properties({}, { scheme: "aws-sigv4" })).toMatchObject({
      "rest.signing-region": "us-east-1",
      "s3.region": "us-east-1",
    });
    const stated = { "signing-name": "s3tables", "signing-region": "eu-north-1" };
    expect(
      properties({ "s3.region": "us-east-2" }, { scheme: "aws-sigv4", properties: stated }),
    ).toMatchObject({
      "rest.signing-name": "s3tables",
      "rest.signing-region": "eu-north-1",
      "s3.region": "us-east-2",
    });
  });

  it("08 P8: Polaris with a token has no delegation header, no static keys, and the region mirrored", () => {
    const own = properties(
      {
        "iceberg.source": "rest",
        warehouse: "w",
        "s3.endpoint": "http://localstack:4566",
        "s3.region": "us-east-1",
      },
      { scheme: "oauth2", properties: { token: "t", "oauth2-server-uri": "https://polaris/tokens" } },
    );
    expect(own).toMatchObject({
      "rest.auth.type": "oauth2",
      token: "t",
      "oauth2-server-uri": "https://polaris/tokens",
      "client.region": "us-east-1",
    });
    expect(Object.keys(own).filter((key) => /^header\.|access-key|secret/.test(key))).toEqual([]);
  });
});

describe("AWS signatures (04 §3.3, 08 §4.4)", () => {
  const sigv4 = { scheme: "aws-sigv4", auth: { "signing-region": "us-east-2" } };

  it("08 P9, decision 24: signed with the connector's own keys where it has no rest.* ones, prefix and %1F included", async () => {
    const tables = [{ ...TABLE, namespace: ["a", "b c"], name: "t*'ü" }];
    const { seen } = await loadFrom(
      {
        auth: { kind: "sigv4", signer: SIGNER },
        prefix: "catalogs/123",
        tables,
        warehouse: "1234:s3tablescatalog/x",
      },
      {
        ...sigv4,
        namespace: "a.b c",
        table: "t*'ü",
        properties: { ...OWN_KEYS, warehouse: "1234:s3tablescatalog/x" },
      },
    );
    expect(seen).toHaveLength(2);
  });

  it("rest.* keys win, all three of one identity", async () => {
    const signer = { ...SIGNER, accessKeyId: "AKIDREST", secretAccessKey: "rest-secret" };
    await loadFrom(
      { auth: { kind: "sigv4", signer } },
      {
        ...sigv4,
        properties: {
          ...OWN_KEYS,
          "s3.session-token": "of another identity",
          "rest.access-key-id": "AKIDREST",
          "rest.secret-access-key": "rest-secret",
        },
      },
    );
  });

  it("04 T15, 08 P10: vended storage keys read files and sign nothing", async () => {
    const { table } = await loadFrom(
      { auth: { kind: "sigv4", signer: SIGNER } },
      { ...sigv4, properties: { ...OWN_KEYS, ...VENDED_KEYS }, ownOptions: OWN_KEYS },
    );
    expect(table.layers[0]?.options).toMatchObject(VENDED_KEYS);
  });

  it("without keys of its own the connector signs as its profile, or as the machine does", async () => {
    const asked: unknown[] = [];
    const catalogs = catalogContext({
      awsIdentity: async (profile) => {
        asked.push(profile);
        return { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "connector-secret", sessionToken: "session" };
      },
    });
    await loadFrom(
      { auth: { kind: "sigv4", signer: { ...SIGNER, sessionToken: "session" } } },
      {
        ...sigv4,
        auth: { ...sigv4.auth, "aws.profile": "dev" },
        ownOptions: {},
        properties: VENDED_KEYS,
        catalogs,
      },
    );
    expect(asked).toEqual(Array(2).fill({ profile: "dev", profileFile: undefined }));
  });

  it("a wrong signature is a refusal for good, and its text has no secret", async () => {
    const signer = { ...SIGNER, secretAccessKey: "another" };
    const error = await loadFrom(
      { auth: { kind: "sigv4", signer } },
      { ...sigv4, properties: OWN_KEYS },
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(String(error)).toContain("Forbidden: SignatureDoesNotMatch");
    expect(String(error)).not.toContain("connector-secret");
  });

  it("an Authorization header goes on as Original-Authorization, signed", async () => {
    const { seen } = await loadFrom(
      { auth: { kind: "sigv4", signer: { ...SIGNER, service: "execute-api" } } },
      {
        properties: {
          ...OWN_KEYS,
          "rest.sigv4-enabled": "true",
          "rest.signing-region": "us-east-2",
          token: "delegate",
        },
      },
    );
    expect(seen[0]?.headers).toMatchObject({ "original-authorization": "Bearer delegate" });
    expect(seen[0]?.headers.authorization).toMatch(/SignedHeaders=[^,]*original-authorization/);
  });
});

describe("OAuth2 (04 §3.3)", () => {
  const client = { kind: "client", id: "root", secret: "s3:cr3t", scope: "PRINCIPAL_ROLE:ALL" } as const;
  const credential = { credential: "root:s3:cr3t", scope: "PRINCIPAL_ROLE:ALL" };

  it("a credential among the properties asks for one token, whose form and headers the endpoint understands", async () => {
    const { seen, tokens } = await loadFrom(
      { auth: client },
      { properties: { ...credential, "header.Polaris-Realm": "POLARIS" } },
    );
    expect(tokens).toEqual(["token-1"]);
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/oauth/tokens",
      "GET /v1/config",
      "GET /v1/namespaces/a/tables/t",
    ]);
    expect(seen[0]?.headers).toMatchObject({ "polaris-realm": "POLARIS" });
    expect(seen[2]?.headers.authorization).toBe("Bearer token-1");
  });

  it("a token that has ended, or that the catalog refuses, is replaced by another, once", async () => {
    const clock = hastyClock();
    let refusals = 0;
    const { tokens } = await loadFrom(
      {
        auth: { ...client, expiresInSeconds: 60 },
        intercept: ({ path, headers }) => {
          if (path.endsWith("/v1/config") && headers.authorization === "Bearer token-1") {
            clock.forwardMs += 41_000;
            return undefined;
          }
          if (!path.endsWith("/tables/t") || refusals++ > 0) return undefined;
          return json({ error: { message: "ended", type: "NotAuthorizedException", code: 401 } }, 401);
        },
      },
      { properties: credential, catalogs: catalogContext({ clock }) },
    );
    expect(tokens).toEqual(["token-1", "token-2", "token-3"]);
  });

  it("a given token is not replaced: the refusal is final", async () => {
    const loading = loadFrom(
      { auth: { kind: "bearer", token: "right" } },
      { scheme: "oauth2", auth: { token: "wrong-token" } },
    );
    const error = await loading.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AccessDeniedError);
    // The server had repeated the token.
    expect(String(error)).toBe("AccessDeniedError: Not authorized: bad token Bearer …");
  });

  it("decision 19: what the token endpoint refuses is said by its code, without secret or body", async () => {
    const error = await loadFrom(
      { auth: client },
      { properties: { ...credential, credential: "root:wrong-secret" } },
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(String(error)).toBe("AccessDeniedError: Not authorized: invalid_client");
    const scope = loadFrom({ auth: client }, { properties: { ...credential, scope: "other" } });
    await expect(scope).rejects.toThrow("Malformed request: invalid_scope");
  });

  it("a foreign token endpoint gets the form, but not the catalog's own headers", async () => {
    await using provider = await startRestCatalog({ tables: [], auth: client });
    await using catalog = await startRestCatalog({
      tables: [TABLE],
      auth: { kind: "bearer", token: "token-1" },
    });
    await loadTable(catalog.origin, {
      properties: {
        ...credential,
        "oauth2-server-uri": `${provider.origin}/v1/oauth/tokens`,
        "header.X-Key": "gate",
      },
    });
    expect(provider.seen).toHaveLength(1);
    expect(provider.seen[0]?.headers).not.toHaveProperty("x-key");
    expect(catalog.seen[0]?.headers).toMatchObject({ "x-key": "gate", authorization: "Bearer token-1" });
  });
});

describe("other ways", () => {
  it("08 C12: an empty scheme counts as none", async () => {
    const { seen } = await loadFrom({}, { scheme: "" });
    expect(seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it("rest.auth.type basic, and what isn't known, by name", async () => {
    const basic = {
      "rest.auth.type": "basic",
      "rest.auth.basic.username": "u",
      "rest.auth.basic.password": "pä",
    };
    const { seen } = await loadFrom({}, { properties: basic });
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("u:pä").toString("base64")}`);
    await expect(loadFrom({}, { properties: { "rest.auth.type": "google" } })).rejects.toThrow(
      new TableError("Unsupported rest.auth.type: google; this version knows none, basic, oauth2 and sigv4"),
    );
  });

  it("08 S7, S8: a delegation hint goes out as it is, whatever its case", async () => {
    const { seen } = await loadFrom({}, { hints: { "x-iceberg-access-delegation": "remote-signing" } });
    expect(seen.map(({ headers }) => headers["x-iceberg-access-delegation"])).toEqual(
      Array(2).fill("remote-signing"),
    );
  });
});
