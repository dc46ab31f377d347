import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type S3Double, startS3Double } from "../../../test/support/s3-double/index.ts";
import {
  AccessDeniedError,
  FileReplacedError,
  SourceMissingError,
  systemClock,
  UnreadableFileError,
} from "../../model/index.ts";
import { type OpenStoreOptions, openStore } from "../open-store.ts";
import type { S3Settings, StoreSettings } from "../settings.ts";

const signal = new AbortController().signal;
const KEYS = { accessKeyId: "akid", secretAccessKey: "secret" };
/** Odd in every way that 08 §10 names, and some more. */
const ODD_KEYS = [
  "a b",
  "a%20b",
  "a+b",
  "a?b=c",
  "a#b",
  "dir//file",
  "/leading",
  "x/../y",
  "x/./y",
  "ünï/日本.parquet",
  "quote'(x)*!",
  "a&b=c;d@e:f,g$h",
  "trailing.",
  "emoji\u{1f600}",
  "back\\slash",
  "tab\there",
];

let s3: S3Double;
beforeEach(async () => {
  s3 = await startS3Double({ identities: [KEYS] });
});
afterEach(async () => {
  await s3[Symbol.asyncDispose]();
});

/** Waits of retries take no time. */
const quick: OpenStoreOptions = {
  clock: { ...systemClock, sleep: (ms, sleepSignal) => systemClock.sleep(ms > 5000 ? ms : 0, sleepSignal) },
  random: () => 0,
};

function store(overrides: Partial<S3Settings> = {}, settings: Partial<StoreSettings> = {}) {
  const own: S3Settings = {
    schemes: ["s3", "s3a", "s3n"],
    endpoint: s3.endpoint,
    pathStyle: true,
    credentials: { kind: "static", ...KEYS },
    ...overrides,
  };
  return openStore({ local: { kind: "none" }, s3: own, ...settings }, quick);
}

async function list(prefix: string, options: { recursive: boolean; startAfter?: string }): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of store().list(prefix, { ...options, signal })) found.push(path);
  return found;
}

describe("08 §5.2 keys", () => {
  it.each(ODD_KEYS)("reads and lists %j literally", async (key) => {
    s3.objects.put("bucket", key, `content of ${key}`);
    await using file = await store().open(`s3://bucket/${key}`, { signal });
    expect(Buffer.from(await file.read(0, file.size, { signal })).toString()).toBe(`content of ${key}`);
    expect(file.path).toBe(`s3://bucket/${key}`);
    expect(await list("s3://bucket/", { recursive: true })).toEqual([`s3://bucket/${key}`]);
  });

  it("08 F1, F2 percent escapes, ? and # belong to the key; s3a and s3n are the same bucket", async () => {
    s3.objects.put("bucket", "path%20to%20file", "1");
    s3.objects.put("bucket", "path/to/file?query=foo#bar", "22");
    await using first = await store().open("s3n://bucket/path%20to%20file", { signal });
    await using second = await store().open("s3a://bucket/path/to/file?query=foo#bar", { signal });
    expect([first.size, second.size]).toEqual([1, 2]);
  });

  it("refuses a path without a bucket, and text that is no Unicode", async () => {
    await expect(store().open("s3:///key", { signal })).rejects.toThrow(/names no bucket/);
    await expect(store().open("s3://user:pass@host/key", { signal })).rejects.toThrow(/names no bucket/);
    await expect(store().open("s3://bucket/\ud800", { signal })).rejects.toThrow(/Unicode/);
  });

  it("refuses a scheme that isn't S3's for this table", async () => {
    const delta = store({ schemes: ["s3", "s3a"] });
    await expect(delta.open("s3n://b/x", { signal })).rejects.toThrow(
      "Unsupported file system path: s3n://b/x",
    );
  });
});

describe("08 §5.3 reads", () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);

  it("opens with one request for size, identity and the last 64 KiB, which costs no other", async () => {
    const { etag } = s3.objects.put("bucket", "f", bytes);
    await using file = await store().open("s3://bucket/f", { signal });
    expect(file).toMatchObject({ size: 300_000, etag });
    expect(await file.read(240_000, 60_000, { signal })).toEqual(bytes.subarray(240_000));
    expect(s3.requests).toMatchObject([{ method: "GET", key: "f", range: "bytes=-65536", status: 206 }]);
    expect(file.cost?.()).toEqual({ requests: 1, bytes: 65_536 });
  });

  it("decision 23: reads ranges with If-Match, and no byte that it has already", async () => {
    const { etag } = s3.objects.put("bucket", "f", bytes);
    await using file = await store().open("s3://bucket/f", { signal });
    expect(await file.read(100_000, 200_000, { signal })).toEqual(bytes.subarray(100_000));
    expect(s3.requests[1]).toMatchObject({ range: `bytes=100000-${300_000 - 65_536 - 1}`, ifMatch: etag });
    expect(s3.requests).toHaveLength(2);
  });

  it("decision 23: an object replaced while it is read is an error and no mixture", async () => {
    s3.objects.put("bucket", "f", bytes);
    await using file = await store().open("s3://bucket/f", { signal });
    s3.objects.put(
      "bucket",
      "f",
      bytes.map((byte) => 255 - byte),
    );
    const read = file.read(0, 10, { signal });
    await expect(read).rejects.toThrow(FileReplacedError);
    await expect(read).rejects.toThrow("s3://bucket/f, offset 0: was replaced while it was being read");
    expect(s3.requests).toHaveLength(2);
  });

  it("an object whose end was read ahead is opened without a request, and its other bytes only as long as it is the same", async () => {
    s3.objects.put("bucket", "f", bytes);
    await using first = await store().open("s3://bucket/f", { signal });
    const known = {
      size: first.size,
      etag: first.etag,
      bytes: await first.read(290_000, 10_000, { signal }),
    };
    await using file = await store().open("s3://bucket/f", { signal, known });
    expect(await file.read(295_000, 5000, { signal })).toEqual(bytes.subarray(295_000));
    expect(s3.requests).toHaveLength(1);
    expect(await file.read(289_000, 2000, { signal })).toEqual(bytes.subarray(289_000, 291_000));
    expect(file.cost?.()).toEqual({ requests: 1, bytes: 1000 });
    s3.objects.put("bucket", "f", "another");
    await expect(file.read(0, 10, { signal })).rejects.toThrow(FileReplacedError);
  });

  it("a server that takes the last bytes for the first is asked for the end by its size", async () => {
    s3.objects.put("bucket", "f", bytes);
    s3.fault = (_, index) => (index === 0 ? { kind: "first-instead-of-last" } : undefined);
    await using file = await store().open("s3://bucket/f", { signal });
    expect(await file.read(240_000, 60_000, { signal })).toEqual(bytes.subarray(240_000));
    expect(s3.requests.map(({ range }) => range)).toEqual(["bytes=-65536", "bytes=234464-299999"]);
  });

  it("what is announced is fetched ahead in one request and not again", async () => {
    s3.objects.put("bucket", "f", bytes);
    await using file = await store().open("s3://bucket/f", { signal });
    const ranges = [0, 50_000, 100_000].map((offset) => ({ offset, length: 50_000 }));
    file.willRead?.(ranges);
    for (const { offset, length } of ranges) {
      expect(await file.read(offset, length, { signal })).toEqual(bytes.subarray(offset, offset + length));
    }
    expect(file.cost?.()).toEqual({ requests: 2, bytes: 65_536 + 150_000 });
  });

  it("an empty object has no bytes and costs one request", async () => {
    s3.objects.put("bucket", "f", "");
    await using file = await store().open("s3://bucket/f", { signal });
    expect(file.size).toBe(0);
    expect(await file.read(0, 0, { signal })).toHaveLength(0);
    await expect(file.read(0, 1, { signal })).rejects.toThrow(UnreadableFileError);
    expect(s3.requests).toHaveLength(1);
  });

  it("08 §6 tells what is missing from what is refused, with status and code as the cause", async () => {
    s3.objects.put("bucket", "f", "x");
    await expect(store().open("s3://bucket/none", { signal })).rejects.toThrow(SourceMissingError);
    await expect(store().open("s3://none/f", { signal })).rejects.toThrow(SourceMissingError);
    const wrong = store({ credentials: { kind: "static", ...KEYS, secretAccessKey: "wrong" } });
    await expect(wrong.open("s3://bucket/f", { signal })).rejects.toThrow(AccessDeniedError);
    await expect(wrong.open("s3://bucket/f", { signal })).rejects.toMatchObject({
      message: expect.not.stringContaining("wrong"),
      cause: { httpStatus: 403, code: "SignatureDoesNotMatch" },
    });
  });

  it("stops at an aborted signal, and after close", async () => {
    s3.objects.put("bucket", "f", bytes);
    const file = await store().open("s3://bucket/f", { signal });
    s3.fault = () => ({ kind: "silence" });
    const stop = new AbortController();
    const read = file.read(0, 10, { signal: stop.signal });
    stop.abort(new Error("stop"));
    await expect(read).rejects.toThrow("stop");
    await file.close();
    await expect(file.read(0, 10, { signal })).rejects.toThrow(/closed/);
  });
});

describe("08 §5 lists", () => {
  it("goes by UTF-8 order over several pages, direct children alone if not recursive", async () => {
    await s3[Symbol.asyncDispose]();
    s3 = await startS3Double({ identities: [KEYS], pageSize: 2 });
    for (const key of ["t/a-b", "t/a/x", "t/a0", "t/\u{ff21}", "t/\u{1f600}", "t/", "t/a/", "u/z"]) {
      s3.objects.put("bucket", key, key);
    }
    const all = ["a-b", "a/x", "a0", "\u{ff21}", "\u{1f600}"].map((name) => `s3a://bucket/t/${name}`);
    expect(await list("s3a://bucket/t/", { recursive: true })).toEqual(all);
    expect(await list("s3a://bucket/t/", { recursive: false })).toEqual(
      all.filter((path) => !path.endsWith("x")),
    );
    const after = { recursive: true, startAfter: "s3a://bucket/t/a/x" };
    expect(await list("s3a://bucket/t/", after)).toEqual(all.slice(2));
    expect(await list("s3a://bucket/none/", { recursive: true })).toEqual([]);
  });

  it("a list that is cut off is read again and never taken for its end", async () => {
    s3.objects.put("bucket", "t/a", "");
    s3.fault = (_, index) => (index === 0 ? { kind: "answer", status: 200 } : undefined);
    expect(await list("s3://bucket/t/", { recursive: true })).toEqual(["s3://bucket/t/a"]);
    expect(s3.requests).toHaveLength(2);
  });
});

describe("08 §5.4 identity", () => {
  it("anonymous requests are not signed", async () => {
    await s3[Symbol.asyncDispose]();
    s3 = await startS3Double({ identities: [KEYS], publicBuckets: ["open"] });
    s3.objects.put("open", "f", "x");
    s3.objects.put("closed", "f", "x");
    const anonymous = store({ credentials: { kind: "anonymous" } });
    await using file = await anonymous.open("s3://open/f", { signal });
    expect(file.size).toBe(1);
    expect(s3.requests[0]?.accessKeyId).toBeUndefined();
    await expect(anonymous.open("s3://closed/f", { signal })).rejects.toThrow(AccessDeniedError);
  });

  it("session tokens are signed and sent", async () => {
    s3.identities = [{ ...KEYS, sessionToken: "token" }];
    s3.objects.put("bucket", "f", "x");
    const temporary = store({ credentials: { kind: "static", ...KEYS, sessionToken: "token" } });
    await using file = await temporary.open("s3://bucket/f", { signal });
    expect(file.size).toBe(1);
    await expect(store().open("s3://bucket/f", { signal })).rejects.toMatchObject({
      cause: { httpStatus: 400, code: "InvalidToken" },
    });
  });

  it("the bucket's region is learnt from the refusal, by several at once too", async () => {
    await s3[Symbol.asyncDispose]();
    s3 = await startS3Double({ identities: [KEYS], region: "eu-west-1" });
    s3.objects.put("bucket", "f", "x");
    const anywhere = store();
    await Promise.all([1, 2].map(async () => (await anywhere.open("s3://bucket/f", { signal })).close()));
    await (await anywhere.open("s3://bucket/f", { signal })).close();
    expect(s3.requests.map(({ status }) => status)).toEqual([400, 400, 206, 206, 206]);
  });

  it("decision 22: keys that have ended are renewed once; those that nobody renews are a refusal", async () => {
    const clock = new FakeClock();
    s3.identities = [
      { ...KEYS, expiresAtMs: 0 },
      { accessKeyId: "new", secretAccessKey: "new-secret" },
    ];
    s3.objects.put("bucket", "f", "x");
    const asked: (string | undefined)[] = [];
    const settings: StoreSettings = {
      local: { kind: "none" },
      s3: { schemes: ["s3"], endpoint: s3.endpoint, pathStyle: true, credentials: { kind: "held", id: "h" } },
    };
    const renewed = openStore(settings, {
      ...quick,
      credentials: async (_, { rejected }) => {
        asked.push(rejected?.accessKeyId);
        if (rejected === undefined) return KEYS;
        return { accessKeyId: "new", secretAccessKey: "new-secret", renewAtMs: clock.nowMs() + 1e12 };
      },
    });
    for (const _ of [1, 2]) await (await renewed.open("s3://bucket/f", { signal })).close();
    expect(asked).toEqual([undefined, "akid"]);
    expect(s3.requests.map(({ accessKeyId }) => accessKeyId)).toEqual(["akid", "new", "new"]);
    await expect(store().open("s3://bucket/f", { signal })).rejects.toMatchObject({
      name: "AccessDeniedError",
      cause: { code: "ExpiredToken" },
    });
  });

  it("08 §4.3 storage credentials of a catalog count for the longest prefix that the path starts with", async () => {
    s3.identities = ["own", "wide", "narrow"].map((name) => ({ accessKeyId: name, secretAccessKey: name }));
    const s3As = (name: string): S3Settings => ({
      schemes: ["s3"],
      endpoint: s3.endpoint,
      pathStyle: true,
      credentials: { kind: "static", accessKeyId: name, secretAccessKey: name },
    });
    const prefixed = store(s3As("own"), {
      s3ByPrefix: [
        { prefix: "s3://b/t/", s3: s3As("wide") },
        { prefix: "s3://b/t/data/", s3: s3As("narrow") },
      ],
    });
    for (const key of ["x", "t/x", "t/data/x"]) {
      s3.objects.put("b", key, "x");
      await (await prefixed.open(`s3://b/${key}`, { signal })).close();
    }
    expect(s3.requests.map(({ accessKeyId }) => accessKeyId)).toEqual(["own", "wide", "narrow"]);
  });
});
