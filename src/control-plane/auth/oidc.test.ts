/** 02 §1.2, mode oidc: tokens signed here, keys served by a provider of a few lines. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { start } from "../../../test/support/control-plane/harness.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type OidcOptions, oidcAuthenticator } from "./oidc.ts";

const UNAUTHENTICATED = 16;
const UNAVAILABLE = 14;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Provider {
  readonly issuer: string;
  /** Requests for the key set. */
  readonly asked: { count: number };
  rotate(): void;
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: KeyObject): string;
  close(): Promise<void>;
}

async function provider(clock: FakeClock): Promise<Provider> {
  let kid = "key-1";
  let pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const asked = { count: 0 };
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/.well-known/openid-configuration") {
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
    } else {
      asked.count++;
      response.end(
        JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid, use: "sig" }] }),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  cleanUps.push(close);
  return {
    issuer,
    asked,
    rotate() {
      kid = "key-2";
      pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    },
    token(claims = {}, header = {}, key = pair.privateKey) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const nowSeconds = clock.nowMs() / 1000;
      const input = `${part({ alg: "ES256", kid, ...header })}.${part({
        iss: issuer,
        sub: "worker-1",
        account_id: "acct",
        roles: ["Reconcile-Worker "],
        exp: nowSeconds + 300,
        ...claims,
      })}`;
      const signature = sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
      return `${input}.${signature.toString("base64url")}`;
    },
    close,
  };
}

async function server(options: Partial<OidcOptions> = {}) {
  const clock = new FakeClock();
  const issuer = await provider(clock);
  const harness = await start("chunked", {
    clock,
    authenticate: oidcAuthenticator({
      issuer: issuer.issuer,
      authorizationHeader: "authorization",
      sessionHeader: "x-floe-session",
      clock,
      ...options,
    }),
  });
  const call = (headers: Record<string, string>, method = "GetReconcileCancellation") =>
    harness.client.call("executor", method, { job_id: "x" }, headers);
  return { clock, issuer, harness, call };
}

describe("02 §1.2", () => {
  it("a worker's token, with or without `bearer` in front, in either header", async () => {
    const { issuer, call } = await server();
    for (const headers of [
      { authorization: `Bearer ${issuer.token()}` },
      { authorization: `bEARER ${issuer.token()}` },
      { authorization: issuer.token() },
      { "x-floe-session": issuer.token(), authorization: "rubbish" },
    ]) {
      expect((await call(headers)).code).toBe(0);
    }
    expect(issuer.asked.count).toBe(1);
  });

  it.each([
    ["no header", {}, "missing session or authorization token"],
    ["a blank session", { "x-floe-session": "" }, "missing session token"],
    ["a bare scheme", { authorization: "Bearer" }, "missing authorization token"],
    ["rubbish", { authorization: "rubbish" }, "invalid authorization token"],
    ["rubbish in the session", { "x-floe-session": "a.b.c" }, "invalid session token"],
  ])("%s: in the status message, without details", async (_, headers, text) => {
    const { call } = await server();
    const answer = await call({ ...headers });
    expect(answer.code).toBe(UNAUTHENTICATED);
    expect(answer.message).toBe(text);
    expect(answer.statuses).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["expired", { exp: 1 }, "invalid authorization token"],
    ["not yet valid", { nbf: 10_000_000_000 }, "invalid authorization token"],
    ["without an end", { exp: undefined }, "invalid authorization token"],
    ["of another issuer", { iss: "https://other" }, "invalid authorization token"],
    ["without a subject", { sub: " " }, "missing subject"],
    ["without an account", { account_id: undefined }, "missing account_id claim"],
    ["of an unknown account", { account_id: "other" }, "invalid or unknown account: other"],
  ])("a token %s", async (_, claims, text) => {
    const { issuer, call } = await server({ accounts: new Set(["acct"]) });
    const answer = await call({ authorization: issuer.token(claims) });
    expect(answer.code).toBe(UNAUTHENTICATED);
    expect(answer.message).toBe(text);
  });

  it("a wrong audience, a foreign key, an algorithm that proves nothing", async () => {
    const { issuer, call } = await server({ audience: "floecat" });
    expect((await call({ authorization: issuer.token({ aud: ["x", "floecat"] }) })).code).toBe(0);
    const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    for (const token of [
      issuer.token({ aud: "other" }),
      issuer.token({ aud: "floecat" }, {}, foreign),
      issuer.token({ aud: "floecat" }, { alg: "none" }),
      issuer.token({ aud: "floecat" }, { alg: "HS256" }),
      issuer.token({ aud: "floecat" }, { alg: "RS256" }),
    ]) {
      expect((await call({ authorization: token })).message).toBe("invalid authorization token");
    }
  });

  it("accounts as numbers and lists, roles of the realm", async () => {
    const { issuer, call } = await server({ accounts: new Set(["7", "acct"]) });
    expect((await call({ authorization: issuer.token({ account_id: 7 }) })).code).toBe(0);
    const realm = {
      account_id: [1, "acct"],
      roles: undefined,
      realm_access: { roles: ["reconcile-worker"] },
    };
    expect((await call({ authorization: issuer.token(realm) })).code).toBe(0);
  });

  it("08 A20, 02 §1.3: a role decides what may be called", async () => {
    const { issuer, harness, call } = await server();
    const denied = await call({ authorization: issuer.token({ roles: ["reader"] }) });
    expect(denied.error?.params.root_message).toBe(
      "PERMISSION_DENIED: missing permissions: [reconcile-executor-control.internal]",
    );
    const list = (headers: Record<string, string>) =>
      harness.client.call("control", "ListReconcileJobs", {}, headers);
    expect((await list({ authorization: issuer.token({ roles: ["reader"] }) })).code).toBe(7);
    // 08 §1.8: a worker may ask for jobs; who runs captures may not make a worker's calls.
    expect((await list({ authorization: issuer.token() })).code).toBe(0);
    const asAdministrator = { authorization: issuer.token({ roles: ["administrator"] }) };
    expect((await list(asAdministrator)).code).toBe(0);
    expect((await call(asAdministrator)).code).toBe(7);
  });

  it.each<[string, Record<string, unknown>]>([
    ["a string", { roles: "Reconcile-Worker" }],
    ["a JSON list in a string", { roles: '["reader", "reconcile-worker"]' }],
    ["an object", { roles: { roles: ["reconcile-worker"] } }],
    ["an empty list and a realm", { roles: [], realm_access: { roles: ["reconcile-worker"] } }],
  ])("08 §1.8: roles as %s", async (_name, claims) => {
    const { issuer, call } = await server();
    expect((await call({ authorization: issuer.token(claims) })).code).toBe(0);
  });

  it("08 §1.8: of several audiences one is enough", async () => {
    const { issuer, call } = await server({ audience: ["floecat-client", "floecat-reconciler-worker"] });
    const token = (aud: unknown) => ({ authorization: issuer.token({ aud }) });
    expect((await call(token(["floecat-reconciler-worker", "other"]))).code).toBe(0);
    expect((await call(token("other"))).message).toBe("invalid authorization token");
  });

  it("keys that are rotated are found, but rubbish doesn't make it ask again and again", async () => {
    const { clock, issuer, call } = await server();
    expect((await call({ authorization: issuer.token() })).code).toBe(0);
    issuer.rotate();
    for (let attempt = 0; attempt < 3; attempt++) {
      expect((await call({ authorization: issuer.token({}, { kid: "nobody" }) })).code).toBe(UNAUTHENTICATED);
    }
    expect(issuer.asked.count).toBe(1);
    await clock.advance(5000);
    expect((await call({ authorization: issuer.token() })).code).toBe(0);
    expect(issuer.asked.count).toBe(2);
  });

  it("a provider that is down is not the caller's fault", async () => {
    const { issuer, call } = await server();
    const token = issuer.token();
    await issuer.close();
    expect((await call({ authorization: token })).code).toBe(UNAVAILABLE);
  });

  it("01 §11.1: reflection is open in v1, not in v1alpha", async () => {
    const { harness, issuer } = await server();
    const ask = (version: string, headers = {}) =>
      harness.client.send(
        `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        Buffer.from("3a012a", "hex"),
        headers,
      );
    expect((await ask("v1")).code).toBe(0);
    expect((await ask("v1alpha")).code).toBe(UNAUTHENTICATED);
    expect((await ask("v1alpha", { authorization: issuer.token() })).code).toBe(0);
  });
});
