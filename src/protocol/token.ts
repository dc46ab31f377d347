/**
 * Where bearer tokens come from (08 §1, decision 19). A source that has none says so; the calls then go without one
 * (decision 20).
 */
export interface TokenSource {
  /**
   * The header value for calls about an account, `""` for lease calls (08 §1.7), or undefined to send none. Rejects if a
   * token is needed and can't be had.
   */
  authorization(accountId: string, signal: AbortSignal): Promise<string | undefined>;
  /** The server refused this value: don't hand it out again. */
  rejected(accountId: string, authorization: string): void;
}

export const noToken: TokenSource = {
  authorization: () => Promise.resolve(undefined),
  rejected: () => {},
};

/** One token for every account, for servers that are set up with a long-lived one. */
export function staticToken(token: string): TokenSource {
  const authorization = bearer(token);
  return { authorization: () => Promise.resolve(authorization), rejected: () => {} };
}

/** A token that already says `bearer ` is sent as it is (08 §1.2). */
export function bearer(token: string): string {
  return /^bearer /i.test(token) ? token : `Bearer ${token}`;
}
