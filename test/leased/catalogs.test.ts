import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { startRestCatalog } from "../support/catalogs/iceberg-rest.ts";
import { startUnity } from "../support/catalogs/unity.ts";
import { FIXTURES, runCli, workFolder } from "../support/run-cli.ts";
import { type S3Server, startS3rver } from "../support/s3rver.ts";
import {
  enqueueAndWait,
  expectSameResult,
  GENERATIONS,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";

/**
 * Tables of catalogs through the whole loop, each command a process of its own: planner and worker both ask the catalog over
 * HTTP, and read from an S3 server that others wrote with what it vends. The secret is a variable of the control plane alone.
 */

const ICEBERG = join(FIXTURES, "iceberg/fixtures/types_v2");
const METADATA_FILE = "00002-b3c65c00-5c59-46d0-828d-b5d347e68500.metadata.json";
const KEYS = { "s3.access-key-id": "S3RVER", "s3.secret-access-key": "S3RVER", "s3.session-token": "vended" };
const SECRET = "planted-catalog-secret";

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3rver("fixtures");
  await s3.putFolder("types_v2/", ICEBERG);
  await s3.putFolder("delta/types/", join(FIXTURES, "delta/types"));
});
afterAll(async () => {
  await s3[Symbol.asyncDispose]();
});

async function restCatalog() {
  return await startRestCatalog({
    auth: { kind: "client", id: "root", secret: SECRET, scope: "PRINCIPAL_ROLE:ALL" },
    warehouse: "demo",
    prefix: "w/demo",
    tables: [
      {
        namespace: ["sales", "eu"],
        name: "types",
        metadata: await readFile(join(ICEBERG, "metadata", METADATA_FILE), "utf8"),
        metadataLocation: `s3://fixtures/types_v2/metadata/${METADATA_FILE}`,
        config: { "s3.endpoint": s3.endpoint, "s3.path-style-access": "true", "client.region": "us-east-1" },
        credentials: () => [{ prefix: "s3://fixtures/types_v2", config: KEYS }],
      },
    ],
  });
}

describe.each(GENERATIONS)("%s", (generation) => {
  it("04 §3, 08 §4.3: an Iceberg table of a REST catalog comes out as capture writes it", async () => {
    await using folder = await workFolder();
    await using catalog = await restCatalog();
    const env = { FLOECAT_CATALOG_CREDENTIAL: `root:${SECRET}` };
    const data = join(folder.path, "data");
    await using controlPlane = await startControlPlane({ generation, data, env });
    await using worker = startWorker(controlPlane.url);
    const table = ["sales.eu.types", "--catalog", "rest", "--catalog-uri", `${catalog.origin}/api`];
    const flags = ["--warehouse", "demo", "--catalog-auth", "client", "--oauth2-scope", "PRINCIPAL_ROLE:ALL"];
    const leased = join(folder.path, "leased");
    const [name = "", ...rest] = [...table, ...flags];
    const result = await enqueueAndWait(controlPlane.url, name, ...rest, "--out", leased);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const out = join(folder.path, "captured");
    const captured = await runCli(["capture", ...table, ...flags, "--wire", generation, "--out", out], {
      env,
    });
    expect(captured).toMatchObject({ exitCode: 0, stderr: "" });
    expectSameResult(await readOutput(leased), await readOutput(out));
    // The planner's and the worker's client each had a token of its own.
    expect(catalog.tokens.length).toBeGreaterThanOrEqual(3);
    const said = [result, worker.lines, controlPlane.lines].map((lines) => JSON.stringify(lines)).join("\n");
    expect(said).not.toContain(SECRET);
    for (const file of await readdir(data, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(join(file.parentPath, file.name));
      expect(bytes.includes(SECRET), file.name).toBe(false);
    }
  });

  it("05 §3.3: a Delta table of Unity Catalog, captured again by jobs retry", async () => {
    await using folder = await workFolder();
    await using unity = await startUnity({
      token: SECRET,
      tables: { "main.sales.types": { storageLocation: "s3://fixtures/delta/types" } },
    });
    const file = join(folder.path, "token");
    await writeFile(file, `${SECRET}\n`);
    const env = { FLOECAT_CATALOG_TOKEN_FILE: file, FLOECAT_CATALOG_S3_KEY: "S3RVER" };
    await using controlPlane = await startControlPlane({ generation, data: join(folder.path, "data"), env });
    const { url } = controlPlane;
    await using _worker = startWorker(url);
    const options = {
      "s3.endpoint": s3.endpoint,
      "s3.path-style-access": "true",
      "s3.access-key-id": "env:FLOECAT_CATALOG_S3_KEY",
      "s3.secret-access-key": "env:FLOECAT_CATALOG_S3_KEY",
    };
    const flags = ["--catalog", "unity", "--catalog-uri", unity.origin, "--catalog-auth", "token"];
    for (const [key, value] of Object.entries(options)) flags.push("--catalog-option", `${key}=${value}`);
    const result = await enqueueAndWait(url, "main.sales.types", ...flags, "--json");
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const { jobId, table } = JSON.parse(result.stdout);
    expect(table).toMatchObject({ totals: { files: 2 } });
    const before = unity.seen.length;
    const retried = await runCli(["jobs", "retry", jobId, "--control-plane", url, "--json"]);
    expect(retried).toMatchObject({ exitCode: 0 });
    expect(await watchTable(url, JSON.parse(retried.stdout).jobId)).toMatchObject({ state: "succeeded" });
    expect(unity.seen.length).toBeGreaterThan(before);
  });

  it("what the control plane has no secret for, or no business with, is refused by name", async () => {
    await using folder = await workFolder();
    await using controlPlane = await startControlPlane({ generation, data: join(folder.path, "data") });
    const rest = ["--catalog", "rest", "--catalog-uri", "http://127.0.0.1:1", "--catalog-auth", "token"];
    const without = await enqueueAndWait(controlPlane.url, "a.b", ...rest);
    expect(without.stderr).toContain("start it with FLOECAT_CATALOG_TOKEN set");
    const home = [...rest.slice(0, 4), "--catalog-option", "header.X=env:HOME"];
    const other = await enqueueAndWait(controlPlane.url, "a.b", ...home);
    expect(other.stderr).toContain("looks up names that begin with FLOECAT_CATALOG_ alone");
  });
});
