import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";

/** Secrets that carry a mark, so that a search finds them wherever they come out. */
const MARK = "PLANTED";

export function planted(name: string): string {
  return `${MARK}-${name}-0123456789abcdef`;
}

/** The mark as it reads in base64, at each of its three places in a group. */
const ENCODED = [0, 1, 2].map((offset) => {
  const text = Buffer.from("x".repeat(offset) + MARK).toString("base64");
  // Without the characters that neighbours have a part in.
  return text.slice(offset === 0 ? 0 : offset + 1, -4);
});

/** Fails if a secret, plain or in base64, is in any of the texts. */
export function expectNoSecrets(texts: Readonly<Record<string, string>>): void {
  for (const [where, text] of Object.entries(texts)) {
    for (const form of [MARK, MARK.toLowerCase(), ...ENCODED]) {
      const at = text.indexOf(form);
      const found = at < 0 ? "" : text.slice(Math.max(0, at - 200), at + 80);
      expect(found, `a secret in ${where}`).toBe("");
    }
  }
}

export interface EchoServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  requests: number;
}

/**
 * A server that tells everybody what they told it: each answer repeats the request's line, headers and body, in the texts of
 * errors as S3, catalogs and identity providers write them. The status is the first part of the path, or `status`.
 */
export async function startEchoServer(status = 400): Promise<EchoServer> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    echo.requests += 1;
    const told = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`;
    const asked = /^\/(\d{3})(?:\/|$)/.exec(request.url ?? "")?.[1];
    const isXml = /s3|x-amz-content-sha256/.test(Object.keys(request.headers).join()) && body === "";
    response.writeHead(asked === undefined ? status : Number(asked), {
      "content-type": isXml ? "application/xml" : "application/json",
      "x-amz-request-id": told.replaceAll(/[^ -~]/g, "?").slice(0, 4000),
    });
    response.end(
      isXml
        ? `<Error><Code>Echo</Code><Message>${escaped(told)}</Message><Region>${escaped(told)}</Region></Error>`
        : JSON.stringify({
            error: { message: told, type: told, code: 400 },
            message: told,
            error_description: told,
            error_code: told,
          }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const echo: EchoServer = {
    url: `http://127.0.0.1:${port}`,
    requests: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return echo;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

export interface Recorder extends AsyncDisposable {
  readonly url: string;
  /** Bodies of all requests so far, unpacked. */
  bodies(): string;
}

/** A server that takes everything and keeps what it was sent, such as a collector of traces. */
export async function startRecorder(): Promise<Recorder> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    bodies.push(
      (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("latin1"),
    );
    response.writeHead(200, { "content-type": request.headers["content-type"] ?? "text/plain" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies: () => bodies.join("\n"),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
