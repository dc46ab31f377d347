import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HttpError } from "./error.ts";

export interface BodyLimits {
  /** Bytes of the body, unpacked. */
  readonly maxBytes: number;
}

/** The body, unpacked if it came packed. It is read no further than the limit. */
export async function readBody(
  answer: IncomingMessage,
  { maxBytes }: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of unpacked(answer)) {
    if (!(part instanceof Uint8Array)) throw new TypeError("a stream of bytes is needed");
    bytes += part.length;
    if (bytes > maxBytes) {
      answer.destroy();
      throw new HttpError("too-large", `the answer is larger than ${maxBytes} bytes`);
    }
    parts.push(part);
  }
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

function unpacked(answer: IncomingMessage): Readable {
  const encoding = answer.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return answer;
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    answer.destroy();
    throw new HttpError(
      "malformed",
      `the answer is packed as ${JSON.stringify(encoding)}, which nobody asked for`,
    );
  }
  // An error of either stream ends the iteration over the last.
  return pipeline(answer, createGunzip(), () => {});
}
