import { describe, expect, it } from "vitest";
import { catalogContext, hastyClock } from "../../../../test/support/catalogs/context.ts";
import { json } from "../../../../test/support/catalogs/http-server.ts";
import {
  type RestCatalogOptions,
  type RestTable,
  startRestCatalog,
} from "../../../../test/support/catalogs/iceberg-rest.ts";
import { type Asked, loadTable, TABLE } from "../../../../test/support/catalogs/rest-table.ts";
import type { S3CredentialSource } from "../../../storage/index.ts";
import { overlay } from "./file-access.ts";

const { signal } = new AbortController();

const keys = (name: string, more: Record<string, string> = {}) => ({
  "s3.access-key-id": `${name}-access`,
  "s3.secret-access-key": `${name}-secret`,
  ...more,
});
const temporary = (name: string, more: Record<string, string> = {}) =>
  keys(name, { "s3.session-token": `${name}-token`, ...more });

const DELEGATION = { hints: { "X-Iceberg-Access-Delegation": "vended-credentials" } };

async function layersOf(
  table: Partial<RestTable>,
  asked: Asked = {},
  options: Partial<RestCatalogOptions> = {},
) {
  await using server = await startRestCatalog({ tables: [{ ...TABLE, ...table }], ...options });
  const { layers } = await loadTable(server.origin, { ...DELEGATION, ...asked });
  return layers;
}

describe("options of file access (08 §4.3)", () => {
  it("04 T13, 08 P7: what the catalog vends with the table wins over the connector's options", async () => {
    const [base] = await layersOf(
      { config: keys("vended", { "s3.endpoint": "http://vended", "s3.path-style-access": "true" }) },
      { properties: { ...temporary("fallback"), "s3.endpoint": "http://fallback" } },
    );
    expect(base).toMatchObject({
      prefix: "",
      options: { "s3.endpoint": "http://vended", ...keys("vended") },
    });
    // A token of another identity would spoil the keys.
    expect(base?.options).not.toHaveProperty(["s3.session-token"]);
  });

  it("defaults < connector < overrides < table", async () => {
    const [base] = await layersOf(
      { config: { d: "table" } },
      { properties: { b: "own", c: "own", d: "own" } },
      { defaults: { a: "default", b: "default" }, overrides: { c: "override", d: "override" } },
    );
    expect(base?.options).toMatchObject({ a: "default", b: "own", c: "override", d: "table" });
  });

  it("04 T14: storage credentials lie over the rest for paths below their prefix; other stores' are left out", async () => {
    const layers = await layersOf({
      config: { "s3.region": "eu-west-1" },
      credentials: () => [
        { prefix: "s3://b", config: keys("bucket") },
        { prefix: "s3://b/t", config: keys("table") },
        { prefix: "gs://b", config: { "gcs.oauth2.token": "x" } },
      ],
    });
    expect(layers.map(({ prefix }) => prefix)).toEqual(["", "s3://b", "s3://b/t"]);
    expect(layers[2]?.options).toMatchObject({ ...keys("table"), "s3.region": "eu-west-1" });
  });

  it("04 T16: without the delegation header nothing is vended", async () => {
    const table = { credentials: () => [{ prefix: "s3://b", config: keys("bucket") }] };
    expect(await layersOf(table, { hints: {} })).toHaveLength(1);
    expect(await layersOf(table)).toHaveLength(2);
  });

  it("keys that a storage authority gave are read with, not asked with", async () => {
    const [base] = await layersOf({}, { properties: keys("authority"), ownOptions: keys("connector") });
    expect(base?.options).toMatchObject(keys("authority"));
  });

  it("a catalog that would sign each read is refused by name, unless it gives keys too", async () => {
    const signing = { "s3.remote-signing-enabled": "true" };
    await expect(layersOf({ config: signing })).rejects.toThrow(
      /X-Iceberg-Access-Delegation: vended-credentials/,
    );
    await layersOf({ config: { ...signing, ...keys("vended") } });
  });

  it("keys of two layers are never mixed", () => {
    expect(overlay(temporary("below", { "s3.session-token-expires-at-ms": "1" }), keys("above"))).toEqual(
      keys("above"),
    );
    expect(overlay(temporary("below"), { "s3.region": "r" })).toEqual(
      temporary("below", { "s3.region": "r" }),
    );
  });
});

describe("keys that end (08 §4.3)", () => {
  const soon = (ms: number) => ({ "s3.session-token-expires-at-ms": String(ms) });
  const current = (source: S3CredentialSource | undefined, rejected?: { accessKeyId: string }) => {
    if (source === undefined) throw new Error("the layer renews nothing");
    const refused = rejected && { secretAccessKey: "", sessionToken: `${rejected.accessKeyId}`, ...rejected };
    return source.current({ rejected: refused, signal });
  };

  it("client.refresh-credentials-endpoint gives new ones ahead of the end, as the table's own token asks", async () => {
    const clock = hastyClock();
    let given = 0;
    await using server = await startRestCatalog({
      tables: [
        {
          ...TABLE,
          config: {
            "client.refresh-credentials-endpoint": "/v1/namespaces/a/tables/t/credentials",
            token: "of the table",
          },
          credentials: () => {
            given++;
            const end = soon(clock.nowMs() + 900_000);
            return [{ prefix: "s3://b/t", config: temporary(`keys-${given}`, end) }];
          },
        },
      ],
    });
    const { layers } = await loadTable(server.origin, { ...DELEGATION, catalogs: catalogContext({ clock }) });
    const [, layer] = layers;
    expect(await current(layer?.source)).toMatchObject({ accessKeyId: "keys-1-access" });
    clock.forwardMs += 590_000;
    expect(await current(layer?.source)).toMatchObject({ accessKeyId: "keys-1-access" });
    // Five minutes ahead of the end (08 §3.6).
    clock.forwardMs += 11_000;
    expect(await current(layer?.source)).toMatchObject({ accessKeyId: "keys-2-access" });
    const last = server.seen.at(-1);
    expect(last?.path).toBe("/v1/namespaces/a/tables/t/credentials");
    expect(last?.headers.authorization).toBe("Bearer of the table");
  });

  it("without an endpoint the table is loaded again; keys that the store refused are not given twice", async () => {
    let given = 0;
    await using server = await startRestCatalog({
      tables: [{ ...TABLE, credentials: () => [{ prefix: "s3://b", config: temporary(`keys-${++given}`) }] }],
    });
    const { layers } = await loadTable(server.origin, DELEGATION);
    const [, layer] = layers;
    expect(await current(layer?.source)).toEqual({
      accessKeyId: "keys-1-access",
      secretAccessKey: "keys-1-secret",
      sessionToken: "keys-1-token",
    });
    const rejected = { accessKeyId: "keys-1-access", secretAccessKey: "", sessionToken: "keys-1-token" };
    expect(await layer?.source?.current({ rejected, signal })).toMatchObject({
      accessKeyId: "keys-2-access",
    });
    expect(server.seen.filter(({ path }) => path.endsWith("/tables/t"))).toHaveLength(2);
  });

  it("a renewal that fails is borne while the old keys are good, and raised once they have ended", async () => {
    const clock = hastyClock();
    let fails = false;
    await using server = await startRestCatalog({
      tables: [
        {
          ...TABLE,
          config: {
            ...temporary("first", soon(clock.nowMs() + 900_000)),
            "client.refresh-credentials-endpoint": "credentials",
          },
        },
      ],
      intercept: () => (fails ? json({ error: { message: "no", type: "X", code: 418 } }, 418) : undefined),
    });
    const { layers } = await loadTable(server.origin, { catalogs: catalogContext({ clock }) });
    fails = true;
    clock.forwardMs += 700_000;
    expect(await current(layers[0]?.source)).toMatchObject({ accessKeyId: "first-access" });
    // Not again at once.
    expect(server.seen).toHaveLength(3);
    expect(await current(layers[0]?.source)).toMatchObject({ accessKeyId: "first-access" });
    expect(server.seen).toHaveLength(3);
    clock.forwardMs += 300_000;
    await expect(current(layers[0]?.source)).rejects.toThrow("Unable to process: no");
  });

  it("client.refresh-credentials-enabled=false leaves the keys as they are", async () => {
    const [base] = await layersOf({
      config: {
        ...keys("static"),
        "client.refresh-credentials-endpoint": "credentials",
        "client.refresh-credentials-enabled": "false",
      },
    });
    expect(base?.source).toBeUndefined();
  });
});
