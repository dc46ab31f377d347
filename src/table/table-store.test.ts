import { describe, expect, it } from "vitest";
import { openStore, type S3Settings, type StoreSettings } from "../storage/index.ts";
import type { OptionLayer } from "./iceberg/index.ts";
import type { TableSource } from "./table-source.ts";
import { tableStore } from "./table-store.ts";

const { signal } = new AbortController();
const NOWHERE: StoreSettings = { local: { kind: "none" } };
const keys = (name: string) => ({ "s3.access-key-id": name, "s3.secret-access-key": "secret" });

const iceberg = (...layers: OptionLayer[]): TableSource => ({
  format: "iceberg",
  metadata: undefined,
  layers,
});
const layer = (options: Record<string, string>, prefix = ""): OptionLayer => ({ prefix, options });

describe("how a table's files are read (08 §4.3)", () => {
  it("what the catalog vends for a prefix comes beside what holds for every path", () => {
    const source = iceberg(layer(keys("base")), layer(keys("table"), "s3://b/t"));
    const { settings } = tableStore(source, { store: NOWHERE });
    expect(settings.s3?.credentials).toMatchObject({ kind: "static", accessKeyId: "base" });
    expect(settings.s3ByPrefix).toMatchObject([
      { prefix: "s3://b/t", s3: { credentials: { accessKeyId: "table" } } },
    ]);
  });

  it("keys that the catalog renews are held until the table is closed", async () => {
    const source = { current: async () => ({ accessKeyId: "fresh", secretAccessKey: "s" }) };
    const { settings, release } = tableStore(iceberg({ ...layer(keys("first")), source }), {
      store: NOWHERE,
    });
    expect(settings.s3?.credentials.kind).toBe("held");
    release();
    const store = openStore({ ...settings, limits: { attempts: 1 } });
    await expect(store.open("s3://b/t", { signal })).rejects.toThrow(/dropped|ended/);
    store.close();
  });

  it("08 P3, §5.1: the region rule and the schemes are those of the format", () => {
    const layers = [layer({ "client.region": "eu-west-1" })];
    const delta = tableStore({ format: "delta", root: "s3://b/t", layers }, { store: NOWHERE }).settings.s3;
    expect(delta).toMatchObject({ region: "us-east-1", schemes: ["s3", "s3a"] });
    expect(tableStore(iceberg(...layers), { store: NOWHERE }).settings.s3).toMatchObject({
      region: "eu-west-1",
    });
  });

  it("08 P6: a token of the connector is no credential of its files", () => {
    const { settings } = tableStore(iceberg(layer({ token: "t", credential: "id:secret" })), {
      store: NOWHERE,
    });
    expect(settings.s3?.credentials).toEqual({ kind: "chain" });
  });

  it("what a command states counts, but for keys that come with the table", () => {
    const stated: S3Settings = {
      schemes: ["s3"],
      endpoint: "http://stated",
      region: undefined,
      pathStyle: true,
      credentials: { kind: "chain", profile: "mine" },
    };
    const store = { ...NOWHERE, s3: stated };
    const options = { "s3.endpoint": "http://catalog", "client.region": "eu-west-1" };
    expect(tableStore(iceberg(layer(options)), { store }).settings.s3).toEqual({
      ...stated,
      region: "eu-west-1",
    });
    const vended = tableStore(iceberg(layer({ ...options, ...keys("vended") })), { store }).settings.s3;
    expect(vended?.credentials).toMatchObject({ accessKeyId: "vended" });
  });

  it("08 F3: a path without a scheme is none of an Iceberg table's", async () => {
    const { settings } = tableStore(iceberg(layer({})), { store: NOWHERE });
    await expect(openStore(settings).open("/path/to/file", { signal })).rejects.toThrow(
      "Invalid S3 URI, cannot determine scheme: /path/to/file",
    );
  });
});
