/**
 * One call on the wire: headers, deadline, token, and what a failure says (03 §3.2, §3.5, §3.6, 08 §1.7). The same for
 * worker calls and credential vending, which differ in the headers and in the errors that callers see.
 */
import { type Generation, systemClock } from "../../model/index.ts";
import { statusOf } from "../grpc/status.ts";
import {
  type CallOptions,
  type ControlPlaneCall,
  ControlPlaneError,
  controlPlaneErrorKind,
  type StatusParts,
} from "../port.ts";
import type { TokenSource } from "../token.ts";

/** What generated clients take beside the message. */
export interface RpcOptions {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface Credentials {
  readonly tokens: TokenSource;
  /** Lower case: `authorization`, or the header that the server takes session tokens from (08 §1.2). */
  readonly tokenHeader: string;
}

export interface Invocation {
  /** Whose token is sent; `""` for calls that are about no account. */
  readonly accountId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A call that did not end with OK; callers turn it into the error of their port. */
export class CallFailedError extends Error {
  override readonly name = "CallFailedError";
  readonly status: StatusParts;

  constructor(status: StatusParts, options?: ErrorOptions) {
    super(status.message, options);
    this.status = status;
  }
}

/** Not the server's answer: there was no token to ask it with. */
export class NoTokenError extends CallFailedError {
  constructor(reason: unknown) {
    const message = reason instanceof Error ? reason.message : String(reason);
    super({ code: "UNAUTHENTICATED", message }, { cause: reason });
  }
}

/**
 * One attempt, or two if the server refuses a token that a newer one may replace (decision 19), within one deadline: what
 * the token takes is no longer there for the call. Rejects with `CallFailedError`, or with the signal's reason once it has
 * aborted.
 */
export async function invoke<Answer>(
  { tokens, tokenHeader }: Credentials,
  { accountId, headers }: Invocation,
  options: CallOptions,
  run: (rpc: RpcOptions) => Promise<Answer>,
): Promise<Answer> {
  const deadlineMs = systemClock.monotonicMs() + options.timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    const token = await authorization(tokens, accountId, {
      signal: options.signal,
      timeoutMs: deadlineMs - systemClock.monotonicMs(),
    });
    try {
      return await run({
        headers: token === undefined ? { ...headers } : { ...headers, [tokenHeader]: token },
        signal: options.signal,
        // The transport takes 0 or less as "no deadline".
        timeoutMs: Math.max(1, Math.ceil(deadlineMs - systemClock.monotonicMs())),
      });
    } catch (error) {
      options.signal.throwIfAborted();
      const status = statusOf(error);
      if (token !== undefined && status.code === "UNAUTHENTICATED") {
        tokens.rejected(accountId, token);
        if (attempt === 1) continue;
      }
      throw new CallFailedError(status, { cause: error });
    }
  }
}

async function authorization(
  tokens: TokenSource,
  accountId: string,
  { signal, timeoutMs }: CallOptions,
): Promise<string | undefined> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), Math.max(1, timeoutMs));
  try {
    return await tokens.authorization(accountId, AbortSignal.any([signal, deadline.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.signal.aborted) {
      const message = "the identity provider gave no token within the call's deadline";
      throw new CallFailedError({ code: "DEADLINE_EXCEEDED", message });
    }
    throw new NoTokenError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls of the worker port about a lease, or about none yet. */
export type WorkerCaller = <Answer>(
  call: ControlPlaneCall,
  about: { readonly accountId: string; readonly correlationId: string },
  options: CallOptions,
  run: (rpc: RpcOptions) => Promise<Answer>,
) => Promise<Answer>;

export function workerCaller(generation: Generation, credentials: Credentials): WorkerCaller {
  return async (call, { accountId, correlationId }, options, run) => {
    const headers: Record<string, string> = { "x-correlation-id": asciiHeader(correlationId) };
    // The dev-mode account scopes the replay protection of chunks: on every call of a job or on none (02 §6).
    if (generation === "chunked" && accountId !== "") headers["x-floe-account"] = accountId;
    try {
      return await invoke(
        credentials,
        { accountId: tokenAccount(generation, accountId), headers },
        options,
        run,
      );
    } catch (error) {
      if (!(error instanceof CallFailedError)) throw error;
      const kind = controlPlaneErrorKind(call, error.status, generation);
      throw new ControlPlaneError(kind, call, error.status, { cause: error.cause });
    }
  };
}

/** Inline has one token for all accounts (08 §1.5). */
export function tokenAccount(generation: Generation, accountId: string): string {
  return generation === "inline" ? "" : accountId;
}

/** Header values are ASCII (03 §3.2); a correlation id is only for people, so what doesn't fit is replaced. */
function asciiHeader(text: string): string {
  return text.replaceAll(/[^ -~]/g, "?");
}
