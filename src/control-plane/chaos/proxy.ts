/**
 * A proxy between workers and a control plane that strikes calls with faults, at the level of HTTP/2 and without looking into
 * messages. Each connection of a client has one of its own to the server, and shares its fate.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type Clock, systemClock } from "../../model/index.ts";
import { drained } from "../grpc/drained.ts";
import { encodeGrpcMessage, GRPC_STATUS, type GrpcStatusName } from "../grpc/status.ts";
import type { Fault, FaultChooser, FaultKind } from "./fault.ts";

export interface FaultProxyOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** `http://host:port` of the control plane; asked for each connection, since it may have moved. */
  readonly target: () => string;
  readonly choose: FaultChooser;
  readonly clock?: Clock;
  /** Told of every fault when it strikes. */
  readonly onFault?: (fault: Fault, path: string) => void;
  /** Told how each call that reached the control plane ended: its `grpc-status`. */
  readonly onAnswer?: (path: string, grpcStatus: string, grpcMessage: string) => void;
}

export interface FaultProxy {
  readonly url: string;
  readonly port: number;
  /** Faults so far, by kind. */
  counts(): Record<FaultKind, number>;
  /** Breaks every connection. */
  disconnect(): void;
  close(): Promise<void>;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const counts = noCounts();
  const sessions = new Set<ServerHttp2Session>();
  const closing = new AbortController();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
    serveConnection(session, { ...options, counts, closing: closing.signal });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.listen.port, options.listen.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const disconnect = () => {
    for (const session of sessions) session.destroy();
  };
  return {
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    counts: () => ({ ...counts }),
    disconnect,
    async close() {
      closing.abort(new Error("the proxy is closing"));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      disconnect();
      await closed;
    },
  };
}

function noCounts(): Record<FaultKind, number> {
  return {
    "drop-request": 0,
    "drop-response": 0,
    delay: 0,
    duplicate: 0,
    reset: 0,
    disconnect: 0,
    goaway: 0,
    unavailable: 0,
    trickle: 0,
    "expired-token": 0,
  };
}

interface ConnectionContext extends FaultProxyOptions {
  readonly counts: Record<FaultKind, number>;
  readonly closing: AbortSignal;
}

function serveConnection(client: ServerHttp2Session, context: ConnectionContext): void {
  const server = connect(context.target());
  shareFate(client, server);
  const life = new AbortController();
  client.once("close", () => life.abort(new Error("the client has gone")));
  client.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const path = headers[":path"] ?? "";
    const fault = context.choose(path);
    if (fault.kind !== "pass") {
      context.counts[fault.kind]++;
      context.onFault?.(fault, path);
    }
    const call: ProxiedCall = {
      stream,
      headers,
      path,
      client,
      server,
      clock: context.clock ?? systemClock,
      signal: AbortSignal.any([life.signal, context.closing]),
      onAnswer: context.onAnswer,
    };
    // What interrupts a call is the end of its connection, which both sides see for themselves.
    serveCall(call, fault).catch(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  });
}

function shareFate(client: ServerHttp2Session, server: ClientHttp2Session): void {
  server.on("error", () => {});
  server.once("close", () => client.destroy());
  server.once("goaway", () => client.close());
  client.once("close", () => server.destroy());
}

interface ProxiedCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly client: ServerHttp2Session;
  readonly server: ClientHttp2Session;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onAnswer: FaultProxyOptions["onAnswer"];
}

/** Pieces of at most `bytes`, with a pause after each. */
interface Pace {
  readonly bytes: number;
  readonly pauseMs: number;
}

async function serveCall(call: ProxiedCall, fault: Fault): Promise<void> {
  const { stream, clock, signal } = call;
  switch (fault.kind) {
    case "pass":
      return relay(call);
    case "drop-request":
      stream.resume();
      await clock.sleep(fault.silenceMs, signal);
      return reset(stream);
    case "drop-response":
      await effect(call, await whole(stream));
      await clock.sleep(fault.silenceMs, signal);
      return reset(stream);
    case "delay":
      await clock.sleep(fault.ms, signal);
      return relay(call);
    case "duplicate": {
      const request = await whole(stream);
      await effect(call, request);
      const second = call.server.request(call.headers);
      second.end(request);
      return answer(call, second);
    }
    case "reset":
      if (fault.afterEffect) await effect(call, await whole(stream));
      return reset(stream);
    case "disconnect":
      if (fault.afterEffect) await effect(call, await whole(stream));
      call.client.destroy();
      return;
    case "goaway":
      endAfterCalls(call.client);
      return relay(call);
    case "unavailable":
      return refuse(stream, "UNAVAILABLE", "no healthy upstream");
    case "trickle":
      return relay(call, fault);
    case "expired-token":
      return refuse(stream, "UNAUTHENTICATED", "token expired");
  }
}

/** `close` sends GOAWAY and waits for the streams that are open. */
function endAfterCalls(session: Http2Session): void {
  session.close();
}

/** The call as it is: both directions at once, since some methods go on asking. */
async function relay(call: ProxiedCall, pace?: Pace): Promise<void> {
  const { stream } = call;
  const upstream = call.server.request(call.headers);
  upstream.on("error", () => {});
  stream.once("close", () => upstream.close(constants.NGHTTP2_CANCEL));
  const sent = pump(stream, upstream, call, pace).catch(() => upstream.close(constants.NGHTTP2_CANCEL));
  await answer(call, upstream, pace);
  await sent;
}

/** Lets the call take effect, and keeps its answer from the client. */
async function effect(call: ProxiedCall, request: Uint8Array): Promise<void> {
  const upstream = call.server.request(call.headers);
  upstream.on("error", () => {});
  upstream.end(request);
  observe(call, upstream);
  upstream.resume();
  await closed(upstream);
}

/** Gives the answer of `upstream` to the client, trailers and resets included. */
async function answer(call: ProxiedCall, upstream: ClientHttp2Stream, pace?: Pace): Promise<void> {
  const { stream } = call;
  upstream.on("error", () => {});
  observe(call, upstream);
  let trailers: OutgoingHttpHeaders = {};
  upstream.once("trailers", (_headers, _flags, raw) => {
    trailers = headersFrom(raw);
  });
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  const responded = new Promise<"body" | "headers-only" | "none">((resolve) => {
    upstream.once("response", (_headers, flags, raw) => {
      if (stream.destroyed || stream.closed) return resolve("none");
      const headersOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(headersFrom(raw), headersOnly ? { endStream: true } : { waitForTrailers: true });
      resolve(headersOnly ? "headers-only" : "body");
    });
    upstream.once("close", () => resolve("none"));
  });
  const ended = closed(upstream);
  if ((await responded) === "body") await pump(upstream, stream, call, pace).catch(() => {});
  else upstream.resume();
  await ended;
  if (upstream.rstCode !== constants.NGHTTP2_NO_ERROR) stream.close(upstream.rstCode);
}

/** Reports the status once the call has ended. */
function observe({ onAnswer, path }: ProxiedCall, upstream: ClientHttp2Stream): void {
  if (onAnswer === undefined) return;
  const report = (headers: IncomingHttpHeaders) => {
    const status = headers["grpc-status"];
    if (status !== undefined) onAnswer(path, String(status), String(headers["grpc-message"] ?? ""));
  };
  upstream.once("response", report);
  upstream.once("trailers", report);
}

async function pump(
  from: ServerHttp2Stream | ClientHttp2Stream,
  to: ServerHttp2Stream | ClientHttp2Stream,
  { clock, signal }: ProxiedCall,
  pace?: Pace,
): Promise<void> {
  for await (const part of from) {
    const bytes: Uint8Array = part;
    const step = pace?.bytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      if (to.destroyed || to.closed) return;
      if (!to.write(bytes.subarray(at, at + step))) await drained(to);
      if (pace !== undefined) await clock.sleep(pace.pauseMs, signal);
    }
  }
  if (!to.destroyed && !to.closed) to.end();
}

async function whole(stream: ServerHttp2Stream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function refuse(stream: ServerHttp2Stream, status: GrpcStatusName, message: string): void {
  stream.resume();
  const headers = {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": String(GRPC_STATUS[status]),
    "grpc-message": encodeGrpcMessage(message),
  };
  stream.respond(headers, { endStream: true });
}

function reset(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}

/** Header fields as they came: a field that comes twice stays two. */
function headersFrom(raw: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    const value = raw[at + 1] ?? "";
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return headers;
}

function closed(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed && stream.destroyed) resolve();
    else stream.once("close", () => resolve());
  });
}
