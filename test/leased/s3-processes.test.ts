import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { startService } from "../support/processes.ts";
import { DEMO_TABLE, type WorkFolder, workFolder } from "../support/run-cli.ts";
import { startS3Double } from "../support/s3-double/index.ts";
import { DELTA_TABLE } from "../support/s3-lake.ts";
import { startS3rver } from "../support/s3rver.ts";
import {
  captured,
  enqueue,
  enqueueAndWait,
  expectSameResult,
  GENERATIONS,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";
import { expectAsCaptured } from "./s3-loop.ts";

/** S3 as an operator sets it up: storage authorities in a file, a bucket for blobs, every command a process of its own. */

async function fileIn(folder: WorkFolder, name: string, text: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, text);
  return path;
}

describe.each(GENERATIONS)("%s", (generation) => {
  it("08 §3: a table in a server that others wrote is captured with keys of an authority from a file", async () => {
    await using folder = await workFolder();
    await using server = await startS3rver("lake");
    await server.putFolder("orders/", DEMO_TABLE);
    const authority = {
      location: "s3://lake",
      endpoint: server.endpoint,
      region: "us-east-1",
      pathStyleAccess: true,
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
      lifetimeSeconds: 2,
    };
    const file = await fileIn(folder, "authorities.json", JSON.stringify([authority]));
    const flags = ["--authorities", file];
    await using controlPlane = await startControlPlane({
      generation,
      data: join(folder.path, "data"),
      flags,
    });
    await using worker = startWorker(controlPlane.url);
    const { url } = controlPlane;
    const jobId = await enqueue(url, DELTA_TABLE, "--ndv");
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded" });
    await expectAsCaptured(generation, folder, { url, jobId, table: DELTA_TABLE });
    expect(worker.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });
});

it("decision 21: without an authority, control plane and worker use what their machines have", async () => {
  await using folder = await workFolder();
  await using server = await startS3rver("lake");
  await server.putFolder("orders/", DEMO_TABLE);
  const env = {
    AWS_ACCESS_KEY_ID: "S3RVER",
    AWS_SECRET_ACCESS_KEY: "S3RVER",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: server.endpoint,
  };
  const data = join(folder.path, "data");
  await using controlPlane = await startControlPlane({ generation: "chunked", data, env });
  const { url } = controlPlane;
  await using _worker = startService(["worker", "--control-plane", url], env);
  const jobId = await enqueue(url, DELTA_TABLE, "--ndv");
  expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded" });
  await expectAsCaptured("chunked", folder, { url, jobId, table: DELTA_TABLE });
});

const KEYS = { accessKeyId: "BLOBKEY", secretAccessKey: "blob/se+cret" };

function blobSettings(endpoint: string, bucket = "blobs"): string {
  return [
    "floecat.blob = s3",
    `floecat.blob.s3.bucket = ${bucket}`,
    `floecat.storage.aws.s3.endpoint = ${endpoint}`,
    "floecat.storage.aws.s3.path-style = true",
    `floecat.storage.aws.access-key-id = ${KEYS.accessKeyId}`,
    `floecat.storage.aws.secret-access-key = ${KEYS.secretAccessKey}`,
    "",
  ].join("\n");
}

/** What the worker thinks that the server takes: less than the result of the demo's three files, for which they are planned. */
const SMALL_MESSAGE = 8192;

describe("08 §7.1 inline: a result that is too large for one message", () => {
  it("goes to the blob bucket, where the control plane finds it", async () => {
    await using folder = await workFolder();
    await using s3 = await startS3Double({ identities: [KEYS] });
    s3.objects.createBucket("blobs");
    const settings = ["--config", await fileIn(folder, "blobs.properties", blobSettings(s3.endpoint))];
    await using controlPlane = await startControlPlane({
      generation: "inline",
      data: join(folder.path, "data"),
      flags: settings,
    });
    const worker = ["--allow-local", DEMO_TABLE, "--max-request-bytes", String(SMALL_MESSAGE), ...settings];
    await using _worker = startWorker(controlPlane.url, ...worker);
    const out = join(folder.path, "leased");
    const result = await enqueueAndWait(controlPlane.url, DEMO_TABLE, "--files-per-group", "3", "--out", out);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const written = s3.objects.entries("blobs").map(([key]) => key);
    expect(written.filter((key) => key.endsWith(".json")).length).toBeGreaterThan(0);
    expect(written.filter((key) => key.endsWith(".parquet")).length).toBe(3);
    expectSameResult(await readOutput(out), await captured(folder, DEMO_TABLE, "inline"));
  });

  it("is an ordinary failure when it can't be written, and one for good when there is no bucket", async () => {
    await using folder = await workFolder();
    await using s3 = await startS3Double({ identities: [{ ...KEYS, denied: true }] });
    s3.objects.createBucket("blobs");
    await using controlPlane = await startControlPlane({
      generation: "inline",
      data: join(folder.path, "data"),
      flags: ["--max-attempts", "1"],
    });
    const flags = ["--allow-local", DEMO_TABLE, "--max-request-bytes", String(SMALL_MESSAGE)];
    const group = ["--files-per-group", "3"];
    {
      const settings = await fileIn(folder, "blobs.properties", blobSettings(s3.endpoint));
      await using worker = startWorker(controlPlane.url, ...flags, "--config", settings);
      const result = await enqueueAndWait(controlPlane.url, DEMO_TABLE, ...group);
      expect(result.exitCode).not.toBe(0);
      expect(result.stderr).toMatch(
        /too large for one message \(\d+ bytes\) and could not be uploaded: S3 refuses/,
      );
      expect(result.stderr).not.toContain(KEYS.secretAccessKey);
      expect(worker.count("falling back to inline service")).toBe(2);
    }
    await using _worker = startWorker(controlPlane.url, ...flags);
    const result = await enqueueAndWait(controlPlane.url, DEMO_TABLE, ...group);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("FLOECAT_BLOB_S3_BUCKET");
  });
});
