import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { certificateAuthority } from "../../test/support/certificates.ts";
import { portOf, startProxy } from "../../test/support/http-proxy.ts";
import { loadSettings, shownValue } from "../config/index.ts";
import { DEFAULT_WORKER_SETTINGS } from "../worker/index.ts";
import { chooseConnection } from "./connection.ts";

const folder = mkdtempSync(join(tmpdir(), "connection-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function chosen(env: Record<string, string>) {
  const { settings } = await loadSettings({ env });
  return chooseConnection(settings);
}

const tokenOf = async (env: Record<string, string>) =>
  (await chosen(env)).controlPlane.tokens?.authorization("", new AbortController().signal);

const OIDC = {
  FLOECAT_RECONCILER_OIDC_ISSUER: "http://keycloak:8080/realms/floecat",
  FLOECAT_RECONCILER_OIDC_CLIENT_ID: "floecat-reconciler-worker",
  FLOECAT_RECONCILER_OIDC_CLIENT_SECRET: "secret",
};

describe("08 §1.9: modes", () => {
  test("dev: no token, and no warning where none is required", async () => {
    const env = { FLOECAT_RECONCILER_WORKER_AUTH_REQUIRED: "false" };
    const { controlPlane, warnings } = await chosen(env);
    expect(controlPlane.authRequired).toBe(false);
    expect(warnings).toEqual([]);
    expect(await tokenOf(env)).toBeUndefined();
  });

  test("08 A13, 03 T16, 01 C3 (decision 20): required and not configured goes on without a token, with a warning", async () => {
    const { warnings } = await chosen({});
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("oidc.issuer, floecat.reconciler.oidc.client-id");
    expect(await tokenOf({})).toBeUndefined();
  });

  test("the warning names what is missing of a configuration", async () => {
    const { warnings } = await chosen({ ...OIDC, FLOECAT_RECONCILER_OIDC_CLIENT_SECRET: " " });
    expect(warnings[0]).toContain("calls carry no token: floecat.reconciler.oidc.client-secret not set");
  });

  test("oidc: no warning", async () => {
    expect((await chosen(OIDC)).warnings).toEqual([]);
  });

  test("a static token wins, and is no secret in a message", async () => {
    const env = { ...OIDC, FLOECAT_CAPTURE_AUTH_TOKEN: "abc" };
    expect(await tokenOf(env)).toBe("Bearer abc");
  });
});

test("08 A15, A16: the session header wins over the authorization header, a blank one doesn't", async () => {
  const env = { FLOECAT_INTERCEPTOR_SESSION_HEADER: "x-floe-session" };
  const blank = { FLOECAT_INTERCEPTOR_SESSION_HEADER: " " };
  expect((await chosen(blank)).controlPlane.tokenHeader).toBe("authorization");
  expect((await chosen(env)).controlPlane.tokenHeader).toBe("x-floe-session");
  expect((await chosen({})).controlPlane.tokenHeader).toBe("authorization");
});

test("TLS files are read, and told by name where they can't be", async () => {
  const file = join(folder, "ca.pem");
  writeFileSync(file, "PEM");
  const { controlPlane } = await chosen({ FLOECAT_CAPTURE_TLS_CA_FILE: file });
  expect(controlPlane.tls?.ca).toBe("PEM");
  const missing = { FLOECAT_CAPTURE_TLS_CLIENT_KEY_FILE: join(folder, "none") };
  await expect(chosen(missing)).rejects.toThrow(/client key file .*none can't be read: ENOENT/);
});

test("the worker's defaults are the settings'", async () => {
  const { worker, connection } = (await loadSettings({})).settings;
  expect({ ...worker, ...connection, maxParallelism: 2 }).toMatchObject(DEFAULT_WORKER_SETTINGS);
});

describe("08 §1, §9: an identity provider in a firm's network", () => {
  test.each(["FLOECAT_CAPTURE_TLS_CA_FILE", "FLOECAT_CAPTURE_HTTP_CA_FILE"])(
    "is trusted by the authorities of %s and reached through HTTPS_PROXY, but for NO_PROXY",
    async (caVariable) => {
      const authority = await certificateAuthority("a firm's own");
      const { certificate: cert, key } = await authority.server({ dns: ["idp.test"] });
      const answer = JSON.stringify({ access_token: "abc", token_type: "Bearer", expires_in: 60 });
      const provider = createServer({ cert, key }, (request, response) => {
        const isToken = request.method === "POST";
        response
          .writeHead(isToken ? 200 : 404, { "content-type": "application/json" })
          .end(isToken ? answer : "{}");
      });
      await once(provider.listen(0, "127.0.0.1"), "listening");
      const proxy = await startProxy();
      const caFile = join(folder, "ca.pem");
      writeFileSync(caFile, authority.certificate);
      const env = {
        ...OIDC,
        FLOECAT_CAPTURE_CONTROL_PLANE_URL: "https://control-plane.test",
        FLOECAT_RECONCILER_OIDC_ISSUER: `https://idp.test:${portOf(provider)}/realms/floecat`,
        HTTPS_PROXY: `127.0.0.1:${proxy.port}`,
      };
      try {
        expect(await tokenOf({ ...env, [caVariable]: caFile })).toBe("Bearer abc");
        expect(proxy.seen[0]).toBe(`CONNECT idp.test:${portOf(provider)}`);
        await expect(tokenOf(env)).rejects.toThrow(/UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
        const before = proxy.seen.length;
        await expect(tokenOf({ ...env, [caVariable]: caFile, NO_PROXY: ".test" })).rejects.toThrow(
          /ENOTFOUND|EAI_AGAIN/,
        );
        expect(proxy.seen).toHaveLength(before);
      } finally {
        await proxy.close();
        provider.close();
        provider.closeAllConnections();
      }
    },
  );

  test("a proxy's password is shown nowhere", async () => {
    const HTTPS_PROXY = "http://me:secret@proxy:3128";
    const { origins } = await loadSettings({ env: { HTTPS_PROXY } });
    expect(JSON.stringify(origins.map(shownValue))).not.toContain("secret");
    await expect(loadSettings({ env: { HTTPS_PROXY: `socks5${HTTPS_PROXY.slice(4)}` } })).rejects.toThrow(
      /^HTTPS_PROXY \(floecat.capture.http.tls-proxy\): an http:\/\/ or https:\/\/ URL is needed$/,
    );
  });
});
