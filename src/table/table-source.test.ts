import { describe, expect, it } from "vitest";
import { catalogContext } from "../../test/support/catalogs/context.ts";
import { startGlue } from "../../test/support/catalogs/glue.ts";
import { startUnity } from "../../test/support/catalogs/unity.ts";
import type { ConnectorKind, SourceConnector } from "../model/index.ts";
import { findTable, type SourceRequest } from "./table-source.ts";

const { signal } = new AbortController();

interface Given extends Partial<Omit<SourceRequest, "connector">> {
  readonly kind?: ConnectorKind;
  readonly uri?: string;
  readonly scheme?: string;
  readonly authProperties?: Record<string, string>;
}

function find(properties: Record<string, string>, given: Given = {}) {
  const { kind = "delta", uri = "", scheme = "none", authProperties = {}, ...request } = given;
  const connector: SourceConnector = {
    resourceId: undefined,
    kind,
    uri,
    properties,
    auth: { scheme, properties: authProperties, headerHints: {} },
  };
  return findTable(
    {
      namespace: "mycat.myschema",
      table: "orders",
      generation: "chunked",
      catalogs: catalogContext(),
      ...request,
      connector,
    },
    signal,
  );
}

describe("where a connector's table is (04 §3.1, 05 §3.1)", () => {
  it("08 C11: kinds without a provider are refused by name", async () => {
    await expect(find({}, { kind: "glue" })).rejects.toThrow("No ConnectorProvider for kind=glue");
    await expect(find({}, { kind: "unity" })).rejects.toThrow("No ConnectorProvider for kind=unity");
    await expect(find({}, { kind: "unspecified" })).rejects.toThrow("unsupported kind: CK_UNSPECIFIED");
  });

  it("08 C13, P5, P6: a filesystem table on S3 doesn't take oauth2; elsewhere its token goes nowhere", async () => {
    const uri = "s3://bucket/table/metadata/00001.metadata.json";
    const filesystem = { "iceberg.source": "filesystem" };
    await expect(find(filesystem, { kind: "iceberg", uri, scheme: "oauth2" })).rejects.toThrow(
      "Unsupported filesystem storage auth scheme",
    );
    const local = {
      kind: "iceberg",
      uri: "file:///t",
      scheme: "oauth2",
      authProperties: { token: "tok" },
    } as const;
    expect(JSON.stringify(await find(filesystem, local))).not.toContain("tok");
    // Signing is a matter of catalogs.
    expect(await find(filesystem, { kind: "iceberg", uri, scheme: "aws-sigv4" })).toMatchObject({
      metadata: undefined,
    });
  });

  it("04 T6, T7: a catalog's auth is checked before it is asked", async () => {
    const rest = { "iceberg.source": "rest" };
    const asked = { kind: "iceberg", uri: "http://127.0.0.1:1" } as const;
    await expect(find(rest, { ...asked, scheme: "oauth2" })).rejects.toThrow(
      "authProps.token required for oauth2",
    );
    await expect(find(rest, { ...asked, scheme: "aws" })).rejects.toThrow("Unsupported auth scheme: aws");
  });

  it("tables that name their location ask nobody", async () => {
    const root = { "delta.table-root": "s3://b/t" };
    expect(await find({ "delta.source": "filesystem", ...root })).toMatchObject({
      format: "delta",
      root: "s3://b/t",
    });
    expect(await find({ "delta.source": "parquet", ...root })).toMatchObject({
      format: "parquet",
      locations: ["s3://b/t"],
    });
    await expect(find({}, { catalogs: undefined, uri: "http://unity" })).rejects.toThrow(
      "catalogs can't be asked here",
    );
  });

  it("05 T9: inline, a hint of this very table spares the call to Unity; chunked always calls", async () => {
    await using unity = await startUnity({
      tables: { "mycat.myschema.orders": { storageLocation: "s3://live/t" } },
    });
    const hint = {
      "delta.table-root.hint.full-name": " mycat.myschema.orders ",
      "delta.table-root.hint.location": "s3://bucket/table",
    };
    const at = { uri: unity.origin };
    expect(await find(hint, { ...at, generation: "inline" })).toMatchObject({ root: "s3://bucket/table" });
    expect(unity.seen).toHaveLength(0);
    expect(await find(hint, at)).toMatchObject({ root: "s3://live/t" });
    expect(await find(hint, { ...at, generation: "inline", table: "others" }).catch(String)).toContain(
      "HTTP 404",
    );
    expect(unity.seen).toHaveLength(2);
  });

  it("05 T11: Glue is asked with the connector's own keys, files are read with the storage's", async () => {
    const signer = { accessKeyId: "AKIDCATALOG", secretAccessKey: "catalog", region: "us-east-1" };
    await using glue = await startGlue({
      signer,
      tables: { "sales.orders": { location: "s3://b/t", parameters: { table_type: "DELTA" } } },
    });
    const own = {
      "delta.source": "glue",
      "s3.access-key-id": "AKIDCATALOG",
      "s3.secret-access-key": "catalog",
    };
    const merged = { ...own, "s3.access-key-id": "AKIDSTORAGE", "s3.secret-access-key": "storage" };
    const found = await find(merged, {
      namespace: "sales",
      ownOptions: own,
      catalogs: catalogContext({ glueEndpoint: `${glue.origin}/` }),
    });
    expect(found).toMatchObject({
      root: "s3://b/t",
      layers: [{ options: { "s3.access-key-id": "AKIDSTORAGE" } }],
    });
  });
});
