import {
  type Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { type HttpSettings, openHttp } from "../../http/index.ts";
import { AccessDeniedError, type Clock, TransientReadError } from "../../model/index.ts";
import type { ReachRules } from "../settings.ts";
import type { HttpLimits } from "./limits.ts";
import { checkHost, lookupReachable } from "./reach.ts";
import { createSemaphore } from "./semaphore.ts";

/**
 * HTTP of the stores: a pool of kept connections, so many requests at a time, a deadline for each, nothing followed and
 * nothing retried. The path goes out as it is given: names of objects are not normalised (08 §5.2).
 */
export interface Transport {
  /** Resolves with the head of the answer, whatever its status. The body must be read or dropped. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly origin: HttpOrigin;
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export interface HttpOrigin {
  readonly protocol: "http:" | "https:";
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Fills `target` from its start; resolves with the number of bytes, fewer than asked for if the answer ends early. */
  readInto(target: Uint8Array): Promise<number>;
  /** The body as text, cut off after `maxBytes`. */
  text(maxBytes: number): Promise<string>;
  /** Gives up the rest; the connection goes back to the pool if little is left. */
  drop(): void;
}

export interface TransportOptions {
  readonly limits: HttpLimits;
  readonly reach: ReachRules | undefined;
  readonly clock: Clock;
  readonly network: HttpSettings | undefined;
}

/** A body that broke off: what had come until then is good. */
export class BrokenBodyError extends TransientReadError {
  readonly bytesRead: number;

  constructor(message: string, bytesRead: number, options?: ErrorOptions) {
    super(message, options);
    this.bytesRead = bytesRead;
  }
}

/** A body that is longer than was announced: none of it can be trusted. */
class ExcessBodyError extends TransientReadError {}

/** The server is not the one that its name says, or can't prove it: no other try helps. */
export class UntrustedServerError extends Error {
  override readonly name = "UntrustedServerError";
}

export function createTransport(options: TransportOptions): Transport {
  const { limits, reach, clock } = options;
  const connections = openHttp(options.network ?? {});
  const places = createSemaphore(limits.concurrentRequests);

  async function send(wanted: HttpRequest): Promise<HttpAnswer> {
    checkHost(reach, wanted.origin.hostname);
    const leave = await places.enter(wanted.signal);
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      leave();
    };
    try {
      const agent = await connections.agentFor(addressOf(wanted.origin));
      return await exchange(wanted, agent, ended.signal, end);
    } catch (error) {
      end();
      throw error;
    }
  }

  function exchange(
    wanted: HttpRequest,
    agent: Agent,
    ended: AbortSignal,
    end: () => void,
  ): Promise<HttpAnswer> {
    const { origin, signal } = wanted;
    const where = hostOf(origin);
    return new Promise((resolve, reject) => {
      const isTls = origin.protocol === "https:";
      const request = (isTls ? httpsRequest : httpRequest)({
        method: wanted.method,
        protocol: origin.protocol,
        hostname: origin.hostname,
        port: origin.port,
        path: wanted.target,
        headers: wanted.headers,
        agent,
        lookup: lookupReachable,
        timeout: limits.idleMs,
      });
      let message: IncomingMessage | undefined;
      const stop = (reason: unknown) => {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        if (message === undefined) request.destroy(error);
        else message.destroy(error);
      };
      const onAbort = () => stop(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      ended.addEventListener("abort", () => signal.removeEventListener("abort", onAbort), { once: true });
      clock.sleep(limits.requestMs, ended).then(
        () => stop(new TransientReadError(`${where} took longer than ${limits.requestMs} ms`)),
        () => undefined,
      );
      request.on("timeout", () =>
        stop(new TransientReadError(`${where} said nothing for ${limits.idleMs} ms`)),
      );
      request.on("error", (error) => {
        end();
        reject(signal.aborted ? signal.reason : connectionError(error, where));
      });
      request.on("response", (answer) => {
        message = answer;
        resolve(answerOf(answer, where, signal, end));
      });
      request.end(wanted.body);
    });
  }

  return {
    send,
    close: () => connections.close(),
  };
}

function hostOf({ hostname, port }: HttpOrigin): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return port === undefined ? host : `${host}:${port}`;
}

function addressOf(origin: HttpOrigin): string {
  return `${origin.protocol}//${hostOf(origin)}/`;
}

/** What is left of a dropped body may be read to its end for the sake of the connection, if it is short. */
const DROP_BYTES = 128 * 1024;

function answerOf(message: IncomingMessage, where: string, signal: AbortSignal, end: () => void): HttpAnswer {
  message.once("close", end);
  // Without a listener an error that comes while nobody reads would end the process; whoever reads sees it too.
  message.on("error", () => undefined);

  async function readInto(target: Uint8Array): Promise<number> {
    let filled = 0;
    try {
      for await (const chunk of message) {
        const bytes: Uint8Array = chunk;
        if (filled + bytes.length > target.length) {
          throw new ExcessBodyError(
            `${where} sent more than the ${target.length} bytes that it had announced`,
          );
        }
        target.set(bytes, filled);
        filled += bytes.length;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ExcessBodyError) throw error;
      // A deadline says more than that.
      const reason = error instanceof TransientReadError ? error.message : `${where} broke off`;
      const message = `${reason} (after ${filled} of ${target.length} bytes)`;
      throw new BrokenBodyError(message, filled, { cause: error });
    }
    signal.throwIfAborted();
    return filled;
  }

  async function text(maxBytes: number): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of message) {
        const bytes: Uint8Array = chunk;
        parts.push(bytes);
        length += bytes.length;
        if (length >= maxBytes) break;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw new BrokenBodyError(`${where} broke off after ${length} bytes`, length, { cause: error });
    }
    return Buffer.concat(parts).subarray(0, maxBytes).toString("utf8");
  }

  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    readInto,
    text,
    drop() {
      const rest = Number(message.headers["content-length"] ?? Number.POSITIVE_INFINITY);
      if (rest <= DROP_BYTES) message.resume();
      else message.destroy();
    },
  };
}

/** Codes of Node and OpenSSL for certificates and handshakes. */
const TRUST_CODES = /CERT|^ERR_TLS_|^ERR_SSL_|^UNABLE_TO_/;

function connectionError(error: Error, where: string): Error {
  if (error instanceof TransientReadError || error instanceof AccessDeniedError) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : error.message;
  if (TRUST_CODES.test(code)) {
    return new UntrustedServerError(
      `${where} can't be trusted (${code}): floecat.capture.http.ca-file names the authorities of its certificate, if it is yours`,
      { cause: error },
    );
  }
  return new TransientReadError(`the connection to ${where} failed (${code})`, { cause: error });
}
