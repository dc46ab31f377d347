/** Against real servers: what an exchange may take, in time and bytes, and which way it goes. */
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { certificateAuthority } from "../../test/support/certificates.ts";
import { portOf, startProxy } from "../../test/support/http-proxy.ts";
import { type HttpRequest, openHttp } from "./client.ts";
import { HttpError } from "./error.ts";
import type { HttpSettings } from "./settings.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function client(settings?: HttpSettings) {
  const http = openHttp(settings);
  closing.push(() => http.close());
  return http;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return portOf(server);
}

const serve = async (handler: RequestListener) => `http://127.0.0.1:${await listen(createServer(handler))}`;

async function serveTls(handler: RequestListener) {
  const authority = await certificateAuthority("a firm's own");
  const { certificate: cert, key } = await authority.server({ dns: ["idp.test"], ips: ["127.0.0.1"] });
  const port = await listen(createTlsServer({ cert, key }, handler));
  return { port, ca: authority.certificate };
}

const request = (given: Partial<HttpRequest> = {}): HttpRequest => ({
  signal: new AbortController().signal,
  timeoutMs: 5000,
  ...given,
});

async function failure(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HttpError)) throw new Error(`no HttpError: ${error}`);
  return error;
}

describe("an exchange", () => {
  test("method, headers and body go out; status, headers and body come back", async () => {
    const origin = await serve(async (incoming, outgoing) => {
      let body = "";
      for await (const part of incoming) body += String(part);
      outgoing
        .writeHead(418, { "x-seen": `${incoming.method} ${incoming.headers["x-mine"]}` })
        .end(`got ${body}`);
    });
    const answer = await client().fetch(
      origin,
      request({ method: "POST", headers: { "x-mine": "1" }, body: "a=ü" }),
    );
    expect(answer.status).toBe(418);
    expect(answer.headers.get("x-seen")).toBe("POST 1");
    expect(await answer.text()).toBe("got a=ü");
  });

  test("an answer without a body", async () => {
    const origin = await serve((incoming, outgoing) =>
      outgoing.writeHead(incoming.url === "/none" ? 204 : 200, { "content-encoding": "gzip" }).end(),
    );
    expect((await client().fetch(`${origin}/none`, request())).status).toBe(204);
    const head = await client().fetch(origin, request({ method: "HEAD" }));
    expect(await head.text()).toBe("");
  });

  test("a redirect is an answer: the request may carry secrets", async () => {
    const paths: (string | undefined)[] = [];
    const origin = await serve((incoming, outgoing) => {
      paths.push(incoming.url);
      outgoing.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect((await client().fetch(origin, request())).status).toBe(307);
    expect(paths).toEqual(["/"]);
  });

  test("a packed answer is unpacked", async () => {
    const origin = await serve((_, outgoing) =>
      outgoing.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}")),
    );
    const answer = await client().fetch(origin, request());
    expect(await answer.json()).toEqual({});
    expect(answer.headers.has("content-encoding")).toBe(false);
  });

  test("no more is kept of an answer than its limit, packed or not", async () => {
    const origin = await serve((incoming, outgoing) => {
      const body = Buffer.alloc(3 << 20);
      if (incoming.url === "/plain") outgoing.end(body);
      else outgoing.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body));
    });
    for (const path of ["/plain", "/packed"]) {
      const error = await failure(client().fetch(`${origin}${path}?token=secret`, request()));
      expect(error).toMatchObject({ reason: "too-large" });
      expect(error.message).toBe(`GET ${origin}${path}: the answer is larger than 1048576 bytes`);
    }
    const whole = await client().fetch(`${origin}/packed`, request({ maxAnswerBytes: 3 << 20 }));
    expect((await whole.arrayBuffer()).byteLength).toBe(3 << 20);
  });

  test("damaged packing is no answer", async () => {
    const origin = await serve((_, outgoing) =>
      outgoing.writeHead(200, { "content-encoding": "gzip" }).end("no gzip"),
    );
    expect((await failure(client().fetch(origin, request()))).message).toContain("incorrect header check");
  });

  test("the deadline covers the last byte of the body", async () => {
    const origin = await serve((_, outgoing) => void outgoing.writeHead(200).write("{"));
    const error = await failure(client().fetch(origin, request({ timeoutMs: 60 })));
    expect(error).toMatchObject({ reason: "timeout", message: `GET ${origin}/: no answer in 60 ms` });
  });

  test("an abort ends it with the signal's reason", async () => {
    const abort = new AbortController();
    const reason = new Error("lease lost");
    const origin = await serve(() => abort.abort(reason));
    await expect(client().fetch(origin, request({ signal: abort.signal }))).rejects.toBe(reason);
    await expect(client().fetch(origin, request({ signal: abort.signal }))).rejects.toBe(reason);
  });

  test("a server that isn't there, or goes away, is said with the system's code", async () => {
    const gone = await serve((incoming) => incoming.socket.destroy());
    expect(await failure(client().fetch(gone, request({ method: "POST" })))).toMatchObject({
      reason: "network",
      code: "ECONNRESET",
    });
    const error = await failure(client().fetch("http://127.0.0.1:1/path?secret", request()));
    expect(error).toMatchObject({ reason: "network", code: "ECONNREFUSED" });
    expect(error.message).not.toContain("secret");
  });

  test("a connection that was kept and is closed when it is used again: asked once more, but only what is safe", async () => {
    let requests = 0;
    const origin = await serve((incoming, outgoing) => {
      requests += 1;
      if (requests === 2) incoming.socket.destroy();
      else outgoing.end("ok");
    });
    const http = client();
    await http.fetch(origin, request());
    expect((await http.fetch(origin, request())).status).toBe(200);
    expect(requests).toBe(3);
    requests = 1;
    expect(await failure(http.fetch(origin, request({ method: "POST" })))).toMatchObject({
      code: "ECONNRESET",
    });
    expect(requests).toBe(2);
  });
});

describe("trust", () => {
  test("own authorities count beside the roots", async () => {
    const { port, ca } = await serveTls((_, outgoing) => outgoing.end("secret place"));
    const answer = await client({ ca }).fetch(`https://127.0.0.1:${port}/`, request());
    expect(await answer.text()).toBe("secret place");
    expect(await failure(client().fetch(`https://127.0.0.1:${port}/`, request()))).toMatchObject({
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
  });

  test("what is no certificate is refused", async () => {
    for (const junk of ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "", "junk"]) {
      await expect(client({ ca: junk }).agentFor("https://host/")).rejects.toThrow(
        /certificate authorities can't be used/,
      );
    }
  });
});

describe("through a proxy", () => {
  test("http by absolute addresses, https by a tunnel in which the server is verified", async () => {
    const plain = await listen(createServer((_, outgoing) => outgoing.end("plain")));
    const { port, ca } = await serveTls((_, outgoing) => outgoing.end("tunnelled"));
    const proxy = await startProxy();
    closing.push(proxy.close);
    const address = `http://127.0.0.1:${proxy.port}`;
    const http = client({ ca, proxy: { http: address, https: address, none: "direct.test" } });
    for (const method of ["GET", "GET", "POST"]) {
      expect(await (await http.fetch(`http://idp.test:${plain}/a`, request({ method }))).text()).toBe(
        "plain",
      );
    }
    expect(await (await http.fetch(`https://idp.test:${port}/`, request())).text()).toBe("tunnelled");
    expect(proxy.seen).toEqual([
      `GET http://idp.test:${plain}/a`,
      `GET http://idp.test:${plain}/a`,
      `POST http://idp.test:${plain}/a`,
      `CONNECT idp.test:${port}`,
    ]);
    expect(await failure(http.fetch(`https://other.test:${port}/`, request()))).toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    expect(await failure(http.fetch(`https://direct.test:${port}/`, request()))).toMatchObject({
      reason: "network",
    });
    expect(proxy.seen.filter((line) => line.includes("direct.test"))).toEqual([]);
  });

  test("a proxy that asks for a password gets the one of its address; its refusal isn't the server's", async () => {
    const { port, ca } = await serveTls((_, outgoing) => outgoing.end("tunnelled"));
    const proxy = await startProxy({ credentials: "me:pass word" });
    closing.push(proxy.close);
    const withPassword = client({ ca, proxy: { https: `http://me:pass%20word@127.0.0.1:${proxy.port}` } });
    expect((await withPassword.fetch(`https://idp.test:${port}/`, request())).status).toBe(200);
    const without = client({ ca, proxy: { https: `127.0.0.1:${proxy.port}` } });
    const error = await failure(without.fetch(`https://idp.test:${port}/`, request()));
    expect(error.message).toContain("the proxy refuses the connection with HTTP status 407");
  });

  test("an address that no proxy has is refused, and not repeated", () => {
    expect(() => openHttp({ proxy: { https: "socks5://me:secret@host" } })).toThrow(
      "a proxy's address is not of the form http://host:port or https://host:port",
    );
  });
});
