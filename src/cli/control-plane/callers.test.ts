import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { certificateAuthority } from "../../../test/support/certificates.ts";
import { portOf, startProxy } from "../../../test/support/http-proxy.ts";
import { loadSettings } from "../../config/index.ts";
import { UsageError } from "../../model/index.ts";
import { chooseAuthenticator } from "./callers.ts";

async function chosen(overrides: Readonly<Record<string, string>>) {
  return chooseAuthenticator((await loadSettings({ overrides })).settings);
}

/** A call as far as an authenticator looks at it. */
function call(headers: Readonly<Record<string, string>>): Parameters<Awaited<ReturnType<typeof chosen>>>[0] {
  return {
    path: "/service/Method",
    timeoutMs: undefined,
    header: (name) => headers[name],
    signal: new AbortController().signal,
    responseMetadata: new Map(),
  };
}

describe("02 §1.2 floecat.auth.mode", () => {
  test("dev, the default, takes the account from a header that a setting names", async () => {
    const byDefault = await chosen({});
    expect(await byDefault(call({ "x-floe-account": "acct-1" }))).toMatchObject({ accountId: "acct-1" });
    expect(await byDefault(call({}))).toMatchObject({ accountId: "local", subject: "dev-user" });
    const named = await chosen({
      "floecat.interceptor.dev-account.header": "x-account",
      "floecat.capture.embedded.account": "t-0001",
    });
    expect(await named(call({ "x-account": "acct-2" }))).toMatchObject({ accountId: "acct-2" });
    expect(await named(call({ "x-floe-account": "acct-1" }))).toMatchObject({ accountId: "t-0001" });
  });

  test("none looks at nothing", async () => {
    const open = await chosen({ "floecat.auth.mode": "none" });
    expect(await open(call({ "x-floe-account": "acct-1" }))).toMatchObject({ accountId: "local" });
  });

  test("oidc refuses a call without a token, by the header that is looked at", async () => {
    const oidc = { "floecat.auth.mode": "OIDC", "quarkus.oidc.auth-server-url": "http://127.0.0.1:1/realm" };
    const callers = await chosen({ ...oidc, "floecat.interceptor.session.header": "x-floe-session" });
    await expect(callers(call({}))).rejects.toThrow("missing session or authorization token");
    await expect(callers(call({ "x-floe-session": "Bearer " }))).rejects.toThrow("missing session token");
    await expect(callers(call({ authorization: "Bearer x" }))).rejects.toThrow("invalid authorization token");
  });

  test("oidc without an issuer is wrong use, told at the start", async () => {
    await expect(chosen({ "floecat.auth.mode": "oidc" })).rejects.toThrow(UsageError);
    await expect(chosen({ "floecat.auth.mode": "oidc" })).rejects.toThrow(/quarkus\.oidc\.auth-server-url/);
  });
});

test("08 §1, §9: an issuer is asked for its keys through the proxy, trusted by own authorities", async () => {
  const authority = await certificateAuthority("a firm's own");
  const { certificate: cert, key } = await authority.server({ dns: ["idp.test"] });
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = createServer({ cert, key }, (request, response) => {
    const issuer = `https://${request.headers.host}`;
    const keys = [{ ...pair.publicKey.export({ format: "jwk" }), kid: "k" }];
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks`, keys }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const proxy = await startProxy();
  const folder = mkdtempSync(join(tmpdir(), "callers-"));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, authority.certificate);
  const issuer = `https://idp.test:${portOf(server)}`;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: issuer,
    sub: "w",
    account_id: "local",
    roles: ["reconcile-worker"],
    exp: 4_000_000_000,
  };
  const input = `${part({ alg: "ES256", kid: "k" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(input), { key: pair.privateKey, dsaEncoding: "ieee-p1363" });
  try {
    const callers = await chosen({
      "floecat.auth.mode": "oidc",
      "quarkus.oidc.auth-server-url": issuer,
      "floecat.capture.http.ca-file": caFile,
      "floecat.capture.http.tls-proxy": `127.0.0.1:${proxy.port}`,
    });
    const authorization = `Bearer ${input}.${signature.toString("base64url")}`;
    expect(await callers(call({ authorization }))).toMatchObject({ accountId: "local", subject: "w" });
    expect(proxy.seen[0]).toBe(`CONNECT idp.test:${portOf(server)}`);
  } finally {
    await proxy.close();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
});
