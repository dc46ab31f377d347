import type { IncomingMessage, ServerResponse } from "node:http";
import type { StoredObject } from "../s3-double/objects.ts";

/** Answers a ranged GET by the rules of HTTP; where a store has no ranges of the last bytes, such a header counts as none. */
export function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes }: StoredObject,
  headers: Readonly<Record<string, string>>,
  { suffixes = true }: { readonly suffixes?: boolean } = {},
): void {
  const size = bytes.length;
  const [, first = "", end = ""] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if ((first === "" && end === "") || (first === "" && !suffixes)) {
    response.writeHead(200, { ...headers, "content-length": size }).end(bytes);
    return;
  }
  const from = first === "" ? Math.max(0, size - Number(end)) : Number(first);
  const last = first === "" || end === "" ? size - 1 : Math.min(Number(end), size - 1);
  if (from > last) {
    response.writeHead(416, { "content-range": `bytes */${size}`, "content-length": 0 }).end();
    return;
  }
  response
    .writeHead(206, {
      ...headers,
      "content-length": last - from + 1,
      "content-range": `bytes ${from}-${last}/${size}`,
    })
    .end(bytes.subarray(from, last + 1));
}
