import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a catalog double sees it. */
export interface SeenRequest {
  readonly method: string;
  /** As it came over the wire, escapes and all. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface DoubleServer extends AsyncDisposable {
  readonly origin: string;
  /** Every request in its order. */
  readonly seen: SeenRequest[];
}

/** A real HTTP server on this machine. */
export async function serve(
  answerTo: (request: SeenRequest) => Answer | Promise<Answer>,
): Promise<DoubleServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch((error: unknown) => {
      outgoing.writeHead(500).end(String(error));
    });
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of incoming) body += String(part);
    const [path = "", query = ""] = (incoming.url ?? "").split("?");
    const { method = "", headers } = incoming;
    const request = { method, path, query: new URLSearchParams(query), headers, body };
    seen.push(request);
    const { status, headers: sent, body: text } = await answerTo(request);
    outgoing.writeHead(status, { "content-type": "application/json", ...sent }).end(text);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });
