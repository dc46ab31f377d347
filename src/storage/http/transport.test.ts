import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { certificateAuthority } from "../../../test/support/certificates.ts";
import type { HttpSettings } from "../../http/index.ts";
import { systemClock, TransientReadError } from "../../model/index.ts";
import { httpLimits } from "./limits.ts";
import { BrokenBodyError, createTransport, type Transport, UntrustedServerError } from "./transport.ts";

const signal = new AbortController().signal;
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function transportOf(limits: Parameters<typeof httpLimits>[0] = {}, network?: HttpSettings): Transport {
  const transport = createTransport({
    limits: httpLimits(limits),
    reach: undefined,
    network,
    clock: systemClock,
  });
  ends.push(() => transport.close());
  return transport;
}

async function get(transport: Transport, port: number, options: { path?: string; tls?: boolean } = {}) {
  const { path = "/", tls = false } = options;
  return await transport.send({
    method: "GET",
    origin: { protocol: tls ? "https:" : "http:", hostname: "127.0.0.1", port },
    target: path,
    headers: {},
    signal,
  });
}

async function serve(listener: RequestListener): Promise<number> {
  return await listen(createServer(listener));
}

it("8.2 a connection is used again, and no more requests are under way than the limit says", async () => {
  let underWay = 0;
  let most = 0;
  const sockets = new Set<unknown>();
  const port = await serve((request, response) => {
    sockets.add(request.socket);
    most = Math.max(most, ++underWay);
    setTimeout(() => {
      underWay--;
      response.end("ok");
    }, 2);
  });
  const transport = transportOf({ concurrentRequests: 3 });
  const texts = Array.from({ length: 12 }, async () => (await get(transport, port)).text(10));
  expect(new Set(await Promise.all(texts))).toEqual(new Set(["ok"]));
  expect(most).toBe(3);
  expect(sockets.size).toBeLessThanOrEqual(3);
});

it("08 §5.2 the path goes out as it is given", async () => {
  const seen: (string | undefined)[] = [];
  const port = await serve((request, response) => {
    seen.push(request.url);
    response.end();
  });
  const transport = transportOf();
  const paths = ["//a/../b/./c", "/a%2Fb//", "/%E2%82%AC?x=%20"];
  for (const path of paths) (await get(transport, port, { path })).drop();
  expect(seen).toEqual(paths);
});

it("a deadline in the middle of a body tells what came before it", async () => {
  const port = await serve((_, response) => {
    response.writeHead(200, { "content-length": "10" });
    response.write("12345");
  });
  const answer = await get(transportOf({ requestMs: 60 }), port);
  const failed = answer.readInto(new Uint8Array(10));
  await expect(failed).rejects.toThrow(BrokenBodyError);
  await expect(failed).rejects.toMatchObject({
    bytesRead: 5,
    message: expect.stringMatching(/longer than 60 ms/),
  });
});

it("more bytes than were announced are no part of the object", async () => {
  const port = await serve((_, response) => {
    response.write("123");
    response.end("456");
  });
  const answer = await get(transportOf(), port);
  const failed = answer.readInto(new Uint8Array(4));
  await expect(failed).rejects.toThrow(TransientReadError);
  await expect(failed).rejects.not.toThrow(BrokenBodyError);
});

it("8.7 a certificate is verified, by authorities of one's own too; a wrong one is no passing failure", async () => {
  const authority = await certificateAuthority("test");
  const { certificate: cert, key } = await authority.server({ ips: ["127.0.0.1"] });
  const port = await listen(createTlsServer({ cert, key }, (_, response) => response.end("secure")));
  const trusting = await get(transportOf({}, { ca: authority.certificate }), port, { tls: true });
  expect(await trusting.text(10)).toBe("secure");
  await expect(get(transportOf(), port, { tls: true })).rejects.toThrow(UntrustedServerError);
});
