import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { drained } from "./drained.ts";
import { readFrames, writeFrame } from "./frames.ts";
import type { Call, Route } from "./routes.ts";
import { encodeGrpcMessage, GRPC_STATUS, GrpcStatusError } from "./status.ts";
import { parseGrpcTimeout } from "./timeout.ts";

/**
 * A gRPC server straight on `node:http2`, without TLS. Written by hand because the peer's wire habits must be ours to
 * choose: two `grpc-status-details-bin` fields in one answer (02 §1.4), refusal of a large message without details (01
 * §10.3), answers dropped or delayed on purpose in tests.
 */
export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly Route[];
  readonly maxMessageBytes: number;
  /** Told of every error that is a defect of ours; the client sees a bare INTERNAL. */
  readonly onDefect: (error: unknown, path: string) => void;
  readonly intercept?: Interceptor | undefined;
}

/** Faults on purpose: called before a call is handled and before its answer is sent. */
export interface Interceptor {
  /** Rejecting with a `GrpcStatusError` answers it; `drop` resets the stream instead of answering. */
  before(path: string): Promise<Interception>;
  after(path: string): Promise<Interception>;
}
export type Interception = "pass" | "drop";

export interface GrpcServer {
  readonly host: string;
  readonly port: number;
  /** Takes no new call, lets running ones end within `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

/** On one connection, as servers in front of which a worker stands often have it. */
const MAX_CONCURRENT_CALLS = 100;

export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const routes = new Map(options.routes.map((route) => [route.path, route]));
  const server = createServer({ settings: { maxConcurrentStreams: MAX_CONCURRENT_CALLS } });
  const sessions = new Set<ServerHttp2Session>();
  const running = new Set<Promise<void>>();
  const calls = new Set<(status: GrpcStatusError) => void>();

  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    // A broken connection shows on its streams too; without a listener it would end the process.
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const call = serveStream(stream, headers, { routes, options, calls });
    running.add(call);
    void call.finally(() => running.delete(call));
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = boundAddress(server.address());

  return {
    host: address.address,
    port: address.port,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      const grace = setTimeout(() => {
        for (const abort of calls) abort(new GrpcStatusError("UNAVAILABLE", "the control plane is closing"));
      }, graceMs);
      await Promise.all(running);
      clearTimeout(grace);
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function boundAddress(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address;
}

interface StreamContext {
  readonly routes: ReadonlyMap<string, Route>;
  readonly options: GrpcServerOptions;
  /** How to cut each call that is being handled. */
  readonly calls: Set<(status: GrpcStatusError) => void>;
}

async function serveStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  context: StreamContext,
): Promise<void> {
  const { options } = context;
  if (headers[":method"] !== "POST" || !headers["content-type"]?.startsWith("application/grpc")) {
    stream.respond({ ":status": 415 }, { endStream: true });
    stream.resume();
    return;
  }
  const path = headers[":path"] ?? "";
  const aborted = new AbortController();
  const abort = (status: GrpcStatusError) => aborted.abort(status);
  const onClose = () => abort(new GrpcStatusError("CANCELLED", "the client has gone"));
  stream.once("close", onClose);
  context.calls.add(abort);
  const timeoutMs = parseGrpcTimeout(headers["grpc-timeout"]);
  const responseMetadata = new Map<string, string>();
  const call: Call = {
    path,
    header: (name) => singleValue(headers[name]),
    signal: aborted.signal,
    timeoutMs,
    responseMetadata,
  };
  const answer = new Answer(stream, responseMetadata);
  try {
    if ((await options.intercept?.before(path)) === "drop") return reset(stream);
    const route = context.routes.get(path);
    if (route === undefined) throw new GrpcStatusError("UNIMPLEMENTED", `Method not found: ${path}`);
    // Kept open when a message is refused half-way: the answer goes out on the same stream.
    const requests = readFrames(stream.iterator({ destroyOnReturn: false }), {
      maxMessageBytes: options.maxMessageBytes,
      encoding: singleValue(headers["grpc-encoding"]) ?? "identity",
    });
    for await (const message of route.handle(requests, call)) {
      if ((await options.intercept?.after(path)) === "drop") return reset(stream);
      await answer.message(message);
    }
    answer.end(new GrpcStatusError("OK"));
  } catch (error) {
    if (error instanceof GrpcStatusError) {
      answer.end(error);
    } else {
      const cause: unknown = call.signal.reason;
      const ended = cause instanceof GrpcStatusError;
      if (!ended) options.onDefect(error, path);
      answer.end(ended ? cause : new GrpcStatusError("INTERNAL"));
    }
  } finally {
    stream.off("close", onClose);
    context.calls.delete(abort);
  }
}

function singleValue(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

function reset(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}

/** How much of a request is still taken, and thrown away, after it has been answered. */
const DRAIN_BYTES = 8 * 1024 * 1024;

/** The response side of a stream: headers once, messages, trailers once. */
class Answer {
  readonly #stream: ServerHttp2Stream;
  readonly #metadata: ReadonlyMap<string, string>;
  #started = false;

  constructor(stream: ServerHttp2Stream, metadata: ReadonlyMap<string, string>) {
    this.#stream = stream;
    this.#metadata = metadata;
  }

  async message(message: Uint8Array): Promise<void> {
    if (this.#stream.destroyed) throw new GrpcStatusError("CANCELLED", "the client has gone");
    this.#start();
    if (!this.#stream.write(writeFrame(message))) await drained(this.#stream);
  }

  end(status: GrpcStatusError): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const trailers: OutgoingHttpHeaders = {
      ...Object.fromEntries(this.#metadata),
      "grpc-status": String(GRPC_STATUS[status.status]),
    };
    if (status.message !== "") trailers["grpc-message"] = encodeGrpcMessage(status.message);
    if (status.details.length > 0) {
      trailers["grpc-status-details-bin"] = status.details.map((value) =>
        Buffer.from(value).toString("base64"),
      );
    }
    if (this.#started || status.details.length > 0) {
      this.#start();
      stream.once("wantTrailers", () => stream.sendTrailers(trailers));
      stream.end();
    } else {
      stream.respond({ ...responseHeaders(), ...trailers }, { endStream: true });
    }
    this.#drainRequest();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#stream.respond(
      { ...responseHeaders(), ...Object.fromEntries(this.#metadata) },
      { waitForTrailers: true },
    );
  }

  /** A client that is still sending must be able to finish, or it won't look at the answer; but not for ever. */
  #drainRequest(): void {
    const stream = this.#stream;
    if (stream.readableEnded || stream.destroyed) return;
    let drainedBytes = 0;
    stream.on("data", (part: Uint8Array) => {
      drainedBytes += part.length;
      if (drainedBytes > DRAIN_BYTES) stream.close(constants.NGHTTP2_NO_ERROR);
    });
    stream.resume();
  }
}

function responseHeaders(): OutgoingHttpHeaders {
  return {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-accept-encoding": "identity,gzip",
  };
}
