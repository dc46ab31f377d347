import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { catalogContext, hastyClock } from "../../../../test/support/catalogs/context.ts";
import { json } from "../../../../test/support/catalogs/http-server.ts";
import { type RestCatalogOptions, startRestCatalog } from "../../../../test/support/catalogs/iceberg-rest.ts";
import { type Asked, loadTable, TABLE } from "../../../../test/support/catalogs/rest-table.ts";
import { SourceMissingError } from "../../../model/index.ts";
import { tablePath } from "./table-path.ts";

async function loadFrom(options: Partial<RestCatalogOptions>, asked: Asked = {}) {
  await using server = await startRestCatalog({ tables: [TABLE], ...options });
  const table = await loadTable(server.origin, asked);
  return { table, seen: server.seen, tokens: server.tokens };
}

describe("calls (04 §3.6)", () => {
  it("04 T8: asks config with the warehouse and the token; no delegation header unless it is configured", async () => {
    const token = { kind: "bearer", token: "oauth-token" } as const;
    const { seen } = await loadFrom(
      { auth: token, warehouse: "quickstart_catalog" },
      { scheme: "OAuth2", auth: { token: "oauth-token" }, properties: { warehouse: "quickstart_catalog" } },
    );
    expect(seen.map(({ method, path, query }) => `${method} ${path}?${query}`)).toEqual([
      "GET /v1/config?warehouse=quickstart_catalog",
      "GET /v1/namespaces/a/tables/t?snapshots=all",
    ]);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({
        authorization: "Bearer oauth-token",
        accept: "application/json",
        "content-type": "application/json",
        "user-agent": "floecat-connector-iceberg",
      });
      expect(headers).not.toHaveProperty("x-iceberg-access-delegation");
    }
  });

  it("04 T9: the config's prefix stands in the path, levels are joined by %1F (a space as %20, which may improve)", async () => {
    const table = { ...TABLE, namespace: ["a", "b"], name: "my table" };
    const { seen } = await loadFrom(
      { prefix: "catalogs/123", tables: [table] },
      { namespace: "a.b", table: "my table", path: "/api//" },
    );
    expect(seen.map(({ path }) => path)).toEqual([
      "/api/v1/config",
      "/api/v1/catalogs/123/namespaces/a%1Fb/tables/my%20table",
    ]);
  });

  it("04 T10: a catalog whose list of endpoints lacks loading a table has no such table", async () => {
    const loading = loadFrom({ endpoints: ["GET /v1/{prefix}/namespaces"] });
    await expect(loading).rejects.toThrow(
      new SourceMissingError(
        "Unable to load table floecat-iceberg.a.t: Server does not support endpoint GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
      ),
    );
    await loadFrom({ endpoints: ["GET /v1/{prefix}/namespaces/{namespace}/tables/{table}"] });
  });

  it("04 T25: snapshot ids beyond 53 bits arrive whole", async () => {
    const { table } = await loadFrom({});
    expect(table.metadata.metadata.snapshots.map((s) => s.snapshotId)).toEqual([7105637631842704244n]);
    expect(table.metadata.location).toBe("s3://b/t/metadata/00001-x.metadata.json");
  });

  it("properties are merged defaults < own < overrides; an override moves and renames everything that follows", async () => {
    await using second = await startRestCatalog({
      tables: [TABLE],
      auth: { kind: "bearer", token: "given" },
    });
    await using first = await startRestCatalog({
      tables: [],
      defaults: { "header.X-One": "default", "header.X-Two": "default", nothing: null },
      overrides: { uri: second.origin, token: "given", "header.X-Three": "override" },
    });
    await loadTable(first.origin, { properties: { "header.X-One": "own", "header.X-Three": "own" } });
    expect(first.seen).toHaveLength(1);
    expect(first.seen[0]?.headers).toMatchObject({ "x-one": "own", "x-three": "own" });
    expect(second.seen[0]?.headers).toMatchObject({
      "x-one": "own",
      "x-two": "default",
      "x-three": "override",
      authorization: "Bearer given",
    });
  });

  it("header hints win over properties; configured headers change accept on the config call alone", async () => {
    const { seen } = await loadFrom(
      {},
      { hints: { "X-A": "hint", Accept: "text/plain" }, properties: { "header.X-A": "property" } },
    );
    expect(seen.map(({ headers }) => [headers["x-a"], headers.accept])).toEqual([
      ["hint", "text/plain"],
      ["hint", "application/json"],
    ]);
  });

  it("values env:NAME are the environment's, and dropped without it (04 §3.2)", async () => {
    const environment = (name: string) => (name === "REALM" ? "POLARIS" : undefined);
    const { seen } = await loadFrom(
      {},
      {
        properties: {
          "header.Polaris-Realm": "env:REALM",
          "header.X-Gone": "env:NOTHING",
          warehouse: "env:NOTHING",
        },
        catalogs: catalogContext({ environment }),
      },
    );
    expect(seen[0]?.headers).toMatchObject({ "polaris-realm": "POLARIS" });
    expect(seen[0]?.headers).not.toHaveProperty("x-gone");
    expect(seen[0]?.query.has("warehouse")).toBe(false);
  });
});

describe("retries (04 §3.6)", () => {
  it("statuses that may go away are tried again, after 1 s doubled, or the wait that the server asks for", async () => {
    const clock = hastyClock();
    const statuses = [503, 429, 500, 200];
    await loadFrom(
      {
        intercept: ({ path }) => {
          if (!path.endsWith("/t")) return undefined;
          const status = statuses.shift() ?? 200;
          if (status === 200) return undefined;
          return { status, headers: status === 429 ? { "retry-after": "7" } : {} };
        },
      },
      { catalogs: catalogContext({ clock }) },
    );
    expect(clock.waits).toEqual([1000, 7000, 4000]);
  });

  it("ends after rest.client.max-retries with the server's words", async () => {
    let calls = 0;
    const loading = loadFrom(
      {
        intercept: () => {
          calls++;
          return json({ error: { message: "busy", type: "ServiceUnavailable", code: 503 } }, 503);
        },
      },
      { properties: { "rest.client.max-retries": "2" } },
    );
    await expect(loading).rejects.toThrow("Service unavailable: busy");
    expect(calls).toBe(3);
  });

  it("a host that doesn't listen is not asked again, and the text says whom", async () => {
    const clock = hastyClock();
    const loading = loadTable("http://127.0.0.1:1", { catalogs: catalogContext({ clock }) });
    await expect(loading).rejects.toThrow("The Iceberg catalog did not answer http://127.0.0.1:1/v1/config");
    expect(clock.waits).toEqual([]);
  });

  it("an abort ends the wait", async () => {
    const abort = new AbortController();
    await using server = await startRestCatalog({ tables: [], intercept: () => ({ status: 503 }) });
    const catalogs = catalogContext({
      clock: {
        ...hastyClock(),
        sleep: (_ms, waiting) => {
          abort.abort(new Error("lease lost"));
          return Promise.reject(waiting.reason);
        },
      },
    });
    await expect(loadTable(server.origin, { catalogs, signal: abort.signal })).rejects.toThrow("lease lost");
  });
});

describe("paths of any name", () => {
  it("namespace and table arrive as they are, whatever is in them", async () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((text) => text.isWellFormed());
    const level = name.filter((text) => !text.includes(".") && !text.includes("\u001f"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(level, { minLength: 1, maxLength: 3 }),
        name.filter((text) => text !== "." && text !== ".."),
        async (namespace, table) => {
          const path = tablePath({}, namespace.join("."), table);
          const url = new URL(`http://host/${path}`);
          const [, , , levels = "", , last = ""] = url.pathname.split("/");
          expect(levels.split("%1F").map(decodeURIComponent)).toEqual(namespace);
          expect(decodeURIComponent(last)).toBe(table);
          expect(url.search).toBe("?snapshots=all");
        },
      ),
      { numRuns: 200 },
    );
  });

  it("trailing dots of a namespace are dropped; names that would change the path are refused", () => {
    expect(tablePath({}, "a.b..", "t")).toBe("v1/namespaces/a%1Fb/tables/t?snapshots=all");
    expect(tablePath({ prefix: "p/q", "namespace-separator": "%2E" }, "a.b", "t")).toBe(
      "v1/p/q/namespaces/a%2Eb/tables/t?snapshots=all",
    );
    for (const [namespace, table] of [
      ["a", ".."],
      ["a", "."],
      ["a", ""],
      ["", "t"],
      ["a..b", "t"],
    ] as const) {
      expect(() => tablePath({}, namespace, table)).toThrow("can't stand in the path of a REST catalog");
    }
  });
});
