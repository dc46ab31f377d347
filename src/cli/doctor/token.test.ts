import { expect, it } from "vitest";
import { staticToken } from "../../protocol/index.ts";
import { checkToken, judgeClaims, judgeClock, readClaims } from "./token.ts";

const nowMs = 1_800_000_000_000;
const now = nowMs / 1000;
const good = {
  iss: "https://idp/realms/f",
  exp: now + 300,
  iat: now,
  roles: ["reconcile-worker"],
  account_id: "a",
};
const signal = new AbortController().signal;

function jwt(payload: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `Bearer ${part({ alg: "RS256" })}.${part(payload)}.c2ln`;
}

it("08 §1.8 a token says issuer, end, roles and account", () => {
  expect(judgeClaims(good, nowMs)).toEqual({
    status: "ok",
    found: "issued by https://idp/realms/f, good for 5m 00s, roles reconcile-worker, account a",
  });
});

it.each([
  [{ roles: "Reconcile-Worker " }],
  [{ roles: '["other","reconcile-worker"]' }],
  [{ roles: { roles: ["reconcile-worker"] } }],
  [{ roles: [], realm_access: { roles: ["reconcile-worker"] } }],
])("08 §1.8 the role is found in %j", (claims) => {
  expect(judgeClaims({ ...good, ...claims }, nowMs).status).toBe("ok");
});

it("08 §1.8 administrator is not enough; an account is needed by most servers", () => {
  const administrator = judgeClaims({ ...good, roles: ["administrator"] }, nowMs);
  expect(administrator).toMatchObject({ status: "failed", next: expect.stringMatching(/reconcile-worker/) });
  expect(judgeClaims({ ...good, account_id: " " }, nowMs)).toMatchObject({
    status: "warning",
    next: expect.stringMatching(/account_id/),
  });
});

it("a token that has ended is told", () => {
  expect(judgeClaims({ ...good, exp: now - 1 }, nowMs)).toMatchObject({
    status: "failed",
    found: expect.stringMatching(/ended/),
  });
});

it("clock: behind and ahead of the identity provider's", () => {
  expect(judgeClock(good, nowMs)?.status).toBe("ok");
  expect(judgeClock({ ...good, iat: now + 120 }, nowMs)).toMatchObject({
    status: "failed",
    found: "this machine's clock is 2m 00s behind the identity provider's",
  });
  expect(judgeClock({ ...good, iat: now - 120, exp: now + 180 }, nowMs)?.status).toBe("warning");
  expect(judgeClock({ ...good, iat: now - 900, exp: now - 600 }, nowMs)).toMatchObject({
    status: "failed",
    found: "this machine's clock is 15m 00s ahead of a token just issued",
  });
  expect(judgeClock({ iss: "x" }, nowMs)).toBeUndefined();
});

it("the token itself is never shown", async () => {
  const authorization = jwt(good);
  const { token, clock } = await checkToken(staticToken(authorization), nowMs, signal);
  expect(token.status).toBe("ok");
  expect(JSON.stringify([token, clock])).not.toContain(authorization.split(".")[1]);
  const opaque = await checkToken(staticToken("opaque-secret"), nowMs, signal);
  expect(opaque.token.status).toBe("ok");
  expect(JSON.stringify(opaque)).not.toContain("opaque-secret");
  expect(readClaims("Bearer a.!!.c")).toBeUndefined();
});
