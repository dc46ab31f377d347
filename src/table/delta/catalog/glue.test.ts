import { describe, expect, it } from "vitest";
import { catalogContext } from "../../../../test/support/catalogs/context.ts";
import { type GlueEntry, startGlue } from "../../../../test/support/catalogs/glue.ts";
import { AccessDeniedError, SourceMissingError, TableError } from "../../../model/index.ts";
import type { CatalogContext } from "../../catalog/index.ts";
import { glueTableRoot } from "./glue.ts";

const { signal } = new AbortController();
const SIGNER = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "glue-secret", region: "eu-west-1" };
const KEYS = { "rest.access-key-id": "AKIDEXAMPLE", "rest.secret-access-key": "glue-secret" };
const REGION = { "s3.region": "eu-west-1" };

async function rootOf(
  entry: GlueEntry | undefined,
  options: {
    readonly ownOptions?: Record<string, string>;
    readonly auth?: Record<string, string>;
    readonly context?: Partial<CatalogContext>;
    readonly throttled?: number;
  } = {},
): Promise<string> {
  await using glue = await startGlue({
    signer: SIGNER,
    tables: entry === undefined ? {} : { "sales.orders": entry },
    ...(options.throttled !== undefined && { throttled: options.throttled }),
  });
  return await glueTableRoot(
    {
      auth: { scheme: "", properties: options.auth ?? {}, headerHints: {} },
      ownOptions: options.ownOptions ?? { ...KEYS, ...REGION },
      namespace: "sales",
      table: "orders",
    },
    catalogContext({ glueEndpoint: `${glue.origin}/`, ...options.context }),
    signal,
  );
}

describe("Delta tables of Glue (05 §3.3)", () => {
  const location = "s3://b/t/";

  it.each<[string, Record<string, string>]>([
    ["table_type in any case", { table_type: "delta" }],
    ["spark.sql.sources.provider", { "spark.sql.sources.provider": "Delta" }],
    ["provider, the key in capitals", { PROVIDER: "delta" }],
    ["delta.lastUpdateVersion", { "delta.lastUpdateVersion": "3" }],
    ["delta.lastCommitTimestamp", { "delta.lastCommitTimestamp": "1" }],
  ])("%s says that it is one", async (_, parameters) => {
    expect(await rootOf({ location, parameters })).toBe(location);
  });

  it("anything else is refused by name; the first provider that isn't blank counts", async () => {
    const refusal = new TableError("Glue table is not DELTA: sales.orders");
    await expect(rootOf({ location })).rejects.toThrow(refusal);
    const parameters = { "spark.sql.sources.provider": "iceberg", provider: "delta" };
    await expect(rootOf({ location, parameters })).rejects.toThrow(refusal);
    const blank = { "spark.sql.sources.provider": " ", provider: "delta" };
    expect(await rootOf({ location, parameters: blank })).toBe(location);
  });

  it("the location is the descriptor's, else a parameter's", async () => {
    const delta = { table_type: "DELTA" };
    expect(await rootOf({ parameters: { ...delta, LOCATION: " s3://b/p " } })).toBe("s3://b/p");
    expect(
      await rootOf({ location: " ", parameters: { ...delta, path: "", storage_location: "s3://b/s" } }),
    ).toBe("s3://b/s");
    await expect(rootOf({ parameters: delta })).rejects.toThrow(
      "Glue table has no storage location: sales.orders",
    );
  });

  it("05 §13: an absent table is TABLE_MISSING, a refused identity final, without secrets", async () => {
    const missing = await rootOf(undefined).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(SourceMissingError);
    expect(String(missing)).toContain("EntityNotFoundException: Entity Not Found: sales.orders");
    for (const wrong of [
      { "rest.access-key-id": "AKIDOTHER" },
      { "rest.secret-access-key": "wrong-secret" },
    ]) {
      const denied = await rootOf({ location }, { ownOptions: { ...KEYS, ...REGION, ...wrong } }).catch(
        (e: unknown) => e,
      );
      expect(denied).toBeInstanceOf(AccessDeniedError);
      expect(String(denied)).toMatch(/UnrecognizedClientException|SignatureDoesNotMatch/);
      expect(String(denied)).not.toContain("wrong-secret");
    }
  });

  it("throttling is waited for", async () => {
    expect(await rootOf({ location, parameters: { table_type: "DELTA" } }, { throttled: 2 })).toBe(location);
    await expect(rootOf({ location }, { throttled: 3 })).rejects.toThrow("ThrottlingException: slow down");
  });
});

describe("who asks Glue (05 §3.2, 08 §4.4)", () => {
  const entry = { location: "s3://b/t", parameters: { table_type: "DELTA" } };

  it("05 T11, decision 24: rest.* keys, else the connector's own s3.* ones", async () => {
    const storage = { "s3.access-key-id": "AKIDSTORAGE", "s3.secret-access-key": "storage" };
    expect(await rootOf(entry, { ownOptions: { ...KEYS, ...storage, ...REGION } })).toBe("s3://b/t");
    const own = { "s3.access-key-id": "AKIDEXAMPLE", "s3.secret-access-key": "glue-secret" };
    expect(await rootOf(entry, { ownOptions: { ...own, ...REGION } })).toBe("s3://b/t");
  });

  it("then a profile, else whoever the machine is", async () => {
    const asked: unknown[] = [];
    const awsIdentity: CatalogContext["awsIdentity"] = async (profile) => {
      asked.push(profile);
      return SIGNER;
    };
    const auth = { "aws.profile": "dev", "aws.profile_path": "/home/u/aws-config" };
    expect(await rootOf(entry, { ownOptions: REGION, auth, context: { awsIdentity } })).toBe("s3://b/t");
    expect(asked).toEqual([{ profile: "dev", profileFile: "/home/u/aws-config" }]);
  });

  it("client.region comes before s3.region and aws.region; a region that is none stays out of the host name", async () => {
    const region = { "client.region": "eu-west-1", "s3.region": "us-east-1" };
    expect(await rootOf(entry, { ownOptions: { ...KEYS, ...region } })).toBe("s3://b/t");
    const hostile = { ...KEYS, "client.region": "x.evil.example/" };
    await expect(rootOf(entry, { ownOptions: hostile })).rejects.toThrow("is no AWS region");
  });
});
