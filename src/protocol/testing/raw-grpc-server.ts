/**
 * A gRPC server for tests on bare `node:http2`: no RPC library has a hand in what it sends, so that a test says which
 * headers, trailers and bytes arrive. Unary calls, and streams that answer their first message.
 */
import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";

export interface RawRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** First message, without its 5-byte frame. */
  readonly message: Uint8Array;
}

export interface RawReply {
  readonly message?: Uint8Array;
  /** gRPC status; 0 by default. */
  readonly status?: number;
  readonly statusMessage?: string;
  /** Values of `grpc-status-details-bin`, each a header of its own. */
  readonly details?: readonly string[];
  /** Answers with this HTTP status and nothing else. */
  readonly httpStatus?: number;
  /** Status in the headers, no body, no trailers. */
  readonly headersOnly?: boolean;
  /** Never answers. */
  readonly silent?: boolean;
  /** Resets the stream as one that it has not looked at. */
  readonly refused?: boolean;
  /** Begins a message, then resets the stream with this HTTP/2 error code. */
  readonly cutOff?: number;
}

export interface RawServer {
  readonly url: string;
  readonly requests: RawRequest[];
  readonly connections: number;
  /** Breaks every open connection. */
  dropConnections(): void;
  close(): Promise<void>;
}

export type RawHandler = (request: RawRequest) => RawReply | Promise<RawReply>;

/** `UNIMPLEMENTED`, for paths without a handler. */
const ABSENT: RawReply = { status: 12, statusMessage: "no such method", headersOnly: true };

/** As many calls on one connection as servers often allow. */
const SETTINGS = { maxConcurrentStreams: 100 };

/** With `tls`, the server speaks TLS only. */
export async function startRawServer(
  handlers: Readonly<Record<string, RawHandler>>,
  tls?: SecureServerOptions,
): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server | Http2SecureServer =
    tls === undefined
      ? createServer({ settings: SETTINGS })
      : createSecureServer({ settings: SETTINGS, ...tls });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", async () => {
      const body = Buffer.concat(parts);
      if (stream.destroyed || body.length < 5) return;
      const message = new Uint8Array(body.subarray(5, 5 + body.readUInt32BE(1)));
      const request = { path: headers[":path"] ?? "", headers, message };
      requests.push(request);
      const answer = await (handlers[request.path] ?? (() => ABSENT))(request);
      if (!stream.destroyed) reply(stream, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const dropConnections = () => {
    for (const session of sessions) session.destroy();
  };
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    requests,
    get connections() {
      return sessions.size;
    },
    dropConnections,
    close() {
      dropConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function reply(stream: ServerHttp2Stream, answer: RawReply): void {
  if (answer.silent === true) return;
  if (answer.refused === true) {
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  if (answer.httpStatus !== undefined) {
    stream.respond({ ":status": answer.httpStatus }, { endStream: true });
    return;
  }
  const trailers = {
    "grpc-status": String(answer.status ?? 0),
    ...(answer.statusMessage === undefined ? {} : { "grpc-message": answer.statusMessage }),
    ...(answer.details === undefined ? {} : { "grpc-status-details-bin": [...answer.details] }),
  };
  const headers = { ":status": 200, "content-type": "application/grpc+proto" };
  if (answer.headersOnly === true) {
    stream.respond({ ...headers, ...trailers }, { endStream: true });
    return;
  }
  if (answer.cutOff !== undefined) {
    stream.respond(headers);
    stream.write(frame(new Uint8Array(100)).subarray(0, 50), () => stream.close(answer.cutOff));
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(answer.message === undefined ? undefined : frame(answer.message));
}

function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
