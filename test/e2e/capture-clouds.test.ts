import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { startAzureDouble } from "../support/cloud-doubles/azure.ts";
import { type GcsDouble, startGcsDouble } from "../support/cloud-doubles/gcs.ts";
import { type CliResult, DEMO_TABLE, runCli, type WorkFolder, workFolder } from "../support/run-cli.ts";

/** `capture` of tables in Google Cloud Storage and Azure, found and told apart by listing. */
let folder: WorkFolder;
let gcs: GcsDouble;
beforeEach(async () => {
  folder = await workFolder();
  gcs = await startGcsDouble({ pageSize: 3 });
  await gcs.objects.putFolder("lake", "orders/", DEMO_TABLE);
});
afterEach(async () => {
  await gcs[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  return await runCli(args, { cwd: folder.path, env: { HOME: folder.path, ...env } });
}

it("gs:// tables are captured as they are from the disk, by a token of the environment", async () => {
  const env = { STORAGE_EMULATOR_HOST: gcs.endpoint.slice("http://".length) };
  gcs.tokens = new Set(["marked-token"]);
  const flags = ["--json", "--force", "--out"];
  const local = await run(["capture", DEMO_TABLE, ...flags, "local"], {});
  const captured = await run(["capture", "gs://lake/orders/", ...flags, "gcs"], {
    ...env,
    GOOGLE_OAUTH_ACCESS_TOKEN: "marked-token",
  });
  expect([local, captured].map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  expect(captured.stdout).not.toContain("marked-token");
  const [fromDisk, fromGcs] = [
    await readOutput(join(folder.path, "local")),
    await readOutput(join(folder.path, "gcs")),
  ];
  expect(fromGcs.files.length).toBe(fromDisk.files.length);
  expect(fromGcs.sidecars.size).toBe(fromDisk.sidecars.size);
  const refused = await run(["capture", "gs://lake/orders", "--gcs-anonymous"], env);
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain("Google Cloud Storage refuses to let us read");
});

it("abfss:// tables are captured as they are from the disk, by the account's key in the environment", async () => {
  const key = Buffer.from("marked-key").toString("base64");
  await using azure = await startAzureDouble({ pageSize: 3 });
  azure.access = { key };
  await azure.objects.putFolder("lake", "orders/", DEMO_TABLE);
  const env = { AZURE_STORAGE_BLOB_ENDPOINT: azure.endpoint, AZURE_STORAGE_ACCOUNT: "account" };
  const uri = "abfss://lake@account.dfs.core.windows.net/orders";
  const flags = ["--json", "--force", "--out"];
  expect(await run(["capture", DEMO_TABLE, ...flags, "local"], {})).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  const captured = await run(["capture", uri, ...flags, "azure"], { ...env, AZURE_STORAGE_KEY: key });
  expect(captured).toMatchObject({ exitCode: 0, stderr: "" });
  expect(captured.stdout).not.toContain(key);
  const fromDisk = await readOutput(join(folder.path, "local"));
  const fromAzure = await readOutput(join(folder.path, "azure"));
  expect(fromAzure.files.length).toBe(fromDisk.files.length);
  expect(fromAzure.sidecars.size).toBe(fromDisk.sidecars.size);
  const refused = await run(["capture", uri, "--azure-anonymous"], env);
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain("Azure refuses to let us read");
});
