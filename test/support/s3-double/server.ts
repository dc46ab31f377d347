import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkSignature, type Denial, type Identity } from "./identities.ts";
import { listObjects } from "./list-objects.ts";
import { Objects, type StoredObject } from "./objects.ts";

/**
 * A strict S3 for tests: what s3rver lets pass is refused here. Signatures are checked by the SDK's signer, session tokens
 * and their end, the region, If-Match; keys are taken as they stand on the request line, percent-decoded once and not
 * normalised. Path style, GET, HEAD, PUT and ListObjectsV2.
 */
export interface S3DoubleOptions {
  /** Empty: any request is let in, signed or not. */
  readonly identities?: readonly Identity[];
  readonly region?: string;
  /** Objects on one page of a list. */
  readonly pageSize?: number;
  /** Buckets that are read without a signature too. */
  readonly publicBuckets?: readonly string[];
  readonly nowMs?: () => number;
  /** Added to every answer. */
  readonly latencyMs?: number;
}

export interface RecordedRequest {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly list: boolean;
  status: number;
}

/** What happens to a request instead of, or before, its answer. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** The connection breaks once so many bytes of the body have been sent. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "reset" }
  /** The range is passed over: the whole object is sent. */
  | { readonly kind: "whole" }
  /** A range of the last bytes is taken for one of the first, as s3rver does. */
  | { readonly kind: "first-instead-of-last" }
  /** The announced range is moved. */
  | { readonly kind: "wrong-range"; readonly by: number }
  /** Half of the bytes, announced as half, said to be the whole range. */
  | { readonly kind: "short" }
  /** The answer comes late. */
  | { readonly kind: "late"; readonly ms: number }
  /** No answer at all. */
  | { readonly kind: "silence" };

export interface S3Double extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  readonly objects: Objects;
  readonly requests: RecordedRequest[];
  identities: readonly Identity[];
  /** Asked for each request, after it has been recorded; `index` counts from 0. */
  fault: ((request: RecordedRequest, index: number) => Fault | undefined) | undefined;
}

export async function startS3Double(options: S3DoubleOptions = {}): Promise<S3Double> {
  const objects = new Objects();
  const requests: RecordedRequest[] = [];
  const server = createServer({ keepAlive: true }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.on("checkContinue", (request, response) => server.emit("request", request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const raw = request.url ?? "/";
    const mark = raw.indexOf("?");
    const path = mark < 0 ? raw : raw.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? "" : raw.slice(mark + 1));
    const [, bucketText = "", keyText] = /^\/([^/]*)(?:\/(.*))?$/s.exec(path) ?? [];
    const recorded: RecordedRequest = {
      method: request.method ?? "",
      bucket: decodeURIComponent(bucketText),
      key: decodeURIComponent(keyText ?? ""),
      range: request.headers.range,
      ifMatch: request.headers["if-match"],
      accessKeyId: /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1],
      list: query.get("list-type") === "2",
      status: 0,
    };
    requests.push(recorded);
    response.on("finish", () => {
      recorded.status = response.statusCode;
    });
    // Looked at when it comes: a slow answer makes no signature older.
    const denial = await checkIdentity(request, path, query, body, recorded);
    if (options.latencyMs !== undefined)
      await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    const fault = double.fault?.(recorded, requests.length - 1);
    if (fault?.kind === "silence") return;
    if (fault?.kind === "late") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === "answer") {
      for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
      refuse(response, { status: fault.status, code: fault.code ?? "InternalError" });
      return;
    }
    if (denial !== undefined) {
      refuse(response, denial);
      return;
    }
    if (recorded.method === "PUT") {
      const stored = objects.put(recorded.bucket, recorded.key, body, keptHeaders(request));
      response.writeHead(200, { etag: stored.etag }).end();
      return;
    }
    if (!objects.hasBucket(recorded.bucket)) {
      refuse(response, { status: 404, code: "NoSuchBucket" });
      return;
    }
    if (recorded.list) {
      const xml = listObjects(
        recorded.bucket,
        objects.entries(recorded.bucket),
        query,
        options.pageSize ?? 1000,
      );
      response.writeHead(200, { "content-type": "application/xml" }).end(xml);
      return;
    }
    const object = objects.get(recorded.bucket, recorded.key);
    if (object === undefined) refuse(response, { status: 404, code: "NoSuchKey" });
    else sendObject(request, response, object, fault);
  }

  async function checkIdentity(
    request: IncomingMessage,
    path: string,
    query: URLSearchParams,
    body: Uint8Array,
    { method, bucket }: RecordedRequest,
  ): Promise<Denial | undefined> {
    if (double.identities.length === 0) return undefined;
    if (request.headers.authorization === undefined && options.publicBuckets?.includes(bucket))
      return undefined;
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value]] : [],
      ),
    );
    return await checkSignature(
      { method, path, query, headers, body },
      {
        identities: double.identities,
        region: options.region ?? "us-east-1",
        nowMs: (options.nowMs ?? Date.now)(),
      },
    );
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const double: S3Double = {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    requests,
    identities: options.identities ?? [],
    fault: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

function keptHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" && (name === "content-type" || name.startsWith("x-amz-meta-"))
        ? [[name, value]]
        : [],
    ),
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function refuse(response: ServerResponse, { status, code, region }: Denial): void {
  const where = region === undefined ? "" : `<Region>${region}</Region>`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>refused</Message>${where}<RequestId>1</RequestId></Error>`;
  if (region !== undefined) response.setHeader("x-amz-bucket-region", region);
  response.writeHead(status, { "content-type": "application/xml", "content-length": xml.length }).end(xml);
}

function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, etag, modified, headers }: StoredObject,
  fault: Fault | undefined,
): void {
  const { "if-match": ifMatch, range } = request.headers;
  if (ifMatch !== undefined && ifMatch !== etag) {
    refuse(response, { status: 412, code: "PreconditionFailed" });
    return;
  }
  const wanted =
    fault?.kind === "whole"
      ? undefined
      : rangeOf(fault?.kind === "first-instead-of-last" ? range?.replace("=-", "=0-") : range, bytes.length);
  if (wanted === "unsatisfiable") {
    response.setHeader("content-range", `bytes */${bytes.length}`);
    refuse(response, { status: 416, code: "InvalidRange" });
    return;
  }
  const whole = wanted === undefined ? bytes : bytes.subarray(wanted.from, wanted.last + 1);
  const part = fault?.kind === "short" ? whole.subarray(0, whole.length >> 1) : whole;
  const moved = fault?.kind === "wrong-range" ? fault.by : 0;
  response.writeHead(wanted === undefined ? 200 : 206, {
    ...headers,
    etag,
    "last-modified": modified.toUTCString(),
    "accept-ranges": "bytes",
    "content-length": part.length,
    ...(wanted && { "content-range": `bytes ${wanted.from + moved}-${wanted.last + moved}/${bytes.length}` }),
  });
  if (request.method === "HEAD") response.end();
  else if (fault?.kind === "cut") {
    response.write(part.subarray(0, fault.afterBytes), () => response.destroy());
  } else response.end(part);
}

function rangeOf(
  text: string | undefined,
  size: number,
): { from: number; last: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? "unsatisfiable" : { from: size - length, last: size - 1 };
  }
  const from = Number(match[1]);
  const last = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== "" && from > Number(match[2])) return undefined;
  return from >= size ? "unsatisfiable" : { from, last };
}
