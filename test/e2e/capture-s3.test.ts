import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CaptureOutputFolder, readOutput } from "../support/capture-output.ts";
import {
  type CliResult,
  DEMO_TABLE,
  FIXTURES,
  runCli,
  type WorkFolder,
  workFolder,
} from "../support/run-cli.ts";
import { type S3Double, startS3Double } from "../support/s3-double/index.ts";
import { startS3rver } from "../support/s3rver.ts";

/** `capture` and `inspect` of tables in S3, against a strict server and against one that others wrote. */

const KEYS = { accessKeyId: "akid", secretAccessKey: "marked-secret", sessionToken: "marked-token" };

let folder: WorkFolder;
let s3: S3Double;
beforeEach(async () => {
  folder = await workFolder();
  s3 = await startS3Double({ identities: [KEYS], publicBuckets: ["open"], region: "eu-west-1" });
});
afterEach(async () => {
  await s3[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** No variable and no file of the machine says who we are, but what is given. */
function cleanEnv(variables: Readonly<Record<string, string>>): Record<string, string> {
  return {
    HOME: folder.path,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ACCESS_KEY_ID: "",
    AWS_SECRET_ACCESS_KEY: "",
    AWS_SESSION_TOKEN: "",
    AWS_PROFILE: "",
    ...variables,
  };
}

const ENV_KEYS = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_SESSION_TOKEN: KEYS.sessionToken,
};

async function run(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = ENV_KEYS,
): Promise<CliResult> {
  return await runCli(args, { cwd: folder.path, env: cleanEnv(variables) });
}

async function capture(
  args: readonly string[],
  variables?: Readonly<Record<string, string>>,
): Promise<CaptureOutputFolder> {
  const result = await run(["capture", ...args, "--out", "out", "--force", "--json"], variables);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return await readOutput(join(folder.path, "out"));
}

/** The same objects in a test directory, which is read without any S3 (08 §5.5). */
async function fromTestRoot(
  uri: string,
  source: string,
  ...args: readonly string[]
): Promise<CaptureOutputFolder> {
  const target = join(folder.path, "root", uri.slice("s3://".length));
  await mkdir(target, { recursive: true });
  await cp(source, target, { recursive: true });
  return await capture([uri, "--test-root", "root", ...args], {});
}

describe("08 §5 a table in S3 is captured to the byte as on this machine", () => {
  it.each([
    ["Delta", "s3://lake/a table/ünï+orders", DEMO_TABLE, ["--ndv"]],
    ["Parquet files", "s3://lake/files", DEMO_TABLE, ["--format", "parquet"]],
    ["Iceberg", "s3://fixtures/types_v1", join(FIXTURES, "iceberg/fixtures/types_v1"), []],
  ] as const)("%s", async (_, uri, source, args) => {
    const expected = await fromTestRoot(uri, source, ...args);
    const [bucket = "", ...key] = uri.slice("s3://".length).split("/");
    await s3.objects.putFolder(bucket, `${key.join("/")}/`, source);
    const captured = await capture([uri, "--s3-endpoint", s3.endpoint, ...args]);
    expect(captured.timeless).toBe(expected.timeless);
    expect(captured.sidecars).toEqual(expected.sidecars);
    expect(captured.files.length + captured.artifacts.length).toBeGreaterThan(1);
  });

  it("from a server that others wrote", async () => {
    await using server = await startS3rver("lake");
    const expected = await fromTestRoot("s3://lake/orders", DEMO_TABLE);
    await server.putFolder("orders/", DEMO_TABLE);
    const keys = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };
    const captured = await capture(["s3://lake/orders"], { ...keys, AWS_ENDPOINT_URL: server.endpoint });
    expect(captured.timeless).toBe(expected.timeless);
    expect(captured.sidecars).toEqual(expected.sidecars);
  });
});

it("8.6 a captured file costs two requests, its end and its pages, and says so", async () => {
  await s3.objects.putFolder("lake", "orders/", DEMO_TABLE);
  const result = await run(["capture", "s3://lake/orders", "--s3-endpoint", s3.endpoint, "--json"]);
  const report: { tables: { files: { path: string; requests: number; bytesRead: number }[] }[] } = JSON.parse(
    result.stdout,
  );
  const files = report.tables[0]?.files ?? [];
  expect(files.map(({ requests }) => requests)).toEqual([2, 2, 2]);
  for (const { path } of files) {
    const key = path.slice("s3://lake/".length);
    expect(s3.requests.filter((request) => request.key === key && request.status === 206)).toHaveLength(2);
    expect(s3.requests.some((request) => request.key === key && request.ifMatch !== undefined)).toBe(true);
  }
});

describe("08 §5.4 who we are", () => {
  const uri = "s3://lake/f.parquet";
  const inspect = async (args: readonly string[], variables: Readonly<Record<string, string>>) =>
    await run(["inspect", uri, "--json", "--s3-endpoint", s3.endpoint, ...args], variables);
  beforeEach(async () => {
    await s3.objects.putFolder("lake", "", join(FIXTURES, "delta/mapped_by_name"));
    s3.objects.put("lake", "f.parquet", s3.objects.get("lake", "part-0.parquet")?.bytes ?? "");
  });

  it("the environment says it, or a profile of the configuration files", async () => {
    expect(await inspect([], ENV_KEYS)).toMatchObject({ exitCode: 0, stderr: "" });
    await mkdir(join(folder.path, ".aws"));
    await writeFile(
      join(folder.path, ".aws/credentials"),
      `[analytics]\naws_access_key_id=akid\naws_secret_access_key=marked-secret\naws_session_token=marked-token\n`,
    );
    expect(await inspect(["--aws-profile", "analytics"], {})).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await inspect([], { AWS_PROFILE: "analytics" })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("anonymous requests read a public bucket, and no other", async () => {
    s3.objects.put("open", "f.parquet", s3.objects.get("lake", "f.parquet")?.bytes ?? "");
    const anonymous = ["--s3-anonymous", "--s3-endpoint", s3.endpoint];
    expect(await run(["inspect", "s3://open/f.parquet", ...anonymous], {})).toMatchObject({ exitCode: 0 });
    expect(await run(["inspect", uri, ...anonymous], {})).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`S3 refuses to let us read ${uri} (403 AccessDenied)\n`),
    });
  });

  it("no credentials, or wrong ones, are an error that says what to do and no secret", async () => {
    const none = await inspect([], {});
    expect(none).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/no AWS credentials were found.*AWS_ACCESS_KEY_ID/),
    });
    const wrong = await inspect([], { ...ENV_KEYS, AWS_SECRET_ACCESS_KEY: "marked-wrong" });
    expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("SignatureDoesNotMatch") });
    expect(none.stderr + wrong.stderr + wrong.stdout).not.toContain("marked");
  });
});

it("decision 23: a file replaced while it is read fails, the others are captured", async () => {
  await s3.objects.putFolder("lake", "orders/", DEMO_TABLE);
  s3.fault = ({ key, ifMatch }) => {
    const isSecondRead = key.endsWith("03-02.parquet") && ifMatch !== undefined;
    if (isSecondRead) s3.objects.put("lake", key, Buffer.alloc(150_000, 1));
    return undefined;
  };
  const result = await run(["capture", "s3://lake/orders", "--s3-endpoint", s3.endpoint, "--threads", "1"]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(/03-02\.parquet.*was replaced while it was being read/);
});

it("what isn't there is said in the table's words", async () => {
  s3.objects.createBucket("lake");
  const result = await run(["capture", "s3://lake/none", "--s3-endpoint", s3.endpoint]);
  expect(result).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("no Parquet files found in s3://lake/none"),
  });
});
