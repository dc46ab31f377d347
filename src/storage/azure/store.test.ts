import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AzureDouble, startAzureDouble } from "../../../test/support/cloud-doubles/azure.ts";
import { AccessDeniedError, FileReplacedError, SourceMissingError, systemClock } from "../../model/index.ts";
import { type OpenStoreOptions, openStore } from "../open-store.ts";
import { azureEndpoint, parseAzurePath } from "./location.ts";
import type { AzureCredentialSettings } from "./settings.ts";

const signal = new AbortController().signal;
const LAKE = "abfss://lake@account.dfs.core.windows.net";
const KEY = Buffer.from("marked-key").toString("base64");
const ODD_KEYS = ["a b", "a%20b", "a+b", "a?b=c", "a#b", "dir//file", "x/../y", "a&b<c>", "ünï/日本.parquet"];

let azure: AzureDouble;
beforeEach(async () => {
  azure = await startAzureDouble({ pageSize: 2 });
});
afterEach(async () => {
  await azure[Symbol.asyncDispose]();
});

/** Waits of retries take no time. */
const quick: OpenStoreOptions = {
  clock: { ...systemClock, sleep: (ms, sleepSignal) => systemClock.sleep(ms > 5000 ? ms : 0, sleepSignal) },
  random: () => 0,
};

function store(credentials: AzureCredentialSettings = { kind: "anonymous" }) {
  return openStore({ local: { kind: "none" }, azure: { endpoint: azure.endpoint, credentials } }, quick);
}

async function text(path: string, credentials?: AzureCredentialSettings): Promise<string> {
  await using file = await store(credentials).open(path, { signal });
  return Buffer.from(await file.read(0, file.size, { signal })).toString();
}

async function list(
  prefix: string,
  options: { recursive: boolean; startAfter?: string; credentials?: AzureCredentialSettings },
): Promise<string[]> {
  const found: string[] = [];
  const { credentials, ...listed } = options;
  for await (const { path } of store(credentials).list(prefix, { ...listed, signal })) found.push(path);
  return found;
}

describe("8.1 Azure storage", () => {
  it.each(ODD_KEYS)("08 §5.2 reads and lists %j literally, signed with the account's key", async (key) => {
    const credentials: AzureCredentialSettings = { kind: "shared-key", account: "account", key: KEY };
    azure.access = { key: KEY };
    azure.objects.put("lake", key, `content of ${key}`);
    expect(await text(`${LAKE}/${key}`, credentials)).toBe(`content of ${key}`);
    expect(azure.requests).toHaveLength(1);
    expect(await list(`${LAKE}/`, { recursive: true, credentials })).toEqual([`${LAKE}/${key}`]);
  });

  it("abfs, abfss, wasb and wasbs are the same data, whose host is the Blob service's", async () => {
    azure.objects.put("lake", "file", "content");
    for (const scheme of ["abfs", "abfss", "wasb", "wasbs"]) {
      const path = `${scheme}://lake@account.blob.core.windows.net/file`;
      expect(await text(path)).toBe("content");
    }
    expect(azureEndpoint(undefined, parseAzurePath(`${LAKE}/file`))).toMatchObject({
      protocol: "https:",
      hostname: "account.blob.core.windows.net",
    });
  });

  it("8.7 hosts that are none of Azure's get nothing", () => {
    for (const authority of [
      "lake@account.dfs.core.windows.net.evil.example",
      "lake@evil.example",
      "lake",
      "@a",
    ]) {
      expect(() => parseAzurePath(`abfss://${authority}/file`)).toThrow("names no container of Azure");
    }
  });

  it("lists by pages in order of the paths, without folders, after a name", async () => {
    for (const key of ["t/1", "t/2", "t/3", "t/below/5", "u"]) azure.objects.put("lake", key, "");
    azure.objects.put("lake", "t/below", "", { "x-ms-meta-hdi_isfolder": "true" });
    const names = ["t/1", "t/2", "t/3"].map((key) => `${LAKE}/${key}`);
    expect(await list(`${LAKE}/t/`, { recursive: false })).toEqual(names);
    expect(await list(`${LAKE}/t/`, { recursive: true, startAfter: `${LAKE}/t/2` })).toEqual([
      `${LAKE}/t/3`,
      `${LAKE}/t/below/5`,
    ]);
    expect(await list(`${LAKE}/none/`, { recursive: true })).toEqual([]);
  });

  it("8.2 a blob that is replaced while it is read is an error; its end is found without ranges of the last bytes", async () => {
    const bytes = Buffer.alloc(200_000, 1);
    bytes[199_999] = 7;
    azure.objects.put("lake", "big", bytes);
    await using file = await store().open(`${LAKE}/big`, { signal });
    expect(file.size).toBe(200_000);
    expect([...(await file.read(199_998, 2, { signal }))]).toEqual([1, 7]);
    azure.objects.put("lake", "big", Buffer.alloc(200_000, 2));
    await expect(file.read(0, 10, { signal })).rejects.toThrow(FileReplacedError);
  });

  it("an empty blob is empty, a missing one is missing, so are containers", async () => {
    azure.objects.put("lake", "empty", "");
    expect(await text(`${LAKE}/empty`)).toBe("");
    await expect(text(`${LAKE}/none`)).rejects.toThrow(SourceMissingError);
    await expect(text(LAKE.replace("lake", "nobody"))).rejects.toThrow(SourceMissingError);
    await expect(text(`${LAKE.replace("lake", "nobody")}/x`)).rejects.toThrow(SourceMissingError);
  });

  it("what passes is tried again; a blob in the archive is not waited for", async () => {
    azure.objects.put("lake", "file", "content");
    azure.fault = { status: 503, code: "ServerBusy" };
    expect(await text(`${LAKE}/file`)).toBe("content");
    azure.fault = { status: 409, code: "BlobArchived" };
    await expect(text(`${LAKE}/file`)).rejects.toThrow("(409 BlobArchived)");
    expect(azure.requests.map(({ status }) => status)).toEqual([503, 206, 409]);
  });
});

describe("8.1 who asks Azure", () => {
  beforeEach(() => azure.objects.put("lake", "file", "content"));

  it("keys and signatures go to their own account alone, and into no message", async () => {
    azure.access = { key: KEY, signature: "marked+sig" };
    const sas = "?sv=2021-08-06&sig=marked%2Bsig";
    expect(await text(`${LAKE}/file`, { kind: "sas", account: "account", sas })).toBe("content");
    const other = text(`${LAKE}/file`, { kind: "sas", account: "other", sas });
    await expect(other).rejects.toThrow("is in another account than other");
    const wrong: AzureCredentialSettings[] = [
      { kind: "sas", account: "account", sas: "sig=marked" },
      { kind: "shared-key", account: "account", key: "bWFya2Vk" },
      { kind: "token", token: "marked" },
      { kind: "anonymous" },
    ];
    for (const credentials of wrong) {
      const error: unknown = await text(`${LAKE}/file`, credentials).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AccessDeniedError);
      expect(String(error)).not.toMatch(/marked|bWFya2Vk/);
    }
  });

  function issueTokens(): Set<string> {
    const tokens = new Set<string>();
    azure.access = { tokens };
    azure.issue = () => {
      const token = `issued-${azure.tokenRequests.length}`;
      tokens.add(token);
      // As the metadata server writes it.
      return { status: 200, body: { access_token: token, expires_in: "3600" } };
    };
    return tokens;
  }

  it("a service principal gets a token by its secret, or by the platform's token; another when it is refused", async () => {
    const tokens = issueTokens();
    const client = {
      kind: "client",
      authorityHost: `${azure.identityAddress}/`,
      tenantId: "tenant",
      clientId: "id",
    } as const;
    const opened = store({ ...client, proof: { secret: "secret" } });
    for (let reads = 0; reads < 2; reads++) await (await opened.open(`${LAKE}/file`, { signal })).close();
    expect(azure.tokenRequests.map(String)).toEqual([
      "grant_type=client_credentials&client_id=id&scope=https%3A%2F%2Fstorage.azure.com%2F.default&client_secret=secret",
    ]);
    tokens.clear();
    await (await opened.open(`${LAKE}/file`, { signal })).close();
    expect(azure.tokenRequests).toHaveLength(2);

    const folder = await mkdtemp(join(tmpdir(), "azure-"));
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, "platform\n");
    expect(await text(`${LAKE}/file`, { ...client, proof: { tokenFile } })).toBe("content");
    expect(azure.tokenRequests.at(-1)?.get("client_assertion")).toBe("platform");
    await rm(folder, { recursive: true });
    await expect(text(`${LAKE}/file`, { ...client, proof: { tokenFile } })).rejects.toThrow(
      AccessDeniedError,
    );
  });

  it("the machine's identity is asked at the metadata server; without one it is said what to set", async () => {
    issueTokens();
    const machine: AzureCredentialSettings = {
      kind: "managed",
      clientId: "id",
      metadataAddress: azure.identityAddress,
    };
    expect(await text(`${LAKE}/file`, machine)).toBe("content");
    expect(azure.tokenRequests[0]?.get("client_id")).toBe("id");
    expect(azure.tokenRequests[0]?.get("resource")).toBe("https://storage.azure.com/");
    azure.issue = () => ({ status: 400, body: { error: "invalid_request" } });
    await expect(text(`${LAKE}/file`, machine)).rejects.toThrow("set AZURE_STORAGE_ACCOUNT");
  });
});
