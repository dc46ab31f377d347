/** A proxy as firms have them: absolute addresses for http, CONNECT for https. Every host is one of this machine to it. */
import { createServer, request, type Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

export interface TestProxy {
  readonly port: number;
  /** `GET http://host/path` and `CONNECT host:port`, in order. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

export interface TestProxyOptions {
  /** `user:password` that it asks for. */
  readonly credentials?: string;
}

export async function startProxy({ credentials }: TestProxyOptions = {}): Promise<TestProxy> {
  const seen: string[] = [];
  const expected =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (incoming.headers["proxy-authorization"] !== expected) return void outgoing.writeHead(407).end();
    const target = new URL(incoming.url ?? "");
    const onward = request(
      { host: "127.0.0.1", port: target.port, path: target.pathname, method: incoming.method },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  const tunnels = new Set<Duplex>();
  server.on("connect", (incoming, client, head) => {
    tunnels.add(client);
    seen.push(`CONNECT ${incoming.url}`);
    client.on("error", () => {});
    if (incoming.headers["proxy-authorization"] !== expected) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const port = Number(incoming.url?.split(":").at(-1));
    const onward = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    onward.on("error", () => client.destroy());
    client.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  return {
    port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  };
}

/** Of a server that listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
