import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { startGlue } from "../support/catalogs/glue.ts";
import {
  type RestCatalogOptions,
  type RestTable,
  startRestCatalog,
} from "../support/catalogs/iceberg-rest.ts";
import { startUnity } from "../support/catalogs/unity.ts";
import { FIXTURES, runCli, type WorkFolder, workFolder } from "../support/run-cli.ts";
import { type S3Server, startS3rver } from "../support/s3rver.ts";

/**
 * `capture --catalog`: tables found by catalogs over HTTP, read from an S3 server that others wrote, and the same figures as of
 * the files on disk. Nothing of this machine's identity is there but what a test gives.
 */

let s3: S3Server;
let metadata: string;
let work: WorkFolder;
const ICEBERG = join(FIXTURES, "iceberg/fixtures/types_v2");
const METADATA_FILE = "00002-b3c65c00-5c59-46d0-828d-b5d347e68500.metadata.json";
const KEYS = { "s3.access-key-id": "S3RVER", "s3.secret-access-key": "S3RVER" };

beforeAll(async () => {
  s3 = await startS3rver("fixtures");
  await s3.putFolder("types_v2/", ICEBERG);
  await s3.putFolder("delta/types/", join(FIXTURES, "delta/types"));
  metadata = await readFile(join(ICEBERG, "metadata", METADATA_FILE), "utf8");
  work = await workFolder();
});
afterAll(async () => {
  await s3[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

const NO_IDENTITY = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_REGION: undefined,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
};

async function capture(args: readonly string[], env: Record<string, string> = {}, out = ".out") {
  return await runCli(["capture", ...args, "--json", "--force", "--out", out], {
    cwd: work.path,
    env: { ...NO_IDENTITY, ...env },
  });
}

/** Records of a run without what names the table. */
async function figures(out: string) {
  const { records, sidecars } = await readOutput(join(work.path, out));
  return { records: records.map(({ tableId: _, ...record }) => record), sidecars: sidecars.size };
}

async function onDisk(uri: string, testRoot: string) {
  const result = await capture([uri, "--test-root", testRoot], {}, ".disk");
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return await figures(".disk");
}

function typesTable(more: Partial<RestTable> = {}): RestTable {
  return {
    namespace: ["sales", "eu"],
    name: "types",
    metadata,
    metadataLocation: `s3://fixtures/types_v2/metadata/${METADATA_FILE}`,
    config: { "s3.endpoint": s3.endpoint, "s3.path-style-access": "true", "client.region": "us-east-1" },
    credentials: () => [{ prefix: "s3://fixtures/types_v2", config: KEYS }],
    ...more,
  };
}

const CLIENT = { kind: "client", id: "root", secret: "s3cr3t-of-root", scope: "PRINCIPAL_ROLE:ALL" } as const;

describe("--catalog rest", () => {
  const rest = (options: Partial<RestCatalogOptions> = {}) =>
    startRestCatalog({
      tables: [typesTable()],
      auth: CLIENT,
      warehouse: "demo",
      prefix: "w/demo",
      ...options,
    });
  const args = (origin: string) => ["sales.eu.types", "--catalog", "rest", "--catalog-uri", `${origin}/api/`];
  const client = { FLOECAT_CATALOG_CREDENTIAL: "root:s3cr3t-of-root" };
  const flags = ["--warehouse", "demo", "--oauth2-scope", "PRINCIPAL_ROLE:ALL"];

  it("asks as an OAuth2 client, and reads with the keys that the catalog vends for the table", async () => {
    await using catalog = await rest();
    const result = await capture([...args(catalog.origin), ...flags], client);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const { tables } = JSON.parse(result.stdout);
    expect(tables).toMatchObject([
      { uri: `${catalog.origin}/api?warehouse=demo#sales.eu.types`, format: "iceberg", failures: [] },
    ]);
    expect(await figures(".out")).toEqual(await onDisk("s3://fixtures/types_v2", join(FIXTURES, "iceberg")));
    expect(catalog.seen.map(({ path }) => path)).toEqual([
      "/api/v1/oauth/tokens",
      "/api/v1/config",
      "/api/v1/w/demo/namespaces/sales%1Feu/tables/types",
    ]);
    expect(JSON.stringify(result)).not.toContain("s3cr3t");
  });

  it("keys that end are renewed while files are read", async () => {
    let given = 0;
    const keys = () => {
      given++;
      const config = {
        ...KEYS,
        "s3.session-token": `t${given}`,
        "s3.session-token-expires-at-ms": String(Date.now() + 1),
      };
      return [{ prefix: "s3://fixtures/", config }];
    };
    await using catalog = await rest({ tables: [typesTable({ credentials: keys })] });
    const result = await capture([...args(catalog.origin), ...flags], client);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(given).toBeGreaterThan(1);
  });

  it("* stands for every table of a namespace", async () => {
    const tables = ["b", "a", "c"].map((name) => typesTable({ name }));
    await using catalog = await rest({ tables, pageSize: 2 });
    const [, ...where] = args(catalog.origin);
    const result = await capture(["sales.eu.*", ...where, ...flags], client);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const { tables: captured } = JSON.parse(result.stdout);
    expect(captured.map(({ uri }: { uri: string }) => uri.split("#")[1])).toEqual([
      "sales.eu.a",
      "sales.eu.b",
      "sales.eu.c",
    ]);
  });

  it("a token from a file; without vended keys the machine's own identity reads", async () => {
    await using catalog = await rest({ auth: { kind: "bearer", token: "file-token" } });
    await writeFile(join(work.path, "token"), "file-token\n");
    const own = ["--warehouse", "demo", "--no-vended-credentials", "--catalog-token-file", "token"];
    const identity = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };
    const byVariable = { ...identity, FLOECAT_CATALOG_TOKEN_FILE: "token" };
    for (const [given, env] of [
      [own, identity],
      [own.slice(0, 3), byVariable],
    ] as const) {
      expect(await capture([...args(catalog.origin), ...given], env)).toMatchObject({
        exitCode: 0,
        stderr: "",
      });
    }
    expect(catalog.seen.every(({ headers }) => headers["x-iceberg-access-delegation"] === undefined)).toBe(
      true,
    );
  });

  it("what goes wrong says what to do, and no secret", async () => {
    await using catalog = await rest();
    const { origin } = catalog;
    const missing = await capture(["sales.types", ...args(origin).slice(1), ...flags], client);
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain("sales.types of");
    expect(missing.stderr).toContain("Table does not exist: sales.types");
    expect(missing.stderr).toContain("because: check the name");
    const wrong = { FLOECAT_CATALOG_CREDENTIAL: "root:wr0ng-secret" };
    const refused = await capture([...args(origin), ...flags], wrong);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("Not authorized: invalid_client");
    expect(refused.stderr).toContain("check FLOECAT_CATALOG_TOKEN or FLOECAT_CATALOG_CREDENTIAL");
    expect(JSON.stringify(refused)).not.toContain("wr0ng-secret");
    const nobody = await capture(["a.b", "--catalog", "rest", "--catalog-uri", "http://127.0.0.1:1"]);
    expect(nobody.stderr).toContain("check --catalog-uri");
  });
});

describe("--catalog unity", () => {
  it("takes address and token of the Databricks variables, and reads as the machine", async () => {
    await using unity = await startUnity({
      token: "dapi-token",
      tables: { "main.sales.orders": { storageLocation: "s3://fixtures/delta/types" } },
    });
    const result = await capture(
      ["main.sales.orders", "--catalog", "unity", "--catalog-option", "s3.path-style-access=true"],
      {
        DATABRICKS_HOST: unity.origin,
        DATABRICKS_TOKEN: "dapi-token",
        AWS_ACCESS_KEY_ID: "S3RVER",
        AWS_SECRET_ACCESS_KEY: "S3RVER",
        AWS_ENDPOINT_URL_S3: s3.endpoint,
      },
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(result.stdout).tables).toMatchObject([{ format: "delta", totals: { files: 2 } }]);
  });

  it("a table that there isn't names its three parts", async () => {
    await using unity = await startUnity({ tables: {} });
    const result = await capture(["sales.orders", "--catalog", "unity", "--catalog-uri", unity.origin]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("UC returned HTTP 404 for sales.orders");
    expect(result.stderr).toContain("check the name: catalog.schema.table");
  });
});

describe("--catalog glue", () => {
  it("asks Glue what each table is: Delta by its location, Iceberg by Glue's REST endpoint", async () => {
    const signer = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER", region: "us-east-1" };
    await using rest = await startRestCatalog({
      tables: [typesTable({ namespace: ["sales"] })],
      auth: { kind: "sigv4", signer: { ...signer, service: "glue" } },
    });
    await using glue = await startGlue({
      signer,
      tables: {
        "sales.orders": { location: "s3://fixtures/delta/types", parameters: { table_type: "DELTA" } },
        "sales.types": { parameters: { table_type: "ICEBERG" } },
        "sales.csv": { location: "s3://fixtures/csv" },
      },
      rest: rest.origin,
    });
    const env = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
      AWS_ENDPOINT_URL_GLUE: glue.origin,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
    };
    const args = ["--catalog", "glue", "--catalog-option", "s3.path-style-access=true"];
    const result = await capture(["sales.orders", "sales.types", ...args], env);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(result.stdout).tables).toMatchObject([
      { uri: `${glue.origin}/iceberg#sales.orders`, format: "delta", totals: { files: 2 } },
      { uri: `${glue.origin}/iceberg#sales.types`, format: "iceberg" },
    ]);
    const other = await capture(["sales.csv", ...args], env);
    expect(other).toMatchObject({ exitCode: 2 });
    expect(other.stderr).toContain("sales.csv is neither a Delta nor an Iceberg table of Glue");
  });
});

describe("wrong use", () => {
  const rest = ["--catalog", "rest", "--catalog-uri", "http://catalog"];

  it.each<[string, string[], string]>([
    [
      "an option without --catalog",
      ["./x", "--warehouse", "w"],
      "--warehouse: means something beside --catalog alone",
    ],
    ["a location for a name", ["s3://b/t", ...rest], "is a location; with --catalog the arguments are names"],
    ["a name without namespace", ["orders", ...rest], "namespace.table is needed"],
    ["no address", ["a.b", "--catalog", "rest"], "--catalog rest needs --catalog-uri"],
    ["no region", ["a.b", "--catalog", "glue"], "--catalog glue needs a region"],
    [
      "no token",
      ["a.b", ...rest, "--catalog-auth", "token"],
      "set FLOECAT_CATALOG_TOKEN, or --catalog-token-file",
    ],
    ["a format that it has not", ["a.b", ...rest, "--format", "delta"], "are read as iceberg"],
    [
      "an unset variable",
      ["a.b", ...rest, "--catalog-option", "token=env:NO_SUCH"],
      "the variable NO_SUCH is not set",
    ],
  ])("%s", async (_, args, text) => {
    const result = await capture(args);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(text);
  });

  it("a secret on the command line is refused, and not repeated", async () => {
    for (const args of [
      [...rest, "--catalog-option", "s3.secret-access-key=hunter2"],
      ["--catalog", "rest", "--catalog-uri", "http://me:hunter2@catalog"],
      [...rest, "--catalog-option", "hunter2"],
    ]) {
      const result = await capture(["a.b", ...args]);
      expect(result.exitCode).toBe(2);
      expect(JSON.stringify(result)).not.toContain("hunter2");
    }
  });
});
