import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { TokenSource } from "../token.ts";
import { cachedTokens, type IssuedToken } from "./token-cache.ts";
import { TokenError } from "./token-error.ts";

const signal = new AbortController().signal;

let clock: FakeClock;
let asked: string[];
/** What the provider does next; by default `token-<n>` for 120 s. */
let provider: (accountId: string) => Promise<IssuedToken>;
let tokens: TokenSource;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  provider = () => Promise.resolve({ token: `token-${asked.length}`, lifetimeMs: 120_000 });
  tokens = withSkew(30_000);
});

function withSkew(refreshSkewMs: number): TokenSource {
  return cachedTokens({
    fetchToken: (accountId) => {
      asked.push(accountId);
      return provider(accountId);
    },
    refreshSkewMs,
    clock,
  });
}

const get = (accountId = "a") => tokens.authorization(accountId, signal);

const down = () => Promise.reject(new TokenError("provider is down"));

describe("08 §1.5", () => {
  test("08 A5, A6, 03 T19 (decision 19): a token is reused for 60 s, and a newer one fetched once 90 s of 120 are over", async () => {
    expect(await get()).toBe("Bearer token-1");
    await clock.advance(60_000);
    expect(await get()).toBe("Bearer token-1");
    await clock.advance(29_999);
    await get();
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await get();
    await clock.settle();
    expect(asked).toHaveLength(2);
    expect(await get()).toBe("Bearer token-2");
  });

  test("08 A7, 03 T15, T21: one token for each account, never mixed", async () => {
    const seen = [];
    for (const account of ["acct-1", "acct-2", " acct-1 ", "acct-2"]) seen.push(await get(account));
    expect(seen).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-1", "Bearer token-2"]);
    expect(asked).toEqual(["acct-1", "acct-2"]);
  });

  test("08 A17: callers at the same time share a fetch", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => get()));
    expect(new Set(all).size).toBe(1);
    expect(asked).toHaveLength(1);
  });

  test("08 A8, decision 19: a skew beyond a third of the lifetime doesn't mean a fetch for every call", async () => {
    provider = () => Promise.resolve({ token: `token-${asked.length}`, lifetimeMs: 30_000 });
    await get();
    await clock.advance(19_999);
    await get();
    expect(asked).toHaveLength(1);
  });

  test("a token whose lifetime nobody tells is kept for a short time", async () => {
    provider = () => Promise.resolve({ token: "token", lifetimeMs: undefined });
    await get();
    await clock.advance(10_000);
    await get();
    expect(asked).toHaveLength(1);
    await clock.advance(20_000);
    await get();
    expect(asked).toHaveLength(2);
  });

  test("a caller that gives up leaves the fetch to the others", async () => {
    let issue = (_: IssuedToken) => {};
    provider = () => new Promise((resolve) => (issue = resolve));
    const impatient = new AbortController();
    const first = tokens.authorization("a", impatient.signal);
    const second = get();
    impatient.abort(new Error("gave up"));
    await expect(first).rejects.toThrow("gave up");
    issue({ token: "late", lifetimeMs: 120_000 });
    expect(await second).toBe("Bearer late");
    expect(asked).toHaveLength(1);
  });

  test("08 A12, 03 §3.4: a token that says bearer itself is used as it is", async () => {
    provider = () => Promise.resolve({ token: "bearer abc", lifetimeMs: 1 });
    expect(await get()).toBe("bearer abc");
  });

  test("a token that would break the header is refused, unseen", async () => {
    provider = () => Promise.resolve({ token: "abc\r\nx-floe-account: other", lifetimeMs: 1000 });
    await expect(get()).rejects.toThrow(/no header can carry$/);
  });
});

describe("a provider in trouble", () => {
  test("an ageing token serves until its end while the provider is down", async () => {
    await get();
    provider = down;
    await clock.advance(119_999);
    expect(await get()).toBe("Bearer token-1");
    await clock.settle();
    await clock.advance(1);
    await expect(get()).rejects.toThrow("provider is down");
  });

  test("a slow provider delays no call while there is a token", async () => {
    await get();
    provider = () => new Promise(() => {});
    await clock.advance(100_000);
    expect(await get()).toBe("Bearer token-1");
    expect(asked).toHaveLength(2);
  });

  test("after a failure, calls fail without asking until a growing wait is over", async () => {
    provider = down;
    await expect(get()).rejects.toThrow("provider is down");
    await clock.advance(499);
    await expect(get()).rejects.toThrow("provider is down");
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await expect(get()).rejects.toThrow("provider is down");
    expect(asked).toHaveLength(2);
    await clock.advance(999);
    await expect(get()).rejects.toThrow("provider is down");
    expect(asked).toHaveLength(2);
    provider = () => Promise.resolve({ token: "back", lifetimeMs: 120_000 });
    await clock.advance(1);
    expect(await get()).toBe("Bearer back");
  });
});

describe("a token that the server refuses (decision 19)", () => {
  test("is replaced at once", async () => {
    const refused = await get();
    tokens.rejected("a", refused ?? "");
    expect(await get()).toBe("Bearer token-2");
  });

  test("is dropped once, however many calls were refused with it", async () => {
    const refused = (await get()) ?? "";
    tokens.rejected("a", refused);
    await get();
    tokens.rejected("a", refused);
    await get();
    expect(asked).toHaveLength(2);
  });

  test("by a server that refuses every new one too, is not replaced without pause", async () => {
    tokens.rejected("a", (await get()) ?? "");
    tokens.rejected("a", (await get()) ?? "");
    await expect(get()).rejects.toThrow(/check its issuer and audience settings/);
    expect(asked).toHaveLength(2);
    await clock.advance(500);
    tokens.rejected("a", (await get()) ?? "");
    await clock.advance(500);
    await expect(get()).rejects.toThrow(TokenError);
    expect(asked).toHaveLength(3);
  });

  test("after it has served for long, is replaced at once again", async () => {
    for (let times = 0; times < 3; times += 1) {
      const token = (await get()) ?? "";
      await clock.advance(10_000);
      tokens.rejected("a", token);
    }
    expect(await get()).toBe("Bearer token-4");
  });
});
