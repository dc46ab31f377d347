/** AWS Signature V4 of catalog requests (04 §3.3, 08 §4.4). The library is loaded with the first request that is signed. */
import { createHash, createHmac } from "node:crypto";
import type { S3Keys } from "../../storage/index.ts";

export interface SigningScope {
  readonly service: string;
  readonly region: string;
}

export interface UnsignedRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/**
 * The headers of a request with its signature. `x-amz-content-sha256` is always there, and an `Authorization` that the
 * request had goes on as `Original-Authorization`, signed like all others.
 */
export async function signedHeaders(
  request: UnsignedRequest,
  scope: SigningScope,
  keys: S3Keys,
  nowMs: number,
): Promise<Record<string, string>> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const url = new URL(request.url);
  const headers: Record<string, string> = { host: url.host };
  for (const [name, value] of Object.entries(request.headers)) {
    const lower = name.toLowerCase();
    headers[lower === "authorization" ? "original-authorization" : lower] = value;
  }
  headers["x-amz-content-sha256"] = createHash("sha256")
    .update(request.body ?? "")
    .digest("hex");
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const signer = new SignatureV4({ ...scope, credentials, sha256: Sha256, applyChecksum: true });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers,
      ...(request.body !== undefined && { body: request.body }),
    },
    { signingDate: new Date(nowMs) },
  );
  return signed.headers;
}

function queryOf(url: URL): Record<string, string> {
  return Object.fromEntries(url.searchParams);
}

/** What the signer hashes with. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error("a hash of one message isn't begun anew");
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
