import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Objects } from "../s3-double/index.ts";
import { sendRange } from "./send-range.ts";

/**
 * A Blob service for tests, by the documented answers of its REST API: ranges of the first kind alone, `If-Match`, List Blobs by
 * pages; shared keys are checked against what came over the wire, signatures and tokens against those let in. On the same port,
 * Entra ID and the metadata server. The account stands in the path, as in an emulator.
 */
export interface AzureDouble extends AsyncDisposable {
  /** `http://127.0.0.1:port/account`. */
  readonly endpoint: string;
  /** `http://127.0.0.1:port`. */
  readonly identityAddress: string;
  readonly objects: Objects;
  readonly requests: { readonly target: string; readonly range: string | undefined; status: number }[];
  /** Forms that Entra ID got, and queries that the metadata server got. */
  readonly tokenRequests: URLSearchParams[];
  /** Who is let in; undefined: anybody. */
  access: AzureAccess | undefined;
  /** What Entra ID and the metadata server give out. */
  issue: () => { readonly status: number; readonly body: object };
  /** Instead of an answer, once. */
  fault: { readonly status: number; readonly code: string } | undefined;
}

export interface AzureAccess {
  readonly key?: string;
  /** `sig` of a shared access signature. */
  readonly signature?: string;
  readonly tokens?: Set<string>;
}

const ACCOUNT = "account";

export async function startAzureDouble({ pageSize = 5000 } = {}): Promise<AzureDouble> {
  const objects = new Objects();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    const [path = "", queryText = ""] = target.split("?", 2);
    const query = new URLSearchParams(queryText);
    if (path === "/tenant/oauth2/v2.0/token") {
      double.tokenRequests.push(new URLSearchParams(await textOf(request)));
      return sendIssued(response);
    }
    if (path === "/metadata/identity/oauth2/token" && request.headers.metadata === "true") {
      double.tokenRequests.push(query);
      return sendIssued(response);
    }
    const recorded = { target, range: request.headers.range, status: 0 };
    double.requests.push(recorded);
    response.on("finish", () => {
      recorded.status = response.statusCode;
    });
    const { fault } = double;
    double.fault = undefined;
    if (fault !== undefined) return refuse(response, fault.status, fault.code);
    if (request.headers["x-ms-version"] === undefined) return refuse(response, 400, "MissingRequiredHeader");
    const denial = denialOf(request, path, query, double.access);
    if (denial !== undefined) return refuse(response, ...denial);
    const [, container = "", key] = /^\/account\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? [];
    if (!objects.hasBucket(container)) return refuse(response, 404, "ContainerNotFound");
    if (key === undefined) return list(response, container, query);
    const object = objects.get(container, decodeURIComponent(key));
    if (object === undefined) return refuse(response, 404, "BlobNotFound");
    const { "if-match": ifMatch } = request.headers;
    if (ifMatch !== undefined && ifMatch !== object.etag) return refuse(response, 412, "ConditionNotMet");
    sendRange(request, response, object, { etag: object.etag }, { suffixes: false });
  }

  function sendIssued(response: ServerResponse): void {
    const { status, body } = double.issue();
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  function list(response: ServerResponse, container: string, query: URLSearchParams): void {
    const prefix = query.get("prefix") ?? "";
    const entries = objects
      .entries(container)
      .filter(([key]) => key.startsWith(prefix))
      .filter(([key]) => query.get("delimiter") === null || !key.slice(prefix.length).includes("/"));
    const from = Number(query.get("marker") ?? "0");
    const more = from + pageSize < entries.length;
    const blobs = entries.slice(from, from + pageSize).map(([name, { bytes, modified, headers }]) => {
      const folder = headers["x-ms-meta-hdi_isfolder"] === "true" ? "<hdi_isfolder>true</hdi_isfolder>" : "";
      return `<Blob><Name>${escapeXml(name)}</Name><Properties><Last-Modified>${modified.toUTCString()}</Last-Modified><Content-Length>${bytes.length}</Content-Length></Properties><Metadata>${folder}</Metadata></Blob>`;
    });
    const marker = more ? `<NextMarker>${from + pageSize}</NextMarker>` : "<NextMarker />";
    response
      .writeHead(200, { "content-type": "application/xml" })
      .end(
        `\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="${container}"><Prefix>${escapeXml(prefix)}</Prefix><Blobs>${blobs.join("")}</Blobs>${marker}</EnumerationResults>`,
      );
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const double: AzureDouble = {
    endpoint: `http://127.0.0.1:${port}/${ACCOUNT}`,
    identityAddress: `http://127.0.0.1:${port}`,
    objects,
    requests: [],
    tokenRequests: [],
    access: undefined,
    issue: () => ({ status: 500, body: {} }),
    fault: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

function denialOf(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  access: AzureAccess | undefined,
): [number, string] | undefined {
  if (access === undefined) return undefined;
  const said = request.headers.authorization ?? "";
  if (said.startsWith("Bearer ")) {
    return access.tokens?.has(said.slice("Bearer ".length)) ? undefined : [401, "InvalidAuthenticationInfo"];
  }
  if (query.has("sig"))
    return query.get("sig") === access.signature ? undefined : [403, "AuthenticationFailed"];
  if (said === "") return [409, "PublicAccessNotPermitted"];
  if (access.key === undefined) return [403, "KeyBasedAuthenticationNotPermitted"];
  const h = (name: string) => String(request.headers[name] ?? "");
  const own = Object.keys(request.headers)
    .filter((name) => name.startsWith("x-ms-"))
    .sort();
  const names = [...new Set(query.keys())].sort();
  // "Authorize with Shared Key", version 2009-09-19 and later; an empty Content-Length since 2015-02-21.
  const text = `GET\n${h("content-encoding")}\n${h("content-language")}\n\n${h("content-md5")}\n${h("content-type")}\n\n${h("if-modified-since")}\n${h("if-match")}\n${h("if-none-match")}\n${h("if-unmodified-since")}\n${h("range")}\n${own.map((name) => `${name}:${h(name)}\n`).join("")}/${ACCOUNT}${path}${names.map((name) => `\n${name}:${query.getAll(name).join(",")}`).join("")}`;
  const signature = createHmac("sha256", Buffer.from(access.key, "base64")).update(text).digest("base64");
  const ageMs = Math.abs(Date.now() - Date.parse(h("x-ms-date")));
  return said === `SharedKey ${ACCOUNT}:${signature}` && ageMs < 900_000
    ? undefined
    : [403, "AuthenticationFailed"];
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>refused</Message></Error>`;
  response.writeHead(status, { "x-ms-error-code": code, "content-type": "application/xml" }).end(xml);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
