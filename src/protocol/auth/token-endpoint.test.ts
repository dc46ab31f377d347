/** The token request as a provider sees it, and answers of every kind. */
import { createServer, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { openHttp } from "../../http/index.ts";
import { type ClientCredentials, tokenEndpoint } from "./token-endpoint.ts";

interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  /** Never answers. */
  readonly silent?: boolean;
}

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly form: Record<string, string>;
  readonly body: string;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function provider(reply: (path: string, origin: string) => Reply) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    const { method = "", url: path = "", headers } = request;
    seen.push({ method, path, headers, form: Object.fromEntries(new URLSearchParams(body)), body });
    const answer = reply(path, origin);
    if (answer.silent === true) return;
    response.writeHead(answer.status ?? 200, {
      "content-type": answer.type ?? "application/json",
      ...answer.headers,
    });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  closing.push(close);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const origin = `http://127.0.0.1:${address.port}`;
  return { seen, origin, close };
}

const METADATA = "/realms/floecat/.well-known/openid-configuration";
const DERIVED = "/realms/floecat/protocol/openid-connect/token";
const TOKEN: Reply = { body: '{"access_token":"abc","token_type":"Bearer","expires_in":120}' };
const MISSING: Reply = { status: 404, type: "text/plain", body: "no" };

const SECRET = "worker secret&+ü";

function request(origin: string, client: Partial<ClientCredentials> = {}) {
  return tokenEndpoint({
    http: openHttp(),
    issuer: `${origin}/realms/floecat`,
    clientId: "worker-client",
    clientSecret: SECRET,
    timeoutMs: 5000,
    ...client,
  });
}

const metadata = (origin: string, more: object = {}): Reply => ({
  body: JSON.stringify({ issuer: `${origin}/realms/floecat`, token_endpoint: `${origin}/token`, ...more }),
});

describe("08 §1.3", () => {
  test("decision 19: the endpoint is discovered, once", async () => {
    const { seen, origin } = await provider((path, own) => (path === METADATA ? metadata(own) : TOKEN));
    const ask = request(origin);
    expect(await ask("")).toEqual({ token: "abc", lifetimeMs: 120_000 });
    await ask("");
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${METADATA}`,
      "POST /token",
      "POST /token",
    ]);
  });

  test.each<[string, (origin: string) => Reply]>([
    ["no metadata", () => MISSING],
    ["a redirect", () => ({ status: 302, headers: { location: "http://127.0.0.1:1/" } })],
    ["a page in its place", () => ({ type: "text/html", body: "<html>" })],
    ["the metadata of an issuer of another name", () => metadata("http://keycloak:8080")],
    ["metadata without a token endpoint", (origin) => metadata(origin, { token_endpoint: undefined })],
  ])("08 A1, decision 19: the reference's endpoint where discovery finds %s", async (_, discovery) => {
    const { seen, origin } = await provider((path, own) => (path === METADATA ? discovery(own) : TOKEN));
    expect(await request(origin)("")).toMatchObject({ token: "abc" });
    expect(seen.at(-1)?.path).toBe(DERIVED);
    await request(origin, { issuer: `${origin}/realms/floecat/` })("");
    expect(seen.at(-1)?.path).toBe(DERIVED);
  });

  test("08 A2, A3, 03 T19: the request, with the account where there is one", async () => {
    const { seen, origin } = await provider((path) => (path === METADATA ? MISSING : TOKEN));
    await request(origin)("account-a");
    expect(seen.at(-1)).toMatchObject({
      method: "POST",
      form: {
        client_id: "worker-client",
        client_secret: SECRET,
        grant_type: "client_credentials",
        account_id: "account-a",
      },
    });
    expect(seen.at(-1)?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
    expect(seen.at(-1)?.headers).not.toHaveProperty("authorization");
    await request(origin, { parameters: { scope: "reconcile" } })("");
    expect(seen.at(-1)?.form).not.toHaveProperty("account_id");
    expect(seen.at(-1)?.form.scope).toBe("reconcile");
  });

  test("08 A4: the secret as a form writes it", async () => {
    const { seen, origin } = await provider((path) => (path === METADATA ? MISSING : TOKEN));
    await request(origin, { clientSecret: "a b+c&d=é~" })("");
    expect(seen.at(-1)?.body.split("&")).toContain("client_secret=a+b%2Bc%26d%3D%C3%A9%7E");
  });

  test("a provider that takes the secret in a header only gets it there", async () => {
    const { seen, origin } = await provider((path, own) =>
      path === METADATA
        ? metadata(own, { token_endpoint_auth_methods_supported: ["client_secret_basic"] })
        : TOKEN,
    );
    await request(origin)("");
    expect(seen.at(-1)?.headers.authorization).toMatch(/^Basic /);
    expect(seen.at(-1)?.form).not.toHaveProperty("client_secret");
  });

  test.each<[string, Reply, number | undefined]>([
    ["03 T20: no token type", { body: '{"access_token":"abc","expires_in":120}' }, 120_000],
    ["a fraction of a second is cut", { body: '{"access_token":"abc","expires_in":299.5}' }, 299_000],
    ["a quoted number", { body: '{"access_token":"abc","expires_in":"60"}' }, 60_000],
    ["no lifetime", { body: '{"access_token":"abc"}' }, undefined],
    [
      "another status and content type",
      { status: 201, type: "text/plain", body: '{"access_token":"abc"}' },
      undefined,
    ],
  ])("08 A9, A10: an answer with %s", async (_, token, lifetimeMs) => {
    const { origin } = await provider((path) => (path === METADATA ? MISSING : token));
    expect(await request(origin)("")).toEqual({ token: "abc", lifetimeMs });
  });
});

describe("08 §1.6: failures", () => {
  const loud = '{"error":"invalid_client","error_description":"body-text worker secret"}';

  test.each<[string, Reply, string]>([
    ["a refusal", { status: 401, body: loud }, "HTTP status 401, invalid_client"],
    [
      "a refusal in the provider's own words",
      { status: 400, body: '{"error":"body-text"}' },
      "HTTP status 400",
    ],
    ["a page", { status: 502, type: "text/html", body: "<p>body-text" }, "HTTP status 502"],
    ["no token", { body: '{"secret":"body-text"}' }, "OAUTH_INVALID_RESPONSE"],
    ["a token that is no text", { body: '{"access_token":{"body-text":1}}' }, "OAUTH_INVALID_RESPONSE"],
    [
      "a negative lifetime",
      { body: '{"access_token":"body-text","expires_in":-1}' },
      "OAUTH_INVALID_RESPONSE",
    ],
    ["bad JSON", { body: '{"access_token":"body-text' }, "OAUTH_PARSE_ERROR"],
  ])(
    "08 A10, A11: %s: the message says what kind, and holds no secret and no body",
    async (_, token, reason) => {
      const { origin } = await provider((path) => (path === METADATA ? MISSING : token));
      const error: unknown = await request(origin)("").catch((thrown: unknown) => thrown);
      if (!(error instanceof Error)) throw new Error("no error");
      expect(error.message).toBe(error.message.trim());
      expect(error.message).toContain(`no token from identity provider ${origin}/realms/floecat: `);
      expect(error.message).toContain(reason);
      expect(error.message).not.toMatch(/body-text|worker secret/);
      expect(error.cause).toBeUndefined();
    },
  );

  test("a provider that isn't there", async () => {
    const { origin, close } = await provider(() => MISSING);
    await close();
    await expect(request(origin)("")).rejects.toThrow(/ECONNREFUSED/);
  });

  test("an overloaded provider is not taken for one without metadata", async () => {
    const { seen, origin } = await provider((path) => (path === METADATA ? { status: 503 } : TOKEN));
    await expect(request(origin)("")).rejects.toThrow(/HTTP status 503/);
    expect(seen).toHaveLength(1);
  });

  test("a silent provider is given up after its time", async () => {
    const { origin } = await provider(() => ({ silent: true }));
    await expect(request(origin, { timeoutMs: 50 })("")).rejects.toThrow(/OAUTH_TIMEOUT/);
  });

  test("an endless answer isn't read to its end", async () => {
    const { origin } = await provider((path) =>
      path === METADATA ? MISSING : { body: " ".repeat(2 << 20) },
    );
    await expect(request(origin)("")).rejects.toThrow(/larger than 1 MiB/);
  });

  test("after a failure the endpoint is looked for anew", async () => {
    let up = false;
    const { seen, origin } = await provider((path, own) => {
      if (!up) return { status: 500 };
      return path === METADATA ? metadata(own) : TOKEN;
    });
    const ask = request(origin);
    await expect(ask("")).rejects.toThrow(/HTTP status 500/);
    up = true;
    expect(await ask("")).toMatchObject({ token: "abc" });
    expect(seen.map(({ path }) => path)).toEqual([METADATA, METADATA, "/token"]);
  });
});
