import { HttpError, type HttpSettings, openHttp } from "../../http/index.ts";
import { AccessDeniedError, type Clock, ServiceAnswerError, TransientReadError } from "../../model/index.ts";
import type { AccessToken } from "./token-ring.ts";

/** One question for a bearer token, to a token endpoint of OAuth 2.0 or to the metadata server of a cloud. */
export interface TokenRequest {
  /** As messages call whoever is asked. */
  readonly service: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Posted as a form; absent: a GET. */
  readonly form?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  /** Absent: no proxy, as metadata servers are part of the machine. */
  readonly network?: HttpSettings | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 256 * 1024;
/** What can stand in a header. */
const TOKEN_TEXT = /^[\x21-\x7e]{1,65536}$/;

/** Asks once. What may pass is a `TransientReadError`; a refusal repeats the service's code and nothing of the answer's text. */
export async function requestToken(request: TokenRequest): Promise<AccessToken> {
  const { service, form, headers, clock } = request;
  const http = openHttp(request.network ?? {});
  try {
    const answer = await http.fetch(request.url, {
      method: form === undefined ? "GET" : "POST",
      headers: {
        ...headers,
        accept: "application/json",
        ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
      },
      body: form === undefined ? undefined : new URLSearchParams(form).toString(),
      signal: request.signal,
      timeoutMs: request.timeoutMs ?? TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    const body = parsed(await answer.text());
    if (!answer.ok) throw refusal(service, answer.status, body.error);
    return tokenOf(body, service, clock.nowMs());
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new TransientReadError(`${service} can't be asked for a token: ${error.message}`, { cause: error });
  } finally {
    http.close();
  }
}

type Body = Readonly<Record<string, unknown>>;

function parsed(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function refusal(service: string, status: number, error: unknown): Error {
  const code = typeof error === "string" && /^[A-Za-z0-9_.-]{1,80}$/.test(error) ? error : undefined;
  const said = code === undefined ? `${status}` : `${status} ${code}`;
  const cause = new ServiceAnswerError(`${service} answered ${said}`, { httpStatus: status, code });
  if (status === 429 || status >= 500 || status === 408) {
    return new TransientReadError(`${service} gave no token (${said})`, { cause });
  }
  return new AccessDeniedError(`${service} refuses to give a token (${said})`, { cause });
}

function tokenOf(body: Body, service: string, nowMs: number): AccessToken {
  const { access_token: value, expires_in: lifeSeconds } = body;
  if (typeof value !== "string" || !TOKEN_TEXT.test(value)) {
    throw new TransientReadError(`${service} answered without a token`);
  }
  // Azure's metadata server writes the number as a text.
  const seconds =
    typeof lifeSeconds === "string" && /^\d{1,9}$/.test(lifeSeconds) ? Number(lifeSeconds) : lifeSeconds;
  return { value, endMs: typeof seconds === "number" && seconds > 0 ? nowMs + seconds * 1000 : undefined };
}
