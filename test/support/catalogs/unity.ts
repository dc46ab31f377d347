import { type Answer, type DoubleServer, json, serve } from "./http-server.ts";

/** A Unity Catalog as far as readers ask one: tables by their full name, behind a bearer token. */
export async function startUnity(options: {
  readonly token?: string;
  /** By full name. */
  readonly tables: Readonly<Record<string, { readonly storageLocation?: string; readonly format?: string }>>;
  /** Refresh tokens that the workspace takes, by what they give. */
  readonly refreshes?: Readonly<Record<string, string>>;
  readonly status?: number;
}): Promise<DoubleServer> {
  return await serve(({ method, path, query, headers, body }) => {
    if (options.status !== undefined) return { status: options.status, body: "secret text of the server" };
    if (method === "POST" && path === "/oidc/v1/token") {
      const form = new URLSearchParams(body);
      const token = options.refreshes?.[`${form.get("client_id")} ${form.get("refresh_token")}`];
      return token === undefined ? json({ error: "invalid_grant" }, 400) : json({ access_token: token });
    }
    if (options.token !== undefined && headers.authorization !== `Bearer ${options.token}`) {
      return json({ error_code: "UNAUTHENTICATED", message: "no" }, 401);
    }
    if (path === "/api/2.1/unity-catalog/tables") return listing(query);
    const name = /^\/api\/2\.1\/unity-catalog\/tables\/([^/]+)$/.exec(path)?.[1];
    const table = name === undefined ? undefined : options.tables[decodeURIComponent(name)];
    if (table === undefined)
      return json({ error_code: "TABLE_DOES_NOT_EXIST", message: "no such table" }, 404);
    const [catalog, schema, own] = decodeURIComponent(name ?? "").split(".");
    return json({
      catalog_name: catalog,
      schema_name: schema,
      name: own,
      table_type: "EXTERNAL",
      data_source_format: "DELTA",
      ...(table.storageLocation !== undefined && { storage_location: table.storageLocation }),
    });
  });

  /** One table a page, an empty one in front. */
  function listing(query: URLSearchParams): Answer {
    const schema = `${query.get("catalog_name")}.${query.get("schema_name")}.`;
    const names = Object.keys(options.tables).filter((name) => name.startsWith(schema));
    const token = query.get("page_token");
    if (token === null) return json({ tables: [], next_page_token: "p/0=" });
    const at = Number(/^p\/(\d+)=$/.exec(token)?.[1]);
    const tables = names.slice(at, at + 1).map((name) => ({
      name: name.slice(schema.length),
      data_source_format: options.tables[name]?.format ?? "DELTA",
    }));
    return json({ tables, ...(at + 1 < names.length && { next_page_token: `p/${at + 1}=` }) });
  }
}
