import { createHash, createHmac } from "node:crypto";
import type { SeenRequest } from "./http-server.ts";

/**
 * Checks an AWS Signature V4 as a service does, from the request alone and written from AWS's description, so that it shares
 * nothing with what signs. Returns what is wrong; undefined: the signature is good.
 */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly service: string;
  readonly region: string;
}

export function signatureFault(request: SeenRequest, rawQuery: string, signer: Signer): string | undefined {
  // A server behind another sees that one's name for the signed one.
  const { "x-signed-host": signedHost, ...received } = request.headers;
  const headers = signedHost === undefined ? received : { ...received, host: String(signedHost) };
  const authorization = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
    headers.authorization ?? "",
  );
  if (authorization === null) return "no signature";
  const [, credential = "", signedHeaders = "", signature] = authorization;
  const [accessKeyId, date = "", region, service, end] = credential.split("/");
  if (accessKeyId !== signer.accessKeyId) return "unknown access key";
  if (region !== signer.region || service !== signer.service || end !== "aws4_request") {
    return `scope ${credential}`;
  }
  if (signer.sessionToken !== headers["x-amz-security-token"]) return "session token";
  const time = String(headers["x-amz-date"] ?? "");
  if (!time.startsWith(date)) return "date";
  const payload = sha256(request.body);
  if (headers["x-amz-content-sha256"] !== payload) return "x-amz-content-sha256";
  const names = signedHeaders.split(";");
  const unsigned = ["host", "x-amz-date", "x-amz-content-sha256"].find((name) => !names.includes(name));
  if (unsigned !== undefined) return `${unsigned} is not signed`;
  const canonical = [
    request.method,
    // Twice, for every service but S3.
    request.path.split("/").map(encode).join("/"),
    rawQuery.split("&").filter(Boolean).map(parameter).sort().join("&"),
    ...names.map(
      (name) =>
        `${name}:${String(headers[name] ?? "")
          .trim()
          .replace(/ +/g, " ")}`,
    ),
    "",
    signedHeaders,
    payload,
  ].join("\n");
  const text = [
    "AWS4-HMAC-SHA256",
    time,
    `${date}/${region}/${service}/aws4_request`,
    sha256(canonical),
  ].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${signer.secretAccessKey}`,
  );
  return hmac(key, text).toString("hex") === signature ? undefined : "SignatureDoesNotMatch";
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: Buffer | string, text: string) => createHmac("sha256", key).update(text).digest();

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function parameter(pair: string): string {
  const [name = "", value = ""] = pair.split("=").map(decodeURIComponent);
  return `${encode(name)}=${encode(value)}`;
}
