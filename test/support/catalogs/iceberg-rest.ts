import { type Answer, type DoubleServer, json, type SeenRequest, serve } from "./http-server.ts";
import { type Signer, signatureFault } from "./sigv4.ts";

/**
 * An Iceberg REST catalog as far as readers ask one: `config`, load a table, its credentials and the token endpoint, by the
 * paths, errors and auth of the open specification.
 */
export interface RestCatalogOptions {
  /** Warehouses that there are; absent: any, or none named. */
  readonly warehouse?: string;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly endpoints?: readonly string[];
  /** Verbatim part of each path, as `overrides.prefix` has it. */
  readonly prefix?: string;
  readonly auth?:
    | { readonly kind: "bearer"; readonly token: string }
    | {
        readonly kind: "client";
        readonly id: string;
        readonly secret: string;
        readonly scope: string;
        readonly expiresInSeconds?: number;
      }
    | { readonly kind: "sigv4"; readonly signer: Signer };
  readonly tables: readonly RestTable[];
  /** Tables of one page of a list; all by default. */
  readonly pageSize?: number;
  /** Answers in place of the catalog's, before anything else. */
  readonly intercept?: (request: SeenRequest) => Answer | undefined;
}

export interface RestTable {
  readonly namespace: readonly string[];
  readonly name: string;
  /** JSON text, so that 64-bit numbers stay whole. */
  readonly metadata: string;
  readonly metadataLocation?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** Given only if the request asks for vended credentials. */
  readonly credentials?: () => readonly StorageCredential[];
}

export interface StorageCredential {
  readonly prefix: string;
  readonly config: Readonly<Record<string, string>>;
}

export interface RestCatalogDouble extends DoubleServer {
  /** Tokens handed out, in order. */
  readonly tokens: string[];
}

const error = (status: number, type: string, message: string) =>
  json({ error: { message, type, code: status } }, status);

export async function startRestCatalog(options: RestCatalogOptions): Promise<RestCatalogDouble> {
  const tokens: string[] = [];

  function tokenAnswer(request: SeenRequest): Answer {
    const { auth } = options;
    if (auth?.kind !== "client") return error(404, "NotFoundException", "no token endpoint");
    const form = new URLSearchParams(request.body);
    if (request.headers["content-type"] !== "application/x-www-form-urlencoded") {
      return json({ error: "invalid_request" }, 400);
    }
    const isOurs = form.get("client_id") === auth.id && form.get("client_secret") === auth.secret;
    if (!isOurs)
      return json({ error: "invalid_client", error_description: `not ${form.get("client_secret")}` }, 401);
    if (form.get("scope") !== auth.scope) return json({ error: "invalid_scope" }, 400);
    const token = `token-${tokens.length + 1}`;
    tokens.push(token);
    return json({
      access_token: token,
      token_type: "bearer",
      ...(auth.expiresInSeconds !== undefined && { expires_in: auth.expiresInSeconds }),
    });
  }

  function refusal(request: SeenRequest, rawQuery: string): Answer | undefined {
    const { auth } = options;
    if (auth === undefined) return undefined;
    if (auth.kind === "sigv4") {
      const fault = signatureFault(request, rawQuery, auth.signer);
      return fault === undefined ? undefined : error(403, "ForbiddenException", fault);
    }
    const expected = auth.kind === "bearer" ? auth.token : tokens.at(-1);
    if (request.headers.authorization === `Bearer ${expected}`) return undefined;
    return error(401, "NotAuthorizedException", `bad token ${request.headers.authorization}`);
  }

  function tableOf(levels: string, name: string): RestTable | undefined {
    const namespace = levels.split("%1F").map(decodeURIComponent);
    return options.tables.find(
      (table) =>
        JSON.stringify([table.namespace, table.name]) ===
        JSON.stringify([namespace, decodeURIComponent(name)]),
    );
  }

  function listing(levels: string, token: string | null): Answer {
    const namespace = levels.split("%1F").map(decodeURIComponent);
    const tables = options.tables.filter(
      (table) => JSON.stringify(table.namespace) === JSON.stringify(namespace),
    );
    if (tables.length === 0)
      return error(404, "NoSuchNamespaceException", `Namespace does not exist: ${namespace.join(".")}`);
    const from = token === null || token === "" ? 0 : Number(/^page \+(\d+)$/.exec(token)?.[1]);
    const to = from + (options.pageSize ?? tables.length);
    const identifiers = tables.slice(from, to).map((table) => ({ namespace, name: table.name }));
    // Its letters have to be escaped on their way back.
    return json({ identifiers, ...(to < tables.length && { "next-page-token": `page +${to}` }) });
  }

  const server = await serve((request) => {
    const intercepted = options.intercept?.(request);
    if (intercepted !== undefined) return intercepted;
    if (request.path.endsWith("/v1/oauth/tokens")) return tokenAnswer(request);
    const refused = refusal(request, request.query.toString());
    if (refused !== undefined) return refused;
    if (request.path.endsWith("/v1/config")) {
      const { warehouse, defaults = {}, overrides = {}, endpoints, prefix } = options;
      if (warehouse !== undefined && request.query.get("warehouse") !== warehouse) {
        return error(404, "NotFoundException", `Warehouse ${request.query.get("warehouse")} not found`);
      }
      const merged = prefix === undefined ? overrides : { ...overrides, prefix };
      return json({ defaults, overrides: merged, ...(endpoints && { endpoints }) });
    }
    const prefix = options.prefix === undefined ? "" : `/${options.prefix}`;
    const base = `/v1${prefix}/namespaces/`;
    const at = request.path.indexOf(base);
    const rest = at < 0 ? [] : request.path.slice(at + base.length).split("/");
    const [levels = "", kind, name = "", credentials] = rest;
    if (kind === "tables" && name === "") return listing(levels, request.query.get("pageToken"));
    if (kind !== "tables") return error(404, "NotFoundException", `no such path ${request.path}`);
    const table = tableOf(levels, name);
    if (table === undefined) {
      const text = `Table does not exist: ${decodeURIComponent(levels.replaceAll("%1F", "."))}.${decodeURIComponent(name)}`;
      return error(404, "NoSuchTableException", text);
    }
    if (credentials === "credentials") return json({ "storage-credentials": table.credentials?.() ?? [] });
    const delegation = request.headers["x-iceberg-access-delegation"];
    const vended = delegation === "vended-credentials" ? table.credentials?.() : undefined;
    return {
      status: 200,
      body: `{"metadata":${table.metadata},${
        table.metadataLocation === undefined
          ? ""
          : `"metadata-location":${JSON.stringify(table.metadataLocation)},`
      }"config":${JSON.stringify(table.config ?? {})},"storage-credentials":${JSON.stringify(vended ?? [])}}`,
    };
  });
  return { ...server, tokens, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
