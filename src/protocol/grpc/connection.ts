/**
 * One HTTP/2 connection to a control plane, as a transport for generated clients (01 §10, 02 §1.1). It reconnects by
 * itself; whoever has to know that the server behind it may be another one compares `generationOfSession`.
 */
import { type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from "node:http2";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createTransport } from "@connectrpc/connect/protocol-grpc";
import { compressionGzip, createNodeHttpClient, Http2SessionManager } from "@connectrpc/connect-node";
import { UsageError } from "../../model/index.ts";
import type { TlsSettings } from "../settings.ts";
import { setStatusDetailsAside } from "./status-headers.ts";
import { tlsOptions } from "./tls.ts";

export interface ConnectionOptions {
  /** `http://host:port` for plain text, `https://host:port` for TLS. */
  readonly url: string;
  /** Largest message that is read; a chunked lease may carry stored partial aggregates (01 §10.3). */
  readonly maxReceiveBytes: number;
  /** A connection with open calls is checked this often (01 §10.2). */
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
  /** False by default. */
  readonly keepAliveWithoutCalls?: boolean | undefined;
  readonly tls?: TlsSettings | undefined;
}

export interface Connection {
  readonly transport: Transport;
  /** Counts the HTTP/2 sessions that were opened: 0 before the first call, one more after each reconnect. */
  sessionNumber(): number;
  /** From now on, calls to these paths are held back, unsent, unless they go out on this session. */
  pin(paths: ReadonlySet<string>, sessionNumber: number): void;
  close(): void;
}

/** gRPC frames carry a 32-bit length. */
const MAX_MESSAGE_BYTES = 0xffffffff;

export function openConnection(options: ConnectionOptions): Connection {
  const url = controlPlaneUrl(options.url);
  const pings = {
    pingIntervalMs: options.keepAliveMs,
    pingTimeoutMs: options.keepAliveTimeoutMs,
    pingIdleConnection: options.keepAliveWithoutCalls ?? false,
  };
  const manager = new Http2SessionManager(url, pings, tlsOptions(url, options.tls));
  const sessions = new PinnedSessions(manager);
  const client = createNodeHttpClient({ httpVersion: "2", sessionProvider: () => sessions });
  const transport = createTransport({
    httpClient: setStatusDetailsAside(client),
    baseUrl: options.url,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [compressionGzip],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: options.maxReceiveBytes,
    writeMaxBytes: MAX_MESSAGE_BYTES,
  });
  return {
    transport,
    sessionNumber: () => sessions.number,
    pin: (paths, number) => sessions.pin(paths, number),
    close: () => manager.abort(),
  };
}

/** The call was not sent: it would have gone to a server that nobody has looked at. */
class SessionChangedError extends Error {
  override readonly name = "SessionChangedError";
}

/** Whether a call's error says that it was held back by `pin`. */
export function isHeldBack(error: unknown): boolean {
  return error instanceof ConnectError && error.cause instanceof SessionChangedError;
}

function controlPlaneUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new UsageError(
      `control plane address ${JSON.stringify(text)}: expected http://host:port or https://host:port`,
    );
  }
  return url;
}

/**
 * A connection that ends in an orderly way ends its calls without an error, answered or not, and the library would wait for
 * the answer until the deadline.
 */
function tellUnanswered(stream: ClientHttp2Stream): void {
  let answered = false;
  stream.once("response", () => {
    answered = true;
  });
  stream.once("close", () => {
    if (answered || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    stream.emit("error", new ConnectError("the connection ended before an answer came", Code.Unavailable));
  });
}

/** Counts the sessions of a manager, and holds back calls that must not reach a server nobody has looked at. */
class PinnedSessions {
  number = 0;
  private readonly manager: Http2SessionManager;
  private session: unknown;
  private paths: ReadonlySet<string> = new Set();
  private pinned = 0;

  constructor(manager: Http2SessionManager) {
    this.manager = manager;
  }

  get authority(): string {
    return this.manager.authority;
  }

  pin(paths: ReadonlySet<string>, number: number): void {
    this.paths = paths;
    this.pinned = number;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    const stream = await this.manager.request(method, path, headers, options);
    tellUnanswered(stream);
    if (stream.session !== this.session) {
      this.session = stream.session;
      this.number += 1;
      // The manager stops listening to a session that it has destroyed before the session reports why; the calls of the session tell.
      stream.session?.on("error", () => {});
    }
    if (this.paths.has(path) && this.number !== this.pinned) {
      // Only the headers are out: without a message the server runs nothing.
      stream.on("error", () => {});
      stream.close();
      const text = "the connection to the control plane was opened anew";
      throw new ConnectError(text, Code.Unavailable, undefined, undefined, new SessionChangedError(text));
    }
    return stream;
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.manager.notifyResponseByteRead(stream);
  }
}
