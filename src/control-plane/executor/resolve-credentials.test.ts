/** 08 §2.2, §2.3, §11 C1–C10: what a payload delivers of each kind of credential. */
import { createServer } from "node:http";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { Generation } from "../../model/index.ts";
import {
  AuthCredentialsSchema,
  ConnectorSchema,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { credentialIssuers } from "./credential-issuers.ts";
import {
  type CredentialIssuers,
  type GrantRequest,
  type RoleRequest,
  resolveCredentials,
} from "./resolve-credentials.ts";

const asked: (GrantRequest | RoleRequest)[] = [];
const issuers: CredentialIssuers = {
  async grant(request) {
    asked.push(request);
    return "granted";
  },
  async assumeRole(request) {
    asked.push(request);
    return { accessKeyId: "sts-key", secretAccessKey: "sts-secret", sessionToken: "sts-token" };
  },
  newId: () => "provider-1",
};

type Credentials = MessageInitShape<typeof AuthCredentialsSchema>;
interface Auth {
  readonly scheme?: string;
  readonly properties?: Record<string, string>;
  readonly headerHints?: Record<string, string>;
}

async function payload(
  credentials: Credentials,
  auth: Auth = {},
  {
    generation = "chunked",
    options = {},
  }: { generation?: Generation; options?: Record<string, string> } = {},
) {
  asked.length = 0;
  const connector = create(ConnectorSchema, {
    resourceId: { accountId: "acct", id: "connector-1" },
    properties: options,
    auth: { scheme: "oauth2", ...auth, credentials: create(AuthCredentialsSchema, credentials) },
  });
  await resolveCredentials(connector, generation, issuers);
  expect(connector.auth?.credentials).toBeUndefined();
  return {
    options: connector.properties,
    props: connector.auth?.properties,
    hints: connector.auth?.headerHints,
  };
}

const HINTS = { "X-Iceberg-Access-Delegation": "vended-credentials" };

test("08 C1: bearer", async () => {
  const found = await payload(
    { credential: { case: "bearer", value: { token: "tok-123" } } },
    { headerHints: HINTS },
  );
  expect(found).toEqual({ options: {}, props: { token: "tok-123" }, hints: HINTS });
});

const CLIENT = { clientId: "id", clientSecret: "secret" };

test("08 C2: a client with an endpoint leaves the token alone, without other properties and hints", async () => {
  const endpoint = "https://idp/token";
  const auth = { properties: { "signing-name": "x", scope: "all" }, headerHints: HINTS };
  const found = await payload({ credential: { case: "client", value: { ...CLIENT, endpoint } } }, auth);
  expect(found).toEqual({ options: {}, props: { token: "granted" }, hints: {} });
  expect(asked).toEqual([{ ...CLIENT, endpoint, scope: "all" }]);
  const stored = { properties: { "oauth2-server-uri": "https://stored/token" } };
  await payload({ credential: { case: "client", value: CLIENT }, properties: { scope: "own" } }, stored);
  expect(asked).toEqual([{ ...CLIENT, endpoint: "https://stored/token", scope: "own" }]);
});

test("08 C3: a client without an endpoint is passed on as it is", async () => {
  const found = await payload(
    { credential: { case: "client", value: CLIENT } },
    { properties: { kept: "1" } },
  );
  expect(found.props).toEqual({ kept: "1", client_id: "id", client_secret: "secret" });
  expect(asked).toEqual([]);
});

test("08 C4, C5: AWS keys become options, without quotes around them", async () => {
  const aws = { accessKeyId: '"akid"', secretAccessKey: " 'secret' ", sessionToken: "session" };
  expect(await payload({ credential: { case: "aws", value: aws } })).toEqual({
    options: {
      "s3.access-key-id": "akid",
      "s3.secret-access-key": "secret",
      "s3.session-token": "session",
    },
    props: {},
    hints: {},
  });
  const withoutToken = { accessKeyId: "akid", secretAccessKey: '"', sessionToken: " " };
  expect((await payload({ credential: { case: "aws", value: withoutToken } })).options).toEqual({
    "s3.access-key-id": "akid",
    "s3.secret-access-key": '"',
  });
});

const STS_OPTIONS = {
  "s3.access-key-id": "sts-key",
  "s3.secret-access-key": "sts-secret",
  "s3.session-token": "sts-token",
};

test("08 C6: an assumed role's keys, in chunked with handles that mean nothing to a worker", async () => {
  const role = { roleArn: "arn:r", externalId: "ext", durationSeconds: 900 };
  const credentials = { credential: { case: "awsAssumeRole", value: role } } as const;
  const options = { "aws.region": "eu-west-1" };
  expect((await payload(credentials, {}, { options })).options).toEqual({
    ...options,
    ...STS_OPTIONS,
    "floecat.aws.credentials-provider-id": "provider-1",
    "floecat-provider-id": "provider-1",
  });
  expect(asked).toEqual([
    { ...role, sessionName: "floecat-assume-role", webIdentityToken: undefined, region: "eu-west-1" },
  ]);
  expect((await payload(credentials, {}, { generation: "inline" })).options).toEqual(STS_OPTIONS);
});

test("08 §2.3: a web identity's token comes from the credential's properties", async () => {
  const credential = {
    case: "awsWebIdentity",
    value: { roleArn: "arn:r", roleSessionName: "mine" },
  } as const;
  await payload({ credential, properties: { "aws.web_identity_token": "jwt" } });
  expect(asked).toMatchObject([{ roleArn: "arn:r", sessionName: "mine", webIdentityToken: "jwt" }]);
});

test("08 C7, C8: a CLI's profile and cache are those of the worker's machine", async () => {
  const aws = { credential: { case: "cli", value: { provider: "AWS" } } } as const;
  const profile = { profile_name: "dev", cache_path: "/home/u/aws-config" };
  expect((await payload({ ...aws, properties: profile })).props).toEqual({
    "cli.provider": "aws",
    "aws.profile": "dev",
    "aws.profile_path": "/home/u/aws-config",
  });
  const databricks = { credential: { case: "cli", value: { provider: "Databricks" } } } as const;
  const cache = { cache_path: "/home/u/cache.json", client_id: "client", scope: "scope-x" };
  expect((await payload({ ...databricks, properties: cache })).props).toEqual({
    "cli.provider": "databricks",
    ...cache,
  });
});

test.each(["rfc8693TokenExchange", "azureTokenExchange", "gcpTokenExchange"] as const)(
  "08 C9: %s fails, since there is no caller",
  async (kind) => {
    await expect(payload({ credential: { case: kind, value: {} } })).rejects.toMatchObject({
      status: "INVALID_ARGUMENT",
      params: { root_message: "subject_token required for token exchange" },
    });
  },
);

test.each(["none", " NONE ", "", " "])("08 C10: with scheme %j the secret isn't applied", async (scheme) => {
  const credentials = { credential: { case: "bearer", value: { token: "tok" } } } as const;
  expect((await payload(credentials, { scheme })).props).toEqual({});
});

test("08 §2.2: nor without a resource id, nor where there is no secret", async () => {
  const auth = {
    scheme: "oauth2",
    credentials: { credential: { case: "bearer", value: { token: "tok" } } },
  } as const;
  const connector = create(ConnectorSchema, { auth });
  await resolveCredentials(connector, "chunked", issuers);
  expect(connector.auth?.properties).toEqual({});
  expect((await payload({}, { properties: { kept: "1" } })).props).toEqual({ kept: "1" });
});

test("08 §2.4: a grant by form, refusals without their body, and no secret over plain HTTP elsewhere", async () => {
  const bodies: string[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    bodies.push(body);
    response.writeHead(status).end(JSON.stringify({ access_token: "abc", echo: body }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const request = { endpoint: `http://127.0.0.1:${port}/token`, ...CLIENT, scope: "a b" };
  expect(await credentialIssuers.grant(request)).toBe("abc");
  expect(bodies).toEqual(["grant_type=client_credentials&client_id=id&client_secret=secret&scope=a+b"]);
  status = 401;
  await expect(credentialIssuers.grant(request)).rejects.toThrow(/^Token exchange failed: HTTP 401$/);
  server.close();
  await expect(credentialIssuers.grant({ ...request, endpoint: "http://idp/token" })).rejects.toThrow(
    "Token endpoint must use HTTPS",
  );
});
