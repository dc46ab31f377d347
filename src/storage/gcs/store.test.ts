import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GcsDouble, startGcsDouble } from "../../../test/support/cloud-doubles/gcs.ts";
import { AccessDeniedError, FileReplacedError, SourceMissingError, systemClock } from "../../model/index.ts";
import { type OpenStoreOptions, openStore } from "../open-store.ts";
import type { GcsCredentialSettings } from "./settings.ts";

const signal = new AbortController().signal;
const ODD_KEYS = [
  "a b",
  "a%20b",
  "a+b",
  "a?b=c",
  "a#b",
  "dir//file",
  "/leading",
  "x/../y",
  "ünï/日本.parquet",
];

let gcs: GcsDouble;
let folder: string;
beforeEach(async () => {
  gcs = await startGcsDouble({ pageSize: 2 });
  folder = await mkdtemp(join(tmpdir(), "gcs-"));
});
afterEach(async () => {
  await gcs[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

let nowMs = Date.now();
/** Waits of retries take no time. */
const quick: OpenStoreOptions = {
  clock: {
    ...systemClock,
    nowMs: () => nowMs,
    sleep: (ms, sleepSignal) => systemClock.sleep(ms > 5000 ? ms : 0, sleepSignal),
  },
  random: () => 0,
};

function store(credentials: GcsCredentialSettings = { kind: "anonymous" }) {
  return openStore({ local: { kind: "none" }, gcs: { endpoint: gcs.endpoint, credentials } }, quick);
}

async function text(path: string, opened = store()): Promise<string> {
  await using file = await opened.open(path, { signal });
  return Buffer.from(await file.read(0, file.size, { signal })).toString();
}

async function list(prefix: string, options: { recursive: boolean; startAfter?: string }): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of store().list(prefix, { ...options, signal })) found.push(path);
  return found;
}

describe("8.1 Google Cloud Storage", () => {
  it.each(ODD_KEYS)("08 §5.2 reads and lists %j literally, in one request", async (key) => {
    gcs.objects.put("lake", key, `content of ${key}`);
    expect(await text(`gs://lake/${key}`)).toBe(`content of ${key}`);
    expect(gcs.requests).toHaveLength(1);
    expect(await list("gs://lake/", { recursive: true })).toEqual([`gs://lake/${key}`]);
  });

  it("lists by pages, direct children alone where that is asked, after a name", async () => {
    for (const key of ["t/1", "t/2", "t/3", "t/4", "t/below/5", "t/", "u"]) gcs.objects.put("lake", key, "");
    const names = ["t/1", "t/2", "t/3", "t/4"].map((key) => `gs://lake/${key}`);
    expect(await list("gs://lake/t/", { recursive: false })).toEqual(names);
    expect(await list("gs://lake/t/", { recursive: true, startAfter: "gs://lake/t/3" })).toEqual([
      "gs://lake/t/4",
      "gs://lake/t/below/5",
    ]);
    expect(await list("gs://lake/none/", { recursive: true })).toEqual([]);
  });

  it("8.2 an object that is replaced while it is read is an error and not a mixture", async () => {
    gcs.objects.put("lake", "big", Buffer.alloc(200_000, 1));
    await using file = await store().open("gs://lake/big", { signal });
    expect(file.etag).toMatch(/^\d+$/);
    gcs.objects.put("lake", "big", Buffer.alloc(200_000, 2));
    await expect(file.read(0, 10, { signal })).rejects.toThrow(FileReplacedError);
  });

  it("an empty object is empty, a missing one is missing, so are buckets", async () => {
    gcs.objects.put("lake", "empty", "");
    expect(await text("gs://lake/empty")).toBe("");
    await expect(text("gs://lake/none")).rejects.toThrow(SourceMissingError);
    await expect(text("gs://nobody/none")).rejects.toThrow(SourceMissingError);
    await expect(text("gs://lake/")).rejects.toThrow(SourceMissingError);
  });

  it("what passes is tried again: 503, and 403 for a rate limit; another 403 is a refusal", async () => {
    gcs.objects.put("lake", "file", "content");
    gcs.fault = { status: 503, body: "" };
    expect(await text("gs://lake/file")).toBe("content");
    gcs.fault = { status: 403, body: '{"error":{"errors":[{"reason":"rateLimitExceeded"}]}}' };
    expect(await text("gs://lake/file")).toBe("content");
    expect(gcs.requests.map(({ status }) => status)).toEqual([503, 206, 403, 206]);
    gcs.fault = { status: 403, body: '{"error":{"errors":[{"reason":"forbidden"}]}}' };
    const refused = text("gs://lake/file");
    await expect(refused).rejects.toThrow(AccessDeniedError);
    await expect(refused).rejects.toThrow(
      "Google Cloud Storage refuses to let us read gs://lake/file (403 forbidden)",
    );
  });

  it("is refused by name where the settings have no such store", async () => {
    const without = openStore({ local: { kind: "none" } });
    await expect(text("gs://lake/file", without)).rejects.toThrow(
      "Unsupported file system path: gs://lake/file",
    );
  });
});

describe("8.1 who asks Google", () => {
  beforeEach(() => {
    nowMs = Date.now();
    gcs.objects.put("lake", "file", "content");
    let issued = 0;
    gcs.tokens = new Set(["stated"]);
    gcs.issue = () => {
      const token = `issued-${++issued}`;
      gcs.tokens?.add(token);
      return { status: 200, body: { access_token: token, expires_in: 3600, token_type: "Bearer" } };
    };
  });

  async function written(name: string, fields: object): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(fields));
    return path;
  }

  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });

  it("a token that is stated goes out as it is, and is not replaced", async () => {
    expect(await text("gs://lake/file", store({ kind: "token", token: "stated" }))).toBe("content");
    const other = text("gs://lake/file", store({ kind: "token", token: "marked-token" }));
    await expect(other).rejects.toThrow(AccessDeniedError);
    await expect(other).rejects.not.toThrow("marked-token");
    await expect(text("gs://lake/file", store())).rejects.toThrow("it wants to know who asks");
  });

  it("a service account signs for its token, which serves until it is due or refused", async () => {
    const credentialsFile = await written("account.json", {
      type: "service_account",
      client_email: "reader@project.example",
      private_key_id: "key-1",
      private_key: privateKey,
      token_uri: `${gcs.endpoint}/token`,
    });
    const opened = store({ kind: "application-default", credentialsFile });
    await Promise.all([text("gs://lake/file", opened), text("gs://lake/file", opened)]);
    expect(gcs.tokenRequests).toHaveLength(1);
    const [form] = gcs.tokenRequests;
    if (form === undefined || form === "metadata") throw new Error("no form");
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [head = "", body = "", signature = ""] = (form.get("assertion") ?? "").split(".");
    const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(decoded(head)).toEqual({ alg: "RS256", typ: "JWT", kid: "key-1" });
    const seconds = Math.floor(nowMs / 1000);
    expect(decoded(body)).toEqual({
      iss: "reader@project.example",
      scope: "https://www.googleapis.com/auth/devstorage.read_only",
      aud: `${gcs.endpoint}/token`,
      iat: seconds,
      exp: seconds + 3600,
    });
    const signed = Buffer.from(`${head}.${body}`);
    expect(verify("sha256", signed, createPublicKey(publicKey), Buffer.from(signature, "base64url"))).toBe(
      true,
    );

    nowMs += 3_500_000;
    await text("gs://lake/file", opened);
    expect(gcs.tokenRequests).toHaveLength(2);
    gcs.tokens = new Set();
    await text("gs://lake/file", opened);
    expect(gcs.tokenRequests).toHaveLength(3);
  });

  it("a user's refresh token, in the file that gcloud writes, is exchanged", async () => {
    const wellKnownFile = await written("application_default_credentials.json", {
      type: "authorized_user",
      client_id: "id",
      client_secret: "secret",
      refresh_token: "refresh",
      token_uri: `${gcs.endpoint}/token`,
    });
    expect(await text("gs://lake/file", store({ kind: "application-default", wellKnownFile }))).toBe(
      "content",
    );
    expect(String(gcs.tokenRequests[0])).toBe(
      "grant_type=refresh_token&client_id=id&client_secret=secret&refresh_token=refresh",
    );
  });

  it("without a file the metadata server is asked; without one of them it is said what to set", async () => {
    const wellKnownFile = join(folder, "none.json");
    const metadataHost = gcs.endpoint.slice("http://".length);
    const machine: GcsCredentialSettings = { kind: "application-default", wellKnownFile, metadataHost };
    expect(await text("gs://lake/file", store(machine))).toBe("content");
    expect(gcs.tokenRequests).toEqual(["metadata"]);
    gcs.issue = () => ({ status: 404, body: {} });
    await expect(text("gs://lake/file", store(machine))).rejects.toThrow(
      "set GOOGLE_APPLICATION_CREDENTIALS",
    );
  });

  it("8.7 refusals and broken files repeat nothing secret", async () => {
    const fields = {
      type: "authorized_user",
      client_id: "id",
      client_secret: "marked",
      refresh_token: "marked",
    };
    const token_uri = `${gcs.endpoint}/token`;
    gcs.issue = () => ({ status: 400, body: { error: "invalid_grant", error_description: "marked" } });
    const cases: [object, string][] = [
      [{ ...fields, token_uri }, "Google's token service refuses to give a token (400 invalid_grant)"],
      [{ ...fields, type: "marked" }, "is of a type that can't be used"],
      [{ ...fields, token_uri, refresh_token: "" }, "has no refresh_token"],
      [{ type: "service_account", client_email: "e", private_key: "marked", token_uri }, "is no RSA key"],
    ];
    for (const [content, said] of cases) {
      const credentialsFile = await written("broken.json", content);
      const error: unknown = await text(
        "gs://lake/file",
        store({ kind: "application-default", credentialsFile }),
      ).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AccessDeniedError);
      expect(String(error)).toContain(said);
      expect(String(error)).not.toContain("marked");
    }
  });
});
