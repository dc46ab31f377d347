import { describe, expect, it } from "vitest";
import { catalogContext } from "../../../../test/support/catalogs/context.ts";
import { startUnity } from "../../../../test/support/catalogs/unity.ts";
import { SourceMissingError, TableError } from "../../../model/index.ts";
import type { CatalogContext } from "../../catalog/index.ts";
import { listUnityTables } from "./list-unity.ts";
import { unityTableRoot } from "./unity.ts";

const { signal } = new AbortController();
const ORDERS = { "mycat.myschema.orders": { storageLocation: "s3://bucket/table" } };

interface Asked {
  readonly uri: string;
  readonly table?: string;
  readonly scheme?: string;
  readonly auth?: Record<string, string>;
  readonly properties?: Record<string, string>;
  readonly catalogs?: CatalogContext;
}

async function rootOf(asked: Asked): Promise<string> {
  const connector = {
    uri: asked.uri,
    properties: asked.properties ?? {},
    auth: {
      scheme: asked.scheme ?? "none",
      properties: asked.auth ?? {},
      headerHints: { "X-Ignored": "yes" },
    },
  };
  const request = { connector, namespace: "mycat.myschema", table: asked.table ?? "orders" };
  return await unityTableRoot(request, asked.catalogs ?? catalogContext(), signal);
}

describe("Unity Catalog (05 §3.3)", () => {
  it("05 T9: the storage location of a table; two lookups are two calls", async () => {
    await using unity = await startUnity({ tables: ORDERS });
    expect(await rootOf({ uri: `${unity.origin}/` })).toBe("s3://bucket/table");
    expect(await rootOf({ uri: unity.origin })).toBe("s3://bucket/table");
    expect(unity.seen.map(({ path }) => path)).toEqual(
      Array(2).fill("/api/2.1/unity-catalog/tables/mycat.myschema.orders"),
    );
    expect(unity.seen[0]?.headers).not.toHaveProperty("authorization");
    expect(unity.seen[0]?.headers).not.toHaveProperty("x-ignored");
  });

  it("05 T9: no success names status and table, is asked once, and repeats nothing of the answer", async () => {
    await using unity = await startUnity({ tables: {}, status: 503 });
    const error = await rootOf({ uri: unity.origin }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new TableError("UC returned HTTP 503 for mycat.myschema.orders"));
    expect(unity.seen).toHaveLength(1);
  });

  it("404 is TABLE_MISSING, a table without a location and silence have their own texts", async () => {
    await using unity = await startUnity({ tables: { "mycat.myschema.view": {} } });
    await expect(rootOf({ uri: unity.origin })).rejects.toThrow(
      new SourceMissingError("UC returned HTTP 404 for mycat.myschema.orders"),
    );
    await expect(rootOf({ uri: unity.origin, table: "view" })).rejects.toThrow(
      new TableError("Table has no storage_location: mycat.myschema.view"),
    );
    await expect(rootOf({ uri: "http://127.0.0.1:1" })).rejects.toThrow(
      "Failed to resolve storage_location for mycat.myschema.orders",
    );
  });

  it("names of any letters arrive whole, a space as %20 (may improve)", async () => {
    await using unity = await startUnity({
      tables: { "mycat.myschema.a b/ü+": { storageLocation: "s3://b/t" } },
    });
    expect(await rootOf({ uri: unity.origin, table: "a b/ü+" })).toBe("s3://b/t");
    expect(unity.seen[0]?.path).toContain("a%20b%2F");
  });

  it("options that are no numbers fail before anything is asked (05 §3.2)", async () => {
    await expect(rootOf({ uri: "http://127.0.0.1:1", properties: { "http.read.ms": "1s" } })).rejects.toThrow(
      'http.read.ms is no number of milliseconds: "1s"',
    );
  });
});

it("the Delta tables of a schema are listed page by page, empty pages included", async () => {
  const tables = {
    "mycat.myschema.a": {},
    "mycat.myschema.csv": { format: "CSV" },
    "mycat.other.x": {},
    "mycat.myschema.b": {},
  };
  await using unity = await startUnity({ tables });
  const auth = { scheme: "none", properties: {}, headerHints: {} };
  const connector = { uri: unity.origin, properties: {}, auth };
  const list = (namespace: string) => listUnityTables({ connector, namespace }, catalogContext(), signal);
  expect(await list("mycat.myschema")).toEqual(["a", "b"]);
  expect(unity.seen).toHaveLength(4);
  await expect(list("myschema")).rejects.toThrow("catalog.schema is needed");
});

describe("who asks (05 §3.3)", () => {
  it("05 T10: oauth2 sends the connector's token; other schemes and a missing token are refused", async () => {
    await using unity = await startUnity({ token: "tok-123", tables: ORDERS });
    const { origin: uri } = unity;
    expect(await rootOf({ uri, scheme: "OAuth2", auth: { token: "tok-123" } })).toBe("s3://bucket/table");
    await expect(rootOf({ uri, scheme: "oauth2" })).rejects.toThrow("Missing auth property: token");
    await expect(rootOf({ uri, scheme: "aws-sigv4" })).rejects.toThrow("Unsupported auth.scheme=aws-sigv4");
    await expect(rootOf({ uri, scheme: "" })).rejects.toThrow(
      "UC returned HTTP 401 for mycat.myschema.orders",
    );
  });

  it("a refused token is an ordinary failure, whose cause says what to look at", async () => {
    await using unity = await startUnity({ token: "tok-123", tables: ORDERS });
    const error = await rootOf({ uri: unity.origin, scheme: "oauth2", auth: { token: "tok-old" } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      name: "TableError",
      cause: { message: expect.stringContaining("has ended") },
    });
    expect(String(error)).not.toContain("tok-old");
  });

  const cli = { scheme: "oauth2", auth: { "oauth.mode": "cli" } };

  it("05 T10: CLI mode with an empty host is an error", async () => {
    await expect(rootOf({ uri: "", ...cli })).rejects.toThrow("is an http:// or https:// address");
  });

  it("CLI mode takes DATABRICKS_TOKEN for the host that it belongs to, and for no other", async () => {
    await using unity = await startUnity({ token: "env-token", tables: ORDERS });
    const context = (host: string | undefined, anyHost = false) =>
      catalogContext({
        databricks: {
          token: "env-token",
          host,
          anyHost,
          readTokenCache: async () => JSON.stringify({ tokens: {} }),
        },
      });
    const { origin: uri } = unity;
    expect(await rootOf({ uri, ...cli, catalogs: context(`${uri}/`) })).toBe("s3://bucket/table");
    expect(await rootOf({ uri, ...cli, catalogs: context(undefined, true) })).toBe("s3://bucket/table");
    await expect(rootOf({ uri, ...cli, catalogs: context(undefined) })).rejects.toThrow(
      `DATABRICKS_TOKEN is sent to the host of DATABRICKS_HOST alone: set it to ${uri}`,
    );
    await expect(rootOf({ uri, ...cli, catalogs: context("https://other") })).rejects.toThrow(
      "has no token for",
    );
  });

  it("the CLI's token cache goes by host, with or without a slash; what ends within a minute is refreshed", async () => {
    await using unity = await startUnity({
      token: "fresh",
      tables: ORDERS,
      refreshes: { "databricks-cli refresh-1": "fresh", "my-client refresh-1": "fresh" },
    });
    const { origin: uri } = unity;
    const paths: (string | undefined)[] = [];
    const cached = (entry: object, key = uri) =>
      catalogContext({
        databricks: {
          anyHost: false,
          readTokenCache: async (path) => {
            paths.push(path);
            return JSON.stringify({ version: 1, tokens: { [key]: entry } });
          },
        },
      });
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const provider = { scheme: "oauth2", auth: { "cli.provider": "databricks", cache_path: "/cache.json" } };
    const good = { access_token: "fresh", expiry: at(120_000) };
    expect(await rootOf({ uri, ...provider, catalogs: cached(good, `${uri}/`) })).toBe("s3://bucket/table");
    const ending = { access_token: "stale", expiry: at(50_000), refresh_token: "refresh-1" };
    expect(await rootOf({ uri, ...cli, catalogs: cached(ending) })).toBe("s3://bucket/table");
    const named = { ...cli, auth: { ...cli.auth, client_id: "my-client" } };
    expect(await rootOf({ uri, ...named, catalogs: cached(ending) })).toBe("s3://bucket/table");
    expect(paths).toEqual(["/cache.json", undefined, undefined]);
    const { refresh_token: _, ...ended } = ending;
    await expect(rootOf({ uri, ...cli, catalogs: cached(ended) })).rejects.toThrow(
      /databricks auth login --host/,
    );
    const wrong = cached({ ...ending, refresh_token: "secret-refresh" });
    const error = await rootOf({ uri, ...cli, catalogs: wrong }).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("/oidc/v1/token answered HTTP 400");
    expect(String(error)).not.toContain("secret-refresh");
  });
});
