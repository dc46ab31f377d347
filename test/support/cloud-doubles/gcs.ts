import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Objects } from "../s3-double/index.ts";
import { sendRange } from "./send-range.ts";

/**
 * A Google Cloud Storage for tests, by the documented answers of its JSON API: media with ranges and `ifGenerationMatch`, lists
 * by pages, bearer tokens; and, on the same port, the token endpoint and the metadata server.
 */
export interface GcsDouble extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  readonly objects: Objects;
  /** `GET /path?query` of the objects' API, with the status of the answer. */
  readonly requests: { readonly target: string; readonly range: string | undefined; status: number }[];
  /** Forms that the token endpoint got; and `metadata`. */
  readonly tokenRequests: (URLSearchParams | "metadata")[];
  /** Tokens that are let in; undefined: anybody is. */
  tokens: Set<string> | undefined;
  /** What the token endpoint and the metadata server give out. */
  issue: () => { readonly status: number; readonly body: object };
  /** Instead of an answer, once. */
  fault: { readonly status: number; readonly body: string } | undefined;
}

export async function startGcsDouble({ pageSize = 1000 } = {}): Promise<GcsDouble> {
  const objects = new Objects();
  const generations = new WeakMap<object, number>();
  let lastGeneration = 1_700_000_000_000_000;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });

  function generationOf(object: object): number {
    const known = generations.get(object) ?? ++lastGeneration;
    generations.set(object, known);
    return known;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    const url = new URL(target, "http://gcs");
    if (url.pathname === "/token" && request.method === "POST") {
      double.tokenRequests.push(new URLSearchParams(await textOf(request)));
      return sendIssued(response);
    }
    if (url.pathname === "/computeMetadata/v1/instance/service-accounts/default/token") {
      if (request.headers["metadata-flavor"] !== "Google") return send(response, 403, "");
      double.tokenRequests.push("metadata");
      return sendIssued(response);
    }
    const recorded = { target, range: request.headers.range, status: 0 };
    double.requests.push(recorded);
    response.on("finish", () => {
      recorded.status = response.statusCode;
    });
    const { fault } = double;
    double.fault = undefined;
    if (fault !== undefined) return send(response, fault.status, fault.body);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (double.tokens !== undefined && (token === undefined || !double.tokens.has(token))) {
      return refuse(response, 401, token === undefined ? "required" : "authError");
    }
    // The key is one segment of the path.
    const [, bucketText = "", keyText] =
      /^\/storage\/v1\/b\/([^/?]+)\/o(?:\/([^/?]+))?(?:\?|$)/.exec(target) ?? [];
    const bucket = decodeURIComponent(bucketText);
    if (!objects.hasBucket(bucket)) return refuse(response, 404, "notFound");
    if (keyText === undefined) return list(response, bucket, url.searchParams);
    const object = objects.get(bucket, decodeURIComponent(keyText));
    if (object === undefined || url.searchParams.get("alt") !== "media") {
      return refuse(response, 404, "notFound");
    }
    const generation = String(generationOf(object));
    const wanted = url.searchParams.get("ifGenerationMatch");
    if (wanted !== null && wanted !== generation) return refuse(response, 412, "conditionNotMet");
    sendRange(request, response, object, { "x-goog-generation": generation });
  }

  function sendIssued(response: ServerResponse): void {
    const { status, body } = double.issue();
    send(response, status, JSON.stringify(body));
  }

  function list(response: ServerResponse, bucket: string, query: URLSearchParams): void {
    const prefix = query.get("prefix") ?? "";
    const offset = Buffer.from(query.get("startOffset") ?? "");
    const entries = objects
      .entries(bucket)
      .filter(([key]) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), offset) >= 0)
      .filter(([key]) => query.get("delimiter") === null || !key.slice(prefix.length).includes("/"));
    const from = Number(query.get("pageToken") ?? "0");
    const page = entries.slice(from, from + pageSize);
    const items = page.map(([name, { bytes, modified }]) => ({
      name,
      size: String(bytes.length),
      updated: modified.toISOString(),
    }));
    const more = from + pageSize < entries.length;
    // An empty list has no `items`.
    send(
      response,
      200,
      JSON.stringify({
        ...(items.length > 0 && { items }),
        ...(more && { nextPageToken: String(from + pageSize) }),
      }),
    );
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const double: GcsDouble = {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    requests: [],
    tokenRequests: [],
    tokens: undefined,
    issue: () => ({ status: 500, body: {} }),
    fault: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

function refuse(response: ServerResponse, code: number, reason: string): void {
  const error = { code, message: "refused", errors: [{ message: "refused", domain: "global", reason }] };
  send(response, code, JSON.stringify({ error }));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
