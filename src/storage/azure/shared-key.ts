import { createHmac } from "node:crypto";

/** What is signed of a GET without a body. */
export interface SignedRequest {
  readonly account: string;
  /** Encoded, as it goes out. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** `Authorization` by the Shared Key scheme of the Blob service. */
export function sharedKeyAuthorization(request: SignedRequest, key: string): string {
  const signature = createHmac("sha256", Buffer.from(key, "base64"))
    .update(stringToSign(request), "utf8")
    .digest("base64");
  return `SharedKey ${request.account}:${signature}`;
}

function stringToSign({ account, path, query, headers }: SignedRequest): string {
  const named = (name: string) => headers[name] ?? "";
  const standard = [
    "GET",
    ...["content-encoding", "content-language", "content-length", "content-md5", "content-type"].map(named),
    // The date stands in x-ms-date.
    "",
    ...["if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"].map(named),
  ];
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith("x-ms-"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}`);
  const resource = [
    `/${account}${path}`,
    ...[...query].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}:${value}`),
  ];
  return [...standard, ...own, ...resource].join("\n");
}
