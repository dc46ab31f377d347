import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ACCOUNT_ID } from "../../src/control-plane/index.ts";
import { FileReplacedError, SourceMissingError } from "../../src/model/index.ts";
import { openS3Writer, openStore, type S3Settings } from "../../src/storage/index.ts";
import { enqueue, GENERATIONS, startWorker, watchTable } from "../leased/loop.ts";
import { expectAsCaptured, startPlane } from "../leased/s3-loop.ts";
import { DEMO_TABLE, FIXTURES, workFolder } from "../support/run-cli.ts";
import { DELTA_TABLE, ICEBERG_TABLE } from "../support/s3-lake.ts";

/** S3 as others wrote it: `npm run test:interop` starts moto and names it here. */
const {
  INTEROP_S3_ENDPOINT: endpoint,
  INTEROP_S3_ACCESS_KEY: accessKeyId = "interop",
  INTEROP_S3_SECRET_KEY: secretAccessKey = "interop-secret",
} = process.env;

const { signal } = new AbortController();
const s3: S3Settings = {
  schemes: ["s3"],
  endpoint,
  region: "us-east-1",
  pathStyle: true,
  credentials: { kind: "static", accessKeyId, secretAccessKey },
};

describe.skipIf(endpoint === undefined)("an S3 server that others wrote (npm run test:interop)", () => {
  const writer = openS3Writer({ s3 });
  const put = (path: string, bytes: Uint8Array) => writer.put(path, bytes, { signal });

  beforeAll(async () => {
    for (const bucket of ["lake", "fixtures"]) await put(`s3://${bucket}`, new Uint8Array());
    await putFolder("s3://lake/orders", DEMO_TABLE);
    await putFolder("s3://fixtures", join(FIXTURES, "iceberg/fixtures"));
  });

  async function putFolder(target: string, folder: string): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) await put(`${target}${path.slice(folder.length)}`, await readFile(path));
    }
  }

  const store = () => openStore({ local: { kind: "none" }, s3 });

  it("08 §5.2 takes keys literally", async () => {
    for (const name of ["a b", "a%20b", "a+b", "ü#1", "x=1/y"]) {
      await put(`s3://lake/odd/${name}`, Buffer.from(name));
      await using file = await store().open(`s3://lake/odd/${name}`, { signal });
      expect(Buffer.from(await file.read(0, file.size, { signal })).toString()).toBe(name);
    }
    const found: string[] = [];
    for await (const { path } of store().list("s3://lake/odd/", { recursive: true, signal }))
      found.push(path);
    expect(found).toEqual(["a b", "a%20b", "a+b", "x=1/y", "ü#1"].map((name) => `s3://lake/odd/${name}`));
    await expect(store().open("s3://lake/none", { signal })).rejects.toThrow(SourceMissingError);
  });

  it("decision 23: a file that is replaced while it is read is an error", async () => {
    await put("s3://lake/replaced", new Uint8Array(200_000));
    await using file = await store().open("s3://lake/replaced", { signal });
    await put("s3://lake/replaced", new Uint8Array(200_000).fill(1));
    await expect(file.read(0, 10, { signal })).rejects.toThrow(FileReplacedError);
  });

  it.each(
    GENERATIONS.flatMap((generation) => [DELTA_TABLE, ICEBERG_TABLE].map((table) => ({ generation, table }))),
  )("08 §3: $table is captured with vended keys, $generation", async ({ generation, table }) => {
    await using folder = await workFolder();
    const authorities = ["s3://lake", "s3://fixtures"].map((locationPrefix) => ({
      id: locationPrefix,
      accountId: DEFAULT_ACCOUNT_ID,
      enabled: true,
      locationPrefix,
      region: "us-east-1",
      endpoint,
      pathStyle: true,
    }));
    const mint = async () => ({ accessKeyId, secretAccessKey });
    await using controlPlane = await startPlane(generation, folder, { authorities, mint });
    await using _worker = startWorker(controlPlane.url);
    const { url } = controlPlane;
    const jobId = await enqueue(url, table, "--files-per-group", "1", "--ndv");
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded" });
    await expectAsCaptured(generation, folder, { url, jobId, table });
  });
});
