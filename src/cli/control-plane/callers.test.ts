import { describe, expect, test } from "vitest";
import { loadSettings } from "../../config/index.ts";
import { UsageError } from "../../model/index.ts";
import { chooseAuthenticator } from "./callers.ts";

async function chosen(overrides: Readonly<Record<string, string>>) {
  return chooseAuthenticator((await loadSettings({ overrides })).settings.embeddedAuth);
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
