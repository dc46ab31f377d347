/** 08 §7.1: how blobs are written and looked at. */
import { expect, test } from "vitest";
import { startS3Double } from "../../../test/support/s3-double/index.ts";
import { AccessDeniedError } from "../../model/index.ts";
import { openS3Writer } from "./writer.ts";

const signal = new AbortController().signal;
const KEYS = { accessKeyId: "AK", secretAccessKey: "SK" };

function writerTo(endpoint: string, keys = KEYS) {
  return openS3Writer({
    s3: {
      schemes: ["s3"],
      endpoint,
      region: "us-east-1",
      pathStyle: true,
      credentials: { kind: "static", ...keys },
    },
  });
}

test("bytes, type and metadata, under a key with colons and percent signs", async () => {
  await using s3 = await startS3Double({ identities: [KEYS] });
  const writer = writerTo(s3.endpoint);
  const path = "s3://blobs/accounts/a:b/file%3As3/x.json";
  expect(await writer.metadata(path, { signal })).toBeUndefined();
  await writer.put(path, Buffer.from("content"), {
    contentType: "application/json; charset=UTF-8",
    metadata: { "floecat-sha256": "abc=" },
    signal,
  });
  const stored = s3.objects.get("blobs", "accounts/a:b/file%3As3/x.json");
  expect(Buffer.from(stored!.bytes).toString()).toBe("content");
  expect(stored?.headers).toEqual({
    "content-type": "application/json; charset=UTF-8",
    "x-amz-meta-floecat-sha256": "abc=",
  });
  expect(await writer.metadata(path, { signal })).toEqual({ "floecat-sha256": "abc=" });
  writer.close();
});

test("a throttled write is tried again, a refused one is not", async () => {
  await using s3 = await startS3Double({ identities: [KEYS] });
  s3.fault = (_, index) => (index === 0 ? { kind: "answer", status: 503, code: "SlowDown" } : undefined);
  const writer = writerTo(s3.endpoint);
  await writer.put("s3://blobs/k", Buffer.from("x"), { signal });
  expect(s3.requests.map(({ status }) => status)).toEqual([503, 200]);
  writer.close();
  const refused = writerTo(s3.endpoint, { ...KEYS, secretAccessKey: "other" });
  await expect(refused.put("s3://blobs/k", Buffer.from("x"), { signal })).rejects.toThrow(AccessDeniedError);
  refused.close();
});
