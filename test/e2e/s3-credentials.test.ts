import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  type CliResult,
  DEMO_TABLE,
  FIXTURES,
  runCli,
  type WorkFolder,
  workFolder,
} from "../support/run-cli.ts";
import { type S3Double, startS3Double } from "../support/s3-double/index.ts";

/** Where the default chain finds credentials (08 §5.4), with the services that give them out as real HTTP servers. */

const LONG_LIVED = { accessKeyId: "long", secretAccessKey: "marked-long" };
const TEMPORARY = {
  accessKeyId: "temporary",
  secretAccessKey: "marked-temporary",
  sessionToken: "marked-token",
};
const URI = "s3://lake/f.parquet";

let folder: WorkFolder;
let s3: S3Double;
beforeEach(async () => {
  folder = await workFolder();
  s3 = await startS3Double({ identities: [TEMPORARY] });
  await s3.objects.putFolder("lake", "", join(FIXTURES, "delta/mapped_by_name"));
  s3.objects.put("lake", "f.parquet", s3.objects.get("lake", "part-0.parquet")?.bytes ?? "");
});
afterEach(async () => {
  await s3[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function inspect(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  return await runCli(["inspect", URI, "--json", "--s3-endpoint", s3.endpoint, ...args], {
    cwd: folder.path,
    env: {
      HOME: folder.path,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_SESSION_TOKEN: "",
      AWS_PROFILE: "",
      AWS_REGION: "us-east-1",
      ...env,
    },
  });
}

interface Service extends AsyncDisposable {
  readonly url: string;
  /** Path and form of each request. */
  readonly asked: { path: string; form: URLSearchParams; authorization: string | undefined }[];
}

async function startService(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Service> {
  const asked: Service["asked"] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({
      path: request.url ?? "",
      form: new URLSearchParams(body),
      authorization: request.headers.authorization,
    });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const EXPIRATION = new Date(Date.now() + 3_600_000).toISOString();

/** The token service: gives out the temporary keys for a role. */
async function startSts(action: string): Promise<Service> {
  return await startService((_, response) => {
    response.setHeader("content-type", "text/xml");
    response.end(
      `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials><AccessKeyId>${TEMPORARY.accessKeyId}</AccessKeyId><SecretAccessKey>${TEMPORARY.secretAccessKey}</SecretAccessKey><SessionToken>${TEMPORARY.sessionToken}</SessionToken><Expiration>${EXPIRATION}</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/reader/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser></${action}Result></${action}Response>`,
    );
  });
}

it("8.2 a role is assumed with an external id, by the identity that the environment says", async () => {
  await using sts = await startSts("AssumeRole");
  const role = ["--aws-role-arn", "arn:aws:iam::1:role/reader", "--aws-external-id", "tenant-7"];
  const result = await inspect(role, {
    AWS_ACCESS_KEY_ID: LONG_LIVED.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LONG_LIVED.secretAccessKey,
    AWS_ENDPOINT_URL_STS: sts.url,
  });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(sts.asked).toHaveLength(1);
  const [{ form, authorization } = { form: new URLSearchParams(), authorization: "" }] = sts.asked;
  expect(Object.fromEntries(form)).toMatchObject({
    Action: "AssumeRole",
    RoleArn: "arn:aws:iam::1:role/reader",
    ExternalId: "tenant-7",
    RoleSessionName: "floecat-capture",
  });
  expect(authorization).toContain(`Credential=${LONG_LIVED.accessKeyId}/`);
});

it("8.2 a role that is refused is told without a secret", async () => {
  await using sts = await startService((_, response) => {
    response.statusCode = 403;
    response.end(
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform sts:AssumeRole</Message></Error></ErrorResponse>',
    );
  });
  const result = await inspect(["--aws-role-arn", "arn:aws:iam::1:role/reader"], {
    AWS_ACCESS_KEY_ID: LONG_LIVED.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LONG_LIVED.secretAccessKey,
    AWS_ENDPOINT_URL_STS: sts.url,
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("the role arn:aws:iam::1:role/reader could not be assumed: not authorized");
  expect(result.stderr).not.toContain("marked");
});

it("8.2 a web identity, as a pod of Kubernetes has one", async () => {
  await using sts = await startSts("AssumeRoleWithWebIdentity");
  await writeFile(join(folder.path, "token"), "marked-jwt");
  const result = await inspect([], {
    AWS_WEB_IDENTITY_TOKEN_FILE: join(folder.path, "token"),
    AWS_ROLE_ARN: "arn:aws:iam::1:role/pod",
    AWS_ENDPOINT_URL_STS: sts.url,
  });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(sts.asked[0]?.form.get("WebIdentityToken")).toBe("marked-jwt");
});

it.each([
  ["container", "AWS_CONTAINER_CREDENTIALS_FULL_URI", ""],
  ["instance", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "/latest/meta-data/iam/security-credentials/role"],
] as const)("8.2 the %s's credentials", async (_, variable, credentialsPath) => {
  await using metadata = await startService((request, response) => {
    const path = request.url ?? "";
    if (path === "/latest/api/token") response.end("imds-token");
    else if (path === "/latest/meta-data/iam/security-credentials/") response.end("role");
    else if (credentialsPath === "" || path === credentialsPath) {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          Code: "Success",
          AccessKeyId: TEMPORARY.accessKeyId,
          SecretAccessKey: TEMPORARY.secretAccessKey,
          Token: TEMPORARY.sessionToken,
          Expiration: EXPIRATION,
        }),
      );
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  const result = await inspect([], {
    [variable]: credentialsPath === "" ? `${metadata.url}/creds` : metadata.url,
    AWS_EC2_METADATA_DISABLED: "",
  });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(metadata.asked.length).toBeGreaterThan(0);
});

it("decision 22: keys that end in the middle of a capture are renewed for every capture thread", async () => {
  const program = join(folder.path, "keys.cjs");
  const calls = JSON.stringify(join(folder.path, "calls"));
  await writeFile(
    program,
    `const fs = require("node:fs"); fs.appendFileSync(${calls}, "x");
     const n = fs.readFileSync(${calls}, "utf8").length;
     console.log(JSON.stringify({ Version: 1, AccessKeyId: "k" + n, SecretAccessKey: "marked-" + n, SessionToken: "t" + n, Expiration: "${EXPIRATION}" }));`,
  );
  await mkdir(join(folder.path, ".aws"));
  await writeFile(
    join(folder.path, ".aws/config"),
    `[profile p]\ncredential_process = ${process.execPath} ${program}\n`,
  );
  await s3.objects.putFolder("lake", "orders/", DEMO_TABLE);
  const keys = (n: number) => ({
    accessKeyId: `k${n}`,
    secretAccessKey: `marked-${n}`,
    sessionToken: `t${n}`,
  });
  s3.identities = [keys(1), keys(2)];
  s3.fault = ({ key }) => {
    // The first request for a data file is the last that the first keys live to see.
    if (key.endsWith(".parquet")) s3.identities = [{ ...keys(1), expiresAtMs: 0 }, keys(2)];
    return undefined;
  };
  const result = await runCli(
    ["capture", "s3://lake/orders", "--aws-profile", "p", "--s3-endpoint", s3.endpoint, "--threads", "2"],
    {
      cwd: folder.path,
      env: { HOME: folder.path, AWS_EC2_METADATA_DISABLED: "true", AWS_ACCESS_KEY_ID: "" },
    },
  );
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readFile(join(folder.path, "calls"), "utf8")).toHaveLength(2);
  expect(new Set(s3.requests.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["k1", "k2"]));
});
