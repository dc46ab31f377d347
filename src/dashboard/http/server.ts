/**
 * The small HTTP server of health, metrics and status page: GET and HEAD alone, no request bodies, bounded headers, connections
 * and time. Every answer forbids the browser to load or send anything elsewhere.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { UsageError } from "../../model/index.ts";
import { isLoopback, isOwnHost, isToken, tokenOf } from "./guards.ts";

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Asked for by everything but health. Required for an address that isn't a loopback one. */
  readonly token: string | undefined;
  /** Names under which others reach us, beside addresses and `localhost`. */
  readonly allowedHosts: readonly string[];
  /** By path; a path that ends with `/` takes everything below it. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly onDefect: (error: unknown) => void;
}

export interface Route {
  /** Answered without token: probes have none. */
  readonly open?: boolean;
  readonly handle: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

export interface HttpRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Aborts when the client has gone or the server closes. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** May be kept by the browser; nothing else is. */
  readonly cacheable?: boolean;
}

export interface RunningHttp {
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_URL_CHARACTERS = 24_000;
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 10_000;

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Rejects with `UsageError` if the address can't be had, or is open to others and has no token. */
export async function startHttp(options: HttpOptions): Promise<RunningHttp> {
  const { host, port, token } = options;
  if (!isLoopback(host) && token === undefined) {
    throw new UsageError(
      `--http ${host}:${port} can be reached from elsewhere: set floecat.capture.status-page.token (or FLOECAT_CAPTURE_STATUS_PAGE_TOKEN), or listen on 127.0.0.1`,
    );
  }
  const closing = new AbortController();
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    },
    (request, response) => {
      void respond(request, response, options, closing.signal).catch(options.onDefect);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = REQUEST_TIMEOUT_MS;
  await listen(server, host, port);
  const address = server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    async close() {
      closing.abort(new DOMException("the server closes", "AbortError"));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const code = "code" in error ? String(error.code) : "";
      const why =
        code === "EADDRINUSE"
          ? "is in use: choose another address"
          : `can't be listened on: ${error.message}`;
      reject(new UsageError(`--http ${host}:${port} ${why}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new DOMException("the client has gone", "AbortError")));
  const signal = AbortSignal.any([closing, gone.signal]);
  let answer: HttpAnswer;
  try {
    answer = await answerTo(request, options, signal);
  } catch (error) {
    if (signal.aborted) return;
    options.onDefect(error);
    answer = text(500, "internal error");
  }
  if (response.destroyed) return;
  const body = typeof answer.body === "string" ? Buffer.from(answer.body, "utf8") : answer.body;
  response.writeHead(answer.status, {
    ...SECURITY_HEADERS,
    "Content-Type": answer.contentType,
    "Content-Length": body.byteLength,
    "Cache-Control": answer.cacheable === true ? "no-cache" : "no-store",
    ...(answer.status === 401 && { "WWW-Authenticate": 'Basic realm="floecat-capture", charset="UTF-8"' }),
    ...(answer.status === 405 && { Allow: "GET, HEAD" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function answerTo(
  request: IncomingMessage,
  options: HttpOptions,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return text(405, "only GET and HEAD are answered");
  if (!isOwnHost(request.headers.host, options.allowedHosts)) {
    return text(421, "this server has another name: see floecat.capture.status-page.allowed-hosts");
  }
  const target = request.url ?? "/";
  if (target.length > MAX_URL_CHARACTERS) return text(414, "the address is too long");
  const url = URL.canParse(target, "http://host") ? new URL(target, "http://host") : undefined;
  if (url === undefined) return text(400, "the address can't be read");
  const route = findRoute(options.routes, url.pathname);
  const refused =
    options.token !== undefined && !isToken(tokenOf(request.headers.authorization), options.token);
  // What is there isn't told to those who may not see it.
  if (refused && route?.open !== true) return text(401, "a token is needed");
  if (route === undefined) return text(404, "there is nothing here");
  return await route.handle({ path: url.pathname, query: url.searchParams, signal });
}

function findRoute(routes: ReadonlyMap<string, Route>, path: string): Route | undefined {
  const exact = routes.get(path);
  if (exact !== undefined) return exact;
  for (const [prefix, route] of routes) {
    if (prefix.length > 1 && prefix.endsWith("/") && path.startsWith(prefix)) return route;
  }
  return undefined;
}

export function text(status: number, message: string): HttpAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${message}\n` };
}

export function json(value: unknown, status = 200): HttpAnswer {
  return { status, contentType: "application/json; charset=utf-8", body: JSON.stringify(value) };
}
