import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openS3Writer } from "../../src/storage/index.ts";
import { captured, expectSameResult } from "../leased/loop.ts";
import { readOutput } from "../support/capture-output.ts";
import { DEMO_TABLE, FIXTURES, runCli, type WorkFolder, workFolder } from "../support/run-cli.ts";

/** `capture` against S3, STS and Glue as others wrote them: `npm run test:interop` starts moto and names it here. */
const { INTEROP_AWS_ENDPOINT: endpoint } = process.env;

const KEYS = { accessKeyId: "interop", secretAccessKey: "interop-secret" };
const OWN = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
const ROLE = "arn:aws:iam::123456789012:role/reader";
const DELTA = "s3://captures/orders";
const ICEBERG = "s3://fixtures/types_v2";

let folder: WorkFolder;
beforeAll(async () => {
  folder = await workFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe.skipIf(endpoint === undefined)("AWS as moto plays it (npm run test:interop)", () => {
  beforeAll(async () => {
    const root = join(folder.path, "root");
    await cp(DEMO_TABLE, join(root, "captures/orders"), { recursive: true });
    await cp(join(FIXTURES, "iceberg/fixtures"), join(root, "fixtures"), { recursive: true });
    const credentials = { kind: "static", ...KEYS } as const;
    const writer = openS3Writer({
      s3: { schemes: ["s3"], endpoint, region: "us-east-1", pathStyle: true, credentials },
    });
    const { signal } = new AbortController();
    for (const bucket of ["captures", "fixtures"])
      await writer.put(`s3://${bucket}`, new Uint8Array(), { signal });
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile())
        await writer.put(`s3://${path.slice(root.length + 1)}`, await readFile(path), { signal });
    }
    writer.close();
  });

  const run = (args: readonly string[], variables: Readonly<Record<string, string>>) =>
    runCli(["capture", ...args], {
      cwd: folder.path,
      env: {
        HOME: folder.path,
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_REGION: "us-east-1",
        AWS_PROFILE: "",
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
        AWS_SESSION_TOKEN: "",
        AWS_ENDPOINT_URL: endpoint,
        ...variables,
      },
    });

  it.each([
    ["08 §5: a Delta table", DELTA, OWN, []],
    ["08 §5: an Iceberg table", ICEBERG, OWN, []],
    [
      "8.2: with the session of a role",
      DELTA,
      OWN,
      ["--aws-role-arn", ROLE, "--aws-external-id", "tenant-7"],
    ],
    ["8.2: with a web identity", DELTA, { AWS_WEB_IDENTITY_TOKEN_FILE: "token", AWS_ROLE_ARN: ROLE }, []],
  ] as const)("%s is captured as from this machine", async (_, table, variables, flags) => {
    await writeFile(join(folder.path, "token"), "e30.e30.e30");
    const own = await captured(folder, table, "chunked", "--test-root", join(folder.path, "root"));
    const result = await run([table, "--out", "out", "--force", ...flags], variables);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expectSameResult(await readOutput(join(folder.path, "out")), own);
  });

  it("05 §3.3: a Delta table that Glue names", async () => {
    await glue("CreateDatabase", { DatabaseInput: { Name: "sales" } });
    const Parameters = { table_type: "DELTA" };
    const StorageDescriptor = { Location: DELTA, Columns: [] };
    const TableInput = { Name: "orders", StorageDescriptor, Parameters };
    await glue("CreateTable", { DatabaseName: "sales", TableInput });
    const pathStyle = ["--catalog-option", "s3.path-style-access=true"];
    const result = await run(["sales.orders", "--catalog", "glue", "--json", ...pathStyle], {
      ...OWN,
      AWS_ENDPOINT_URL_GLUE: endpoint ?? "",
      AWS_ENDPOINT_URL_S3: endpoint ?? "",
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(result.stdout).tables).toMatchObject([{ format: "delta", totals: { files: 3 } }]);
  });
});

/** moto tells services apart by the scope of the signature, and doesn't check it. */
async function glue(action: string, body: unknown): Promise<void> {
  const scope = `${KEYS.accessKeyId}/20260101/us-east-1/glue/aws4_request`;
  const { status } = await fetch(endpoint ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSGlue.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  expect(status).toBe(200);
}
