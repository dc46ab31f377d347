import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { connectAdmin } from "../../src/control-plane/client.ts";
import { type ControlPlane, DEFAULT_ACCOUNT_ID } from "../../src/control-plane/index.ts";
import type { Generation } from "../../src/model/index.ts";
import {
  ConnectorKind,
  ConnectorSchema,
  ConnectorState,
} from "../../src/protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { expectNoSecrets, planted, startEchoServer, startRecorder } from "../support/planted.ts";
import { type PlantedConnector, plantedConnectors } from "../support/planted-connectors.ts";
import { startService } from "../support/processes.ts";
import { runCli, workFolder } from "../support/run-cli.ts";
import { DELTA_TABLE, startS3Lake } from "../support/s3-lake.ts";
import { GENERATIONS, startControlPlane, watchTable } from "./loop.ts";
import { startPlane } from "./s3-loop.ts";

/**
 * 08 §8.1, L1: secrets are planted wherever they can enter, and everything that comes out is searched for them: logs at their
 * most talkative, status page, metrics, what is written to disk, failure messages on the wire and what the control plane
 * tells of them, failures on purpose included, against servers that repeat what they are told.
 */

it("the search finds a secret, as it is and in base64", () => {
  for (const prefix of ["", "a", "ab", "user:"]) {
    const text = prefix + planted("x");
    expect(() => expectNoSecrets({ log: `… ${text}` })).toThrow("a secret in log");
    const encoded = Buffer.from(text).toString("base64");
    expect(() => expectNoSecrets({ log: `Basic ${encoded}` })).toThrow("a secret in log");
  }
  expectNoSecrets({ log: "nothing" });
});

/** Settings of a worker, every secret one among them. */
const SETTINGS: Readonly<Record<string, string>> = {
  "floecat.capture.auth.token": planted("static-token"),
  "floecat.reconciler.oidc.client-secret": planted("oidc-secret"),
  "floecat.capture.http.proxy": `http://proxy-user:${planted("proxy-password")}@127.0.0.1:9`,
  "floecat.capture.http.tls-proxy": `http://proxy-user:${planted("tls-proxy-password")}@127.0.0.1:9`,
  "floecat.capture.http.no-proxy": "127.0.0.1",
  "floecat.blob": "s3",
  "floecat.storage.aws.access-key-id": planted("blob-key"),
  "floecat.storage.aws.secret-access-key": planted("blob-secret"),
  "floecat.storage.aws.session-token": planted("blob-token"),
};
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: planted("env-key"),
  AWS_SECRET_ACCESS_KEY: planted("env-secret"),
  AWS_SESSION_TOKEN: planted("env-token"),
  AWS_EC2_METADATA_DISABLED: "true",
};

async function settingsFile(folder: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, "worker.json");
  await writeFile(path, JSON.stringify(settings));
  return path;
}

/** A planned table whose connector is then another. */
async function enqueueAs(
  controlPlane: ControlPlane,
  tableId: string,
  connector: PlantedConnector,
): Promise<string> {
  const enqueued = await connectAdmin(controlPlane.url).enqueue(
    { tableUri: DELTA_TABLE, tableId },
    { signal: AbortSignal.timeout(20_000) },
  );
  const record = create(ConnectorSchema, {
    resourceId: { accountId: DEFAULT_ACCOUNT_ID, id: tableId, kind: 7 },
    kind: connector.kind === "delta" ? ConnectorKind.CK_DELTA : ConnectorKind.CK_ICEBERG,
    uri: connector.uri ?? "",
    auth: {
      scheme: connector.scheme ?? "none",
      properties: { ...connector.authProperties },
      headerHints: { ...connector.headerHints },
    },
    state: ConnectorState.CS_ACTIVE,
    properties: { ...connector.properties },
  });
  const { catalog } = controlPlane.store;
  catalog.putConnector(DEFAULT_ACCOUNT_ID, tableId, toBinary(ConnectorSchema, record));
  // Nothing is vended for what doesn't lie on S3: the connector's own keys count.
  const table = catalog.table(DEFAULT_ACCOUNT_ID, tableId);
  if (table === undefined) throw new Error(`no table ${tableId}`);
  catalog.putTable({ ...table, properties: { location: "abfss://nowhere" } });
  return enqueued.jobId;
}

async function get(url: string): Promise<string> {
  const response = await fetch(url);
  return `${JSON.stringify([...response.headers])} ${await response.text()}`;
}

async function filesOf(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name), "latin1").catch(() => "")),
  );
  return texts.join("\n");
}

describe.each(GENERATIONS)("08 §8.1, L1 %s", (generation: Generation) => {
  it("no secret of a lease, a vend, a setting or the environment comes out of a worker", async () => {
    await using folder = await workFolder();
    await using echo = await startEchoServer();
    await using lake = await startS3Lake();
    const defects: string[] = [];
    await using controlPlane = await startPlane(generation, folder, lake, {
      limits: { maxAttempts: 1 },
      log: { error: (details, message) => defects.push(`${message} ${String(details.err)}`) },
    });
    const jobs = new Map<string, string>();
    for (const [name, connector] of Object.entries(plantedConnectors(echo.url))) {
      jobs.set(name, await enqueueAs(controlPlane, `table-${jobs.size}`, connector));
    }
    const { jobId: good } = await connectAdmin(controlPlane.url).enqueue(
      { tableUri: DELTA_TABLE, tableId: "good" },
      { signal: AbortSignal.timeout(20_000) },
    );
    await using collector = await startRecorder();
    const config = await settingsFile(folder.path, {
      ...SETTINGS,
      "floecat.capture.otlp.endpoint": collector.url,
      "floecat.capture.otlp.headers": `authorization=${planted("otlp-header")}`,
    });
    await using worker = startService(
      [
        "worker",
        "--control-plane",
        controlPlane.url,
        "--config",
        config,
        "--log-level",
        "debug",
        "--http",
        "127.0.0.1:0",
      ],
      ENVIRONMENT,
    );
    const page = String((await worker.line("status page")).url);
    for (const [name, jobId] of jobs) {
      const { state } = await watchTable(controlPlane.url, jobId);
      expect([name, state]).toEqual([name, expect.stringMatching(/failed|cancelled/)]);
    }
    expect(await watchTable(controlPlane.url, good)).toMatchObject({ state: "succeeded" });
    expect(echo.requests).toBeGreaterThan(5);

    const texts: Record<string, string> = {
      "the status page's API": await get(`${page}/api/status`),
      metrics: await get(`${page}/metrics`),
      readiness: await get(`${page}/readyz`),
      "defects of the control plane": defects.join("\n"),
    };
    for (const [name, jobId] of jobs) {
      const shown = await runCli(["jobs", "show", jobId, "--control-plane", controlPlane.url, "--json"]);
      texts[`jobs show --json (${name})`] = shown.stdout + shown.stderr;
      const human = await runCli(["jobs", "show", jobId, "--control-plane", controlPlane.url]);
      texts[`jobs show (${name})`] = human.stdout + human.stderr;
    }
    worker.kill("SIGTERM");
    const { stdout, stderr, exitCode } = await worker.ended();
    expect(exitCode).toBe(0);
    texts["the worker's log"] = stdout;
    texts["the worker's errors"] = stderr;
    texts["traces and metrics"] = collector.bodies();
    expect(collector.bodies()).not.toBe("");
    expectNoSecrets(texts);
    // A failure was told at all, and of those whose secrets would have been in it.
    for (const answer of [
      "the catalog answered HTTP 401",
      "UC returned HTTP 401",
      "S3 answered 400",
      "S3 answered 403",
    ]) {
      expect(stdout).toContain(answer);
    }
  });
});

it("08 §8.1: no secret of the identity provider's settings, when it repeats them", async () => {
  await using folder = await workFolder();
  await using echo = await startEchoServer(401);
  const config = await settingsFile(folder.path, {
    "floecat.reconciler.oidc.issuer": `${echo.url}/realm`,
    "floecat.reconciler.oidc.client-id": "worker",
    "floecat.reconciler.oidc.client-secret": planted("oidc-secret"),
  });
  await using controlPlane = await startControlPlane({
    generation: "chunked",
    data: join(folder.path, "data"),
  });
  await using worker = startService([
    ...["worker", "--control-plane", controlPlane.url, "--config", config],
    ...["--log-level", "debug", "--wire", "chunked"],
  ]);
  await worker.line("lease call failed");
  worker.kill("SIGTERM");
  const { stdout, stderr } = await worker.ended();
  expect(echo.requests).toBeGreaterThan(0);
  expectNoSecrets({ log: stdout, errors: stderr });
});

it("08 §8.1: no secret of the settings in what config and doctor print", async () => {
  await using folder = await workFolder();
  const config = await settingsFile(folder.path, {
    ...SETTINGS,
    "floecat.reconciler.oidc.issuer": "http://127.0.0.1:9/realm",
    "floecat.reconciler.oidc.client-id": "worker",
  });
  const texts: Record<string, string> = {};
  for (const args of [["config"], ["config", "--json"], ["doctor"], ["doctor", "--json"]]) {
    const result = await runCli([...args, "--config", config], { env: ENVIRONMENT });
    expect(result.stdout).not.toBe("");
    texts[args.join(" ")] = result.stdout + result.stderr;
  }
  // A slip next to a secret isn't repeated either.
  for (const set of [
    `floecat.capture.auth.tokn=${planted("typo")}`,
    `=${planted("no-key")}`,
    planted("no-equals"),
  ]) {
    const result = await runCli(["config", "--set", set]);
    texts[`config --set ${set.length}`] = result.stdout + result.stderr;
  }
  expectNoSecrets(texts);
});

it("08 §8.1: no secret of a storage authority in what the control plane prints, answers and keeps", async () => {
  await using folder = await workFolder();
  await using echo = await startEchoServer(403);
  const authorities = join(folder.path, "authorities.json");
  const authority = {
    location: "s3://lake",
    endpoint: echo.url,
    pathStyleAccess: true,
    accessKeyId: planted("authority-key"),
    secretAccessKey: planted("authority-secret"),
    sessionToken: planted("authority-token"),
  };
  await writeFile(authorities, JSON.stringify([authority]));
  const data = join(folder.path, "data");
  const texts: Record<string, string> = {};
  {
    await using controlPlane = await startControlPlane({
      generation: "chunked",
      data,
      flags: ["--authorities", authorities, "--log-level", "debug"],
    });
    for (const json of [[], ["--json"]]) {
      const args = ["enqueue", DELTA_TABLE, "--control-plane", controlPlane.url, ...json];
      const result = await runCli(args, { env: ENVIRONMENT });
      expect(result.exitCode).not.toBe(0);
      texts[`enqueue ${json}`] = result.stdout + result.stderr;
    }
    controlPlane.kill("SIGTERM");
    const { stdout, stderr } = await controlPlane.ended();
    texts["the control plane's log"] = stdout + stderr;
  }
  texts["the control plane's folder"] = await filesOf(data);
  expect(echo.requests).toBeGreaterThan(0);
  expectNoSecrets(texts);
});

it("08 §8.1: no secret of the environment and of files in what capture prints when stores and catalogs repeat it", async () => {
  await using folder = await workFolder();
  await using echo = await startEchoServer(403);
  const tokenFile = join(folder.path, "token");
  await writeFile(tokenFile, planted("catalog-token"));
  const rest = [
    "capture",
    "sales.orders",
    "--catalog",
    "rest",
    "--catalog-uri",
    echo.url,
    "--warehouse",
    "w",
  ];
  const commands: Readonly<Record<string, readonly string[]>> = {
    "a table on S3": ["capture", DELTA_TABLE, "--s3-endpoint", echo.url],
    "inspect on S3": ["inspect", `${DELTA_TABLE}/x.parquet`, "--s3-endpoint", echo.url],
    "a REST catalog with a token": [...rest, "--catalog-token-file", tokenFile],
    "a REST catalog with a client": rest,
    "a signed REST catalog": [...rest, "--catalog-auth", "sigv4"],
    "Unity Catalog": ["capture", "a.b.c", "--catalog", "unity", "--catalog-uri", echo.url],
    "a password in an address": [
      ...rest,
      "--catalog-uri",
      `http://me:${planted("argv-password")}@127.0.0.1:9`,
    ],
  };
  const env = {
    ...ENVIRONMENT,
    AWS_REGION: "us-east-1",
    FLOECAT_CATALOG_CREDENTIAL: `id:${planted("catalog-credential")}`,
    DATABRICKS_TOKEN: planted("databricks-token"),
  };
  const texts: Record<string, string> = {};
  for (const [name, args] of Object.entries(commands)) {
    for (const json of [[], ["--json"]]) {
      const result = await runCli([...args, ...json], { env, cwd: folder.path });
      expect([name, result.exitCode]).not.toEqual([name, 0]);
      texts[`${name} ${json}`] = result.stdout + result.stderr;
    }
  }
  expect(echo.requests).toBeGreaterThan(8);
  expectNoSecrets(texts);
});
