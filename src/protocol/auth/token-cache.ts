/**
 * Tokens for calls, each kept for as long as it serves (08 §1.5, decision 19). For an account:
 *
 *     none ── first call waits for a fetch ──► fresh ── lifetime − min(skew, lifetime / 3) ──► ageing ── its end ──► none
 *
 * A fresh token is handed out. So is an ageing one, while a newer one is fetched behind it: a slow or absent provider delays
 * no heartbeat until the token's very end. Callers share a fetch. After a failed one, the next waits its turn.
 */
import type { Clock } from "../../model/index.ts";
import { bearer, type TokenSource } from "../token.ts";
import { TokenError } from "./token-error.ts";

export interface IssuedToken {
  readonly token: string;
  /** From the moment of the request. Undefined: the provider doesn't say. */
  readonly lifetimeMs: number | undefined;
}

export interface TokenCacheOptions {
  /** Asks the provider; bounded in time by itself. Rejects with `TokenError`. */
  readonly fetchToken: (accountId: string) => Promise<IssuedToken>;
  readonly refreshSkewMs: number;
  readonly clock: Clock;
}

/** A token whose lifetime nobody tells is asked for anew after this long. */
const UNKNOWN_LIFETIME_MS = 30_000;
/** A token that is refused sooner than this was never any good. */
const HARDLY_USED_MS = 5000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Accounts remembered at most; beyond it, those without a token go. */
const MANY_ACCOUNTS = 1000;

interface Account {
  token?: HeldToken | undefined;
  fetching?: Promise<HeldToken> | undefined;
  failure?: Failure | undefined;
  /** Tokens that were refused in a row, each soon after it was issued. */
  refusals: number;
}

interface HeldToken {
  readonly authorization: string;
  readonly issuedAtMs: number;
  readonly refreshAtMs: number;
  readonly expiresAtMs: number;
}

/** What failed last, how often in a row, and until when nothing is tried again. */
interface Failure {
  readonly error: unknown;
  readonly count: number;
  readonly untilMs: number;
}

export function cachedTokens({ fetchToken, refreshSkewMs, clock }: TokenCacheOptions): TokenSource {
  const accounts = new Map<string, Account>();

  function accountOf(accountId: string): Account {
    const id = accountId.trim();
    let account = accounts.get(id);
    if (account === undefined) {
      if (accounts.size >= MANY_ACCOUNTS) forgetExpired();
      account = { refusals: 0 };
      accounts.set(id, account);
    }
    return account;
  }

  function forgetExpired(): void {
    const nowMs = clock.monotonicMs();
    for (const [id, { token, fetching }] of accounts) {
      if (fetching === undefined && (token === undefined || nowMs >= token.expiresAtMs)) accounts.delete(id);
    }
  }

  function fetchFor(accountId: string, account: Account): Promise<HeldToken> {
    account.fetching ??= fetched(accountId.trim(), account).finally(() => {
      account.fetching = undefined;
    });
    return account.fetching;
  }

  async function fetched(accountId: string, account: Account): Promise<HeldToken> {
    const issuedAtMs = clock.monotonicMs();
    try {
      const issued = await fetchToken(accountId);
      const lifetimeMs = Math.max(1000, issued.lifetimeMs ?? UNKNOWN_LIFETIME_MS);
      const expiresAtMs = issuedAtMs + lifetimeMs;
      const token: HeldToken = {
        authorization: authorizationOf(issued.token),
        issuedAtMs,
        refreshAtMs: expiresAtMs - Math.min(refreshSkewMs, lifetimeMs / 3),
        expiresAtMs,
      };
      // The one before it has served until now.
      if (account.token !== undefined) account.refusals = 0;
      account.token = token;
      account.failure = undefined;
      return token;
    } catch (error) {
      account.failure = failure(error, (account.failure?.count ?? 0) + 1);
      throw error;
    }
  }

  function failure(error: unknown, count: number): Failure {
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - 1, 10));
    return { error, count, untilMs: clock.monotonicMs() + waitMs };
  }

  return {
    async authorization(accountId, signal) {
      signal.throwIfAborted();
      const account = accountOf(accountId);
      const nowMs = clock.monotonicMs();
      const { token, failure: failed } = account;
      if (token !== undefined && nowMs < token.refreshAtMs) return token.authorization;
      const mayFetch = failed === undefined || nowMs >= failed.untilMs;
      if (token !== undefined && nowMs < token.expiresAtMs) {
        if (mayFetch) void fetchFor(accountId, account).catch(() => {});
        return token.authorization;
      }
      if (!mayFetch && account.fetching === undefined) throw failed.error;
      return (await unlessAborted(fetchFor(accountId, account), signal)).authorization;
    },

    rejected(accountId, authorization) {
      const account = accountOf(accountId);
      const { token } = account;
      if (token?.authorization !== authorization) return;
      account.token = undefined;
      const hardlyUsed = clock.monotonicMs() - token.issuedAtMs < HARDLY_USED_MS;
      account.refusals = hardlyUsed ? account.refusals + 1 : 1;
      // The first is replaced at once (decision 19). A wrong audience must not make a fleet ask without pause.
      if (account.refusals > 1) account.failure = failure(new TokenError(REFUSED), account.refusals - 1);
    },
  };
}

const REFUSED =
  "the control plane refuses tokens that the identity provider has just issued: check its issuer and audience settings, and that the client has the role reconcile-worker";

function authorizationOf(token: string): string {
  // Anything else can't stand in a header, or would end it.
  if (!/^[\x21-\x7e]+( [\x21-\x7e]+)?$/.test(token)) {
    throw new TokenError("the identity provider issued a token that no header can carry");
  }
  return bearer(token);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
