import { createHash, createHmac } from "node:crypto";
import type { S3Keys } from "../settings.ts";
import { uriEncode } from "./location.ts";

/**
 * AWS Signature Version 4 of a request to S3, whose path is signed as it is sent: encoded once, not normalised. Held to the
 * SDK's signer in tests.
 */
export interface RequestToSign {
  readonly method: string;
  readonly host: string;
  /** As sent. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

export interface Signing {
  readonly keys: S3Keys;
  readonly region: string;
  readonly nowMs: number;
}

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The request's headers with those of the signature. */
export function signed(request: RequestToSign, { keys, region, nowMs }: Signing): Record<string, string> {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const bodyHash = request.body === undefined ? EMPTY_SHA256 : sha256(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    "x-amz-content-sha256": bodyHash,
    "x-amz-date": time,
    ...(keys.sessionToken !== undefined && { "x-amz-security-token": keys.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    bodyHash,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signature = hmac(signingKey(keys.secretAccessKey, day, region), text).toString("hex");
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

/** Sorted by encoded name; the form that is sent too. */
export function canonicalQuery(query: RequestToSign["query"]): string {
  return query
    .map(([name, value]) => `${uriEncode(name, { slash: false })}=${uriEncode(value, { slash: false })}`)
    .sort()
    .join("&");
}

let lastKey: { readonly id: string; readonly key: Buffer } | undefined;

/** The same for a whole day, so the last one is kept. */
function signingKey(secret: string, day: string, region: string): Buffer {
  const id = JSON.stringify([secret, day, region]);
  if (lastKey?.id !== id) {
    const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), "s3"), "aws4_request");
    lastKey = { id, key };
  }
  return lastKey.key;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
