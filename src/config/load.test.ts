import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../model/index.ts";
import { controlPlaneUrl } from "./endpoint.ts";
import { loadFrom } from "./load.ts";
import { shownValue } from "./shown.ts";
import type { LoadedSettings, SettingsSources } from "./types.ts";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function fileWith(text: string, extension = "properties"): string {
  const path = join(folder, `${++files}.${extension}`);
  writeFileSync(path, text);
  return path;
}

function originOf(loaded: LoadedSettings, key: string) {
  const origin = loaded.origins.find(({ info }) => info.key === key);
  if (origin === undefined) throw new Error(`no setting ${key}`);
  return origin;
}

const LEASE_KEY = "floecat.reconciler.job-store.lease-ms";

describe("which source wins", () => {
  const file = fileWith(`${LEASE_KEY} = 4000`);
  const env = { FLOECAT_RECONCILER_JOB_STORE_LEASE_MS: "3000" };

  test.each<[string, SettingsSources, number | undefined, string | undefined]>([
    ["nothing", {}, undefined, undefined],
    ["the file", { file }, 4000, `${LEASE_KEY} in ${file}`],
    ["the environment over the file", { file, env }, 3000, "FLOECAT_RECONCILER_JOB_STORE_LEASE_MS"],
    [
      "--set over the environment",
      { file, env, overrides: { [LEASE_KEY]: "2000" } },
      2000,
      `--set ${LEASE_KEY}`,
    ],
    [
      "a named flag over everything",
      { file, env, overrides: { [LEASE_KEY]: "2000" }, flags: { leaseMs: 1500 } },
      1500,
      "--lease-ms",
    ],
  ])("%s", (_, sources, leaseMs, source) => {
    const loaded = loadFrom(sources);
    expect(loaded.settings.worker.leaseMs).toBe(leaseMs);
    expect(originOf(loaded, LEASE_KEY).source).toBe(source);
  });

  test("the file may be named by the environment", () => {
    expect(loadFrom({ env: { FLOECAT_CAPTURE_CONFIG: file } }).settings.worker.leaseMs).toBe(4000);
  });

  test("03 §2: a setting is read under its alias and under the standard mapping of its key", () => {
    const alias = { FLOECAT_RECONCILER_WORKER_GRPC_DEADLINE_MS: "5000" };
    const standard = { RECONCILER_LEASE_HEARTBEAT_MS: "1500" };
    expect(loadFrom({ env: alias }).settings.connection.deadlineMs).toBe(5000);
    expect(loadFrom({ env: standard }).settings.worker.heartbeatMs).toBe(1500);
  });

  test("08 §1.1: a blank value is as good as none", () => {
    const env = { FLOECAT_RECONCILER_OIDC_ISSUER: "  ", FLOECAT_RECONCILER_WORKER_GRPC_DEADLINE_MS: "" };
    const { auth, connection } = loadFrom({ env }).settings;
    expect(auth.oidcIssuer).toBeUndefined();
    expect(connection.deadlineMs).toBe(120_000);
  });

  test("08 §1.2: a blank authorization header means none", () => {
    const { auth } = loadFrom({ env: { FLOECAT_RECONCILER_AUTHORIZATION_HEADER: "" } }).settings;
    expect(auth.authorizationHeader).toBe("");
  });
});

describe("03 §2: the control plane's address", () => {
  const url = (env: Record<string, string>) => controlPlaneUrl(loadFrom({ env }).settings.connection);

  test.each<[string, Record<string, string>, string]>([
    ["defaults", {}, "http://127.0.0.1:9100"],
    ["the shared client", { FLOECAT_GRPC_HOST: "service", FLOECAT_GRPC_PORT: "9101" }, "http://service:9101"],
    [
      "the worker's own host and port first",
      {
        FLOECAT_RECONCILER_WORKER_GRPC_HOST: "control",
        FLOECAT_RECONCILER_WORKER_GRPC_PORT: "1",
        FLOECAT_GRPC_HOST: "service",
        FLOECAT_GRPC_PORT: "9101",
      },
      "http://control:1",
    ],
    ["the HTTP port last", { QUARKUS_HTTP_PORT: "9300" }, "http://127.0.0.1:9300"],
    [
      "TLS where plain-text is false",
      { FLOECAT_GRPC_HOST: "c", FLOECAT_RECONCILER_WORKER_GRPC_PLAIN_TEXT: "false" },
      "https://c:9100",
    ],
    ["an IPv6 host", { FLOECAT_GRPC_HOST: "::1" }, "http://[::1]:9100"],
    [
      "an address given whole",
      { FLOECAT_CAPTURE_CONTROL_PLANE_URL: "https://a:1", FLOECAT_GRPC_HOST: "b" },
      "https://a:1",
    ],
  ])("%s", (_, env, expected) => {
    expect(url(env)).toBe(expected);
  });

  test("T18: both hosts blank", () => {
    expect(() => url({ FLOECAT_GRPC_HOST: "", FLOECAT_RECONCILER_WORKER_GRPC_HOST: "" })).toThrow(
      "Worker-control gRPC host must be configured",
    );
  });
});

describe("values", () => {
  test("03 §2: numbers below their least are raised to it", () => {
    const env = {
      FLOECAT_RECONCILER_WORKER_GRPC_DEADLINE_MS: "10",
      FLOECAT_RECONCILER_MAX_PARALLELISM: "-3",
    };
    const { connection, worker } = loadFrom({ env }).settings;
    expect(connection.deadlineMs).toBe(1000);
    expect(worker.maxParallelism).toBe(0);
  });

  test.each([
    ["7", 7000],
    ["250ms", 250],
    ["10s", 10_000],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["PT10S", 10_000],
    ["PT1M0.5S", 60_500],
    ["P1D", 86_400_000],
  ])("08 §1.1: the duration %s", (text, ms) => {
    const { auth } = loadFrom({ env: { FLOECAT_RECONCILER_OIDC_CONNECT_TIMEOUT: text } }).settings;
    expect(auth.oidcTimeoutMs).toBe(ms);
  });

  test.each(["", "P", "PT", "10 apples", "-1s", "1.5s"])("no duration: %j", (text) => {
    const load = () => loadFrom({ overrides: { "floecat.reconciler.oidc.connect-timeout": text } });
    if (text === "") expect(load().settings.auth.oidcTimeoutMs).toBe(10_000);
    else expect(load).toThrow(/a duration is needed/);
  });

  test("every value that isn't understood is told, with where it came from", () => {
    const env = { FLOECAT_RECONCILER_JOB_STORE_LEASE_MS: "soon", FLOECAT_CAPTURE_CRC: "maybe" };
    const load = () => loadFrom({ env });
    expect(load).toThrow(UsageError);
    expect(load).toThrow(
      `FLOECAT_RECONCILER_JOB_STORE_LEASE_MS "soon" (${LEASE_KEY}): a whole number is needed`,
    );
    expect(load).toThrow(
      'FLOECAT_CAPTURE_CRC "maybe" (floecat.capture.crc): one of error, warn, off is needed',
    );
  });

  test.each([
    ["FLOECAT_GRPC_PORT", "70000", /at most 65535/],
    ["FLOECAT_RECONCILER_AUTHORIZATION_HEADER", "x floe", /a header name is needed/],
    ["FLOECAT_RECONCILER_WORKER_GRPC_PLAIN_TEXT", "maybe", /true or false is needed/],
    ["FLOECAT_CAPTURE_EMBEDDED_LISTEN", "9100", /host:port is needed/],
    ["FLOECAT_CAPTURE_THREADS", "0", /at least 1 is needed/],
    ["FLOECAT_CAPTURE_THREADS", "1e3", /a whole number is needed/],
  ])("%s=%s is refused", (name, text, expected) => {
    expect(() => loadFrom({ env: { [name]: text } })).toThrow(expected);
  });

  test("an address with a password in it is refused, since addresses are shown", () => {
    const env = { FLOECAT_CAPTURE_CONTROL_PLANE_URL: "https://me:secret@host:1" };
    expect(() => loadFrom({ env })).toThrow(/without user name and password/);
  });
});

describe("secrets", () => {
  const SECRET_KEY = "floecat.reconciler.oidc.client-secret";

  test("are masked where settings are shown", () => {
    const loaded = loadFrom({ env: { FLOECAT_RECONCILER_OIDC_CLIENT_SECRET: "s3cr3t" } });
    expect(loaded.settings.auth.oidcClientSecret).toBe("s3cr3t");
    expect(shownValue(originOf(loaded, SECRET_KEY))).toBe("****");
  });

  test("come from a file that a variable names", () => {
    const env = { FLOECAT_RECONCILER_OIDC_CLIENT_SECRET_FILE: fileWith("s3cr3t\n", "txt") };
    expect(loadFrom({ env }).settings.auth.oidcClientSecret).toBe("s3cr3t");
  });

  test("come from a file that the settings file names", () => {
    const file = fileWith(`${SECRET_KEY}-file=${fileWith("s3cr3t", "txt")}`);
    const loaded = loadFrom({ file });
    expect(loaded.settings.auth.oidcClientSecret).toBe("s3cr3t");
    expect(loaded.warnings).toEqual([]);
  });

  test("given twice are refused, without being shown", () => {
    const env = { FLOECAT_CAPTURE_AUTH_TOKEN: "s3cr3t", FLOECAT_CAPTURE_AUTH_TOKEN_FILE: "/nowhere" };
    expect(() => loadFrom({ env })).toThrow(/both set/);
    expect(() => loadFrom({ env })).not.toThrow(/s3cr3t/);
  });

  test("a file that isn't there is told by name", () => {
    const env = { FLOECAT_CAPTURE_AUTH_TOKEN_FILE: join(folder, "none") };
    expect(() => loadFrom({ env })).toThrow(/FLOECAT_CAPTURE_AUTH_TOKEN_FILE .*none can't be read: ENOENT/);
  });
});

describe("names that nobody reads", () => {
  test("a variable under our prefix, with the one that was meant", () => {
    expect(loadFrom({ env: { FLOECAT_CAPTURE_WIER: "inline" } }).warnings).toEqual([
      "environment variable FLOECAT_CAPTURE_WIER is not a setting; FLOECAT_CAPTURE_WIRE is: was that meant?",
    ]);
  });

  test("a variable of Floecat's with a letter wrong", () => {
    expect(loadFrom({ env: { FLOECAT_GRPC_HSOT: "x" } }).warnings[0]).toContain("FLOECAT_GRPC_HOST");
  });

  test("08 §9.1: the environment of Floecat's compose file raises no warning", () => {
    const env = Object.fromEntries(
      [
        "FLOECAT_GRPC_HOST",
        "FLOECAT_SEED_ENABLED",
        "FLOECAT_RECONCILER_AUTO_ENABLED",
        "FLOECAT_RECONCILER_REMOTE_PLANNER_EXECUTOR_ENABLED",
        "FLOECAT_RECONCILER_SCHEDULER_ENABLED",
        "FLOECAT_RECONCILER_REMOTE_EXECUTOR_ENABLED",
        "FLOECAT_RECONCILER_DEFAULT_EXECUTOR_ENABLED",
        "FLOECAT_RECONCILER_FILE_GROUP_EXECUTOR_ENABLED",
        "FLOECAT_RECONCILER_BACKEND",
        "FLOECAT_RECONCILER_RESERVED_CONTROL_SLOTS",
        "FLOECAT_STORAGE_AWS_REGION",
        "AWS_REGION",
      ].map((name) => [name, "x"]),
    );
    expect(loadFrom({ env }).warnings).toEqual([]);
  });

  test("keys of a file: a typing error, a bare name, a profile; Floecat's other keys pass", () => {
    const file = fileWith(
      ["floecat.reconciler.oidc.isuer=x", "max-parallelism=3", "%dev.a=1", "floecat.kv=memory"].join("\n"),
    );
    const { warnings } = loadFrom({ file });
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toContain("floecat.reconciler.oidc.issuer is: was that meant?");
    expect(warnings[1]).toContain("reconciler.max-parallelism is: was that meant?");
    expect(warnings[2]).toContain("profiles are not supported");
  });

  test("--set of an unknown key is wrong use", () => {
    expect(() => loadFrom({ overrides: { "floecat.capture.crcc": "off" } })).toThrow(
      "--set floecat.capture.crcc: not a setting; floecat.capture.crc is: was that meant?",
    );
  });
});

describe("settings files", () => {
  test("JSON, nested or dotted", () => {
    const file = fileWith(
      JSON.stringify({ floecat: { capture: { crc: "warn", threads: 3 } }, "reconciler.max-parallelism": 2 }),
      "json",
    );
    const { capture, worker } = loadFrom({ file }).settings;
    expect(capture).toEqual({ crc: "warn", threads: 3 });
    expect(worker.maxParallelism).toBe(2);
  });

  test("expressions of the reference's own file", () => {
    const file = fileWith(
      [
        `floecat.reconciler.oidc.client-id=\${CLIENT:nobody}`,
        `floecat.reconciler.job-store.lease-ms=\${FLOECAT_RECONCILER_JOB_STORE_LEASE_MS:\${other:7000}}`,
        "other=9000",
      ].join("\n"),
    );
    const { auth, worker } = loadFrom({ file, env: { CLIENT: "me" } }).settings;
    expect(auth.oidcClientId).toBe("me");
    expect(worker.leaseMs).toBe(9000);
  });

  test("an expression without a value and without a default", () => {
    const file = fileWith(`floecat.capture.crc=\${NOWHERE}`);
    expect(() => loadFrom({ file })).toThrow(/floecat\.capture\.crc refers to NOWHERE, which is not set/);
  });

  test("expressions that refer to one another end", () => {
    const file = fileWith(`floecat.capture.crc=\${a}\na=\${b}\nb=\${a}`);
    expect(() => loadFrom({ file })).toThrow(/refer to one another/);
  });

  test.each([
    ["missing", join(folder, "none.json"), /can't be read: ENOENT/],
    ["YAML", fileWith("a: 1", "yaml"), /YAML is not read/],
    ["bad JSON", fileWith('{"secret": "abc', "json"), /not valid JSON$/],
    ["a list", fileWith("[]", "json"), /a JSON object is needed/],
    ["a list inside", fileWith('{"a":[1]}', "json"), /a has to be a text/],
  ])("%s", (_, file, expected) => {
    expect(() => loadFrom({ file })).toThrow(expected);
  });
});

test.each([
  ["268435456", 2 ** 28],
  ["256m", 2 ** 28],
  ["256MiB", 2 ** 28],
  ["2 GB", 2 ** 31],
  ["64k", 2 ** 16],
  ["100b", 100],
])("a size of %s is %i bytes", (text, bytes) => {
  const { capture } = loadFrom({ env: { FLOECAT_CAPTURE_MAX_MEMORY_BYTES: text } }).settings;
  expect(capture.maxMemoryBytes).toBe(bytes);
});

test.each(["much", "-1", "1.5g", "12e3", "9999999999999999g"])(
  "a size of %s is refused with examples",
  (text) => {
    expect(() => loadFrom({ env: { FLOECAT_CAPTURE_MAX_MEMORY_BYTES: text } })).toThrow(
      /FLOECAT_CAPTURE_MAX_MEMORY_BYTES.*such as 268435456, 256m or 2g/,
    );
  },
);
