/**
 * HTTP to identity providers, catalogs and stores (08 §1, §4.4): one exchange with a deadline, an end on abort and a bound on
 * what the answer may hold. It follows no redirect, since a request may carry secrets.
 */
import { type Agent, type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { agentsOf } from "./agents.ts";
import { type BodyLimits, readBody } from "./body.ts";
import { HttpError } from "./error.ts";
import type { HttpSettings } from "./settings.ts";

export interface HttpRequest {
  /** `GET` by default. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** For the whole exchange, the answer's last byte included. */
  readonly timeoutMs: number;
  /** Bytes of the answer's body, unpacked; 1 MiB by default. */
  readonly maxAnswerBytes?: number | undefined;
  /** In place of the system's name resolution, for whoever may not ask every address. */
  readonly lookup?: LookupFunction | undefined;
}

export interface HttpClient {
  /** The answer, whatever its status, with its body in memory. Rejects with `HttpError`, or with the reason of the signal. */
  fetch(url: string | URL, request: HttpRequest): Promise<Response>;
  /** For libraries that make requests themselves: keeps connections, has our trust, goes through the proxy that `url` needs. */
  agentFor(url: string | URL): Promise<Agent>;
  close(): void;
}

const MAX_ANSWER_BYTES = 1 << 20;
/** Statuses whose answers have no body. */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
/** What may be sent again when a kept connection turns out to be closed. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export function openHttp(settings: HttpSettings = {}): HttpClient {
  const agents = agentsOf(settings);
  return {
    async fetch(address, request) {
      const url = new URL(address);
      const { method = "GET", timeoutMs } = request;
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      try {
        const exchanged = { ...request, signal: AbortSignal.any([request.signal, deadline.signal]) };
        const agent = await agents.agentFor(url, SAFE_METHODS.has(method) ? "kept" : "once");
        return await exchange(url, exchanged, agent);
      } catch (error) {
        request.signal.throwIfAborted();
        const what = `${method} ${url.origin}${url.pathname}`;
        if (deadline.signal.aborted) throw new HttpError("timeout", `${what}: no answer in ${timeoutMs} ms`);
        throw httpError(what, error);
      } finally {
        clearTimeout(timer);
      }
    },
    agentFor: (address) => agents.agentFor(new URL(address), "kept"),
    close: () => agents.close(),
  };
}

/** A server may close a kept connection at the moment in which it is used again: then once more, on a new one. */
async function exchange(url: URL, request: HttpRequest, agent: Agent): Promise<Response> {
  for (;;) {
    const sent = send(url, request, agent);
    try {
      const answer = await sent.answer;
      return await response(answer, request);
    } catch (error) {
      const closedBefore = sent.onKeptConnection() && errorCode(error) === "ECONNRESET";
      if (!closedBefore || request.signal.aborted) throw error;
    }
  }
}

function send(url: URL, { method = "GET", headers, body, signal, lookup }: HttpRequest, agent: Agent) {
  const start = url.protocol === "https:" ? tlsRequest : plainRequest;
  let answered = false;
  const outgoing = start(url, {
    method,
    headers: { "accept-encoding": "gzip", ...headers },
    agent,
    signal,
    ...(lookup && { lookup }),
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      answered = true;
      resolve(incoming);
    });
    // What a proxy says to CONNECT is no answer of the server.
    outgoing.on("proxyConnect", ({ statusCode }: { readonly statusCode: number }) => {
      if (statusCode === 200) return;
      outgoing.destroy();
      reject(new HttpError("network", `the proxy refuses the connection with HTTP status ${statusCode}`));
    });
  });
  outgoing.end(body);
  return { answer, onKeptConnection: () => outgoing.reusedSocket && !answered };
}

async function response(answer: IncomingMessage, request: HttpRequest): Promise<Response> {
  const status = answer.statusCode ?? 0;
  const hasBody = request.method !== "HEAD" && !NULL_BODY.has(status);
  const limits: BodyLimits = { maxBytes: request.maxAnswerBytes ?? MAX_ANSWER_BYTES };
  const body = hasBody ? await readBody(answer, limits) : null;
  if (!hasBody) answer.resume();
  if (status < 200 || status > 599) throw new HttpError("malformed", `HTTP status ${status}`);
  const headers = new Headers();
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    const [name = "", value = ""] = answer.rawHeaders.slice(at, at + 2);
    if (!/^content-(encoding|length)$/i.test(name) || !hasBody) headers.append(name, value);
  }
  return new Response(body, { status, headers });
}

function httpError(what: string, error: unknown): HttpError {
  if (error instanceof HttpError)
    return new HttpError(error.reason, `${what}: ${error.message}`, { cause: error });
  const code = errorCode(error);
  const text = error instanceof Error && error.message !== "" ? error.message : (code ?? "no connection");
  return new HttpError("network", `${what}: ${text}`, { cause: error, ...(code !== undefined && { code }) });
}

/** Also of an error of several attempts, one for each address of a host. */
function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}
