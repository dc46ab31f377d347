/**
 * Tries of one catalog call (04 §3.6): again after a status that may go away and after most failures of the network, with the
 * wait that the server asks for, else a doubling one with up to 10 % jitter.
 */
import { HttpError } from "../../http/index.ts";
import type { Clock } from "../../model/index.ts";

export interface RetryRules {
  /** Tries after the first. */
  readonly maxRetries: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

const RETRIED_STATUS: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const FIRST_WAIT_MS = 1000;
const MOST_DOUBLINGS = 6;
const JITTER = 0.1;
/** A server may ask for more; a lease is held meanwhile. */
const LONGEST_WAIT_MS = FIRST_WAIT_MS * 2 ** MOST_DOUBLINGS;

/** The last answer, whatever its status; rejects with the last failure of the network. */
export async function withRetries(call: () => Promise<Response>, rules: RetryRules): Promise<Response> {
  for (let retry = 1; ; retry++) {
    const isLast = retry > rules.maxRetries;
    let askedMs: number | undefined;
    try {
      const answer = await call();
      if (isLast || !RETRIED_STATUS.has(answer.status)) return answer;
      askedMs = retryAfterMs(answer.headers.get("retry-after"), rules.clock.nowMs());
    } catch (error) {
      if (isLast || !mayGoAway(error)) throw error;
    }
    await rules.clock.sleep(askedMs ?? waitMs(retry, rules.random()), rules.signal);
  }
}

function waitMs(retry: number, random: number): number {
  return FIRST_WAIT_MS * 2 ** Math.min(retry - 1, MOST_DOUBLINGS) * (1 + JITTER * random);
}

/** `Retry-After` in seconds or as a date, if it lies ahead. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : undefined;
}

/** Not for a host that isn't known or doesn't listen, nor for a certificate, nor for an answer that took too long. */
const LASTING_CODES: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPROTO",
]);

function mayGoAway(error: unknown): boolean {
  if (!(error instanceof HttpError) || error.reason !== "network") return false;
  const { code } = error;
  return code === undefined ? true : /^E[A-Z]+$/.test(code) && !LASTING_CODES.has(code);
}
