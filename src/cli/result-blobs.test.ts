/** 08 §7.1: the bucket of the control plane, as its settings name it, and what is written there. */
import { expect, test } from "vitest";
import { startS3Double } from "../../test/support/s3-double/index.ts";
import { loadSettings } from "../config/index.ts";
import { blobBucket, blobPath, resultBlobs, sharedBlobs } from "./result-blobs.ts";

const bucketOf = async (env: Record<string, string>) => blobBucket((await loadSettings({ env })).settings);

test("FLOECAT_BLOB and the bucket decide whether there is one", async () => {
  expect(await bucketOf({})).toBeUndefined();
  expect(await bucketOf({ FLOECAT_BLOB: "memory", FLOECAT_BLOB_S3_BUCKET: "b" })).toBeUndefined();
  expect((await bucketOf({ FLOECAT_BLOB_S3_BUCKET: "b" }))?.bucket).toBe("b");
  expect(await bucketOf({ FLOECAT_BLOB: "s3" })).toEqual({
    bucket: "floecat-dev",
    s3: {
      schemes: ["s3"],
      endpoint: undefined,
      region: "us-east-1",
      pathStyle: false,
      credentials: { kind: "chain" },
    },
  });
});

test("FLOECAT_STORAGE_AWS_* say where it is and how it is signed for", async () => {
  const bucket = await bucketOf({
    FLOECAT_BLOB: "s3",
    FLOECAT_STORAGE_AWS_REGION: "eu-west-1",
    FLOECAT_STORAGE_AWS_S3_ENDPOINT: "http://minio:9000",
    FLOECAT_STORAGE_AWS_S3_PATH_STYLE: "true",
    FLOECAT_STORAGE_AWS_ACCESS_KEY_ID: "AK",
    FLOECAT_STORAGE_AWS_SECRET_ACCESS_KEY: "SK",
    FLOECAT_STORAGE_AWS_SESSION_TOKEN: "T",
  });
  expect(bucket?.s3).toEqual({
    schemes: ["s3"],
    endpoint: "http://minio:9000",
    region: "eu-west-1",
    pathStyle: true,
    credentials: { kind: "static", accessKeyId: "AK", secretAccessKey: "SK", sessionToken: "T" },
  });
});

test("a blob has its digest and the time of its first writing", async () => {
  await using s3 = await startS3Double();
  const target = {
    bucket: "blobs",
    s3: {
      schemes: ["s3"],
      endpoint: s3.endpoint,
      region: "us-east-1",
      pathStyle: true,
      credentials: { kind: "anonymous" as const },
    },
  };
  let nowMs = 1000;
  const blobs = resultBlobs(target, { clock: { nowMs: () => nowMs }, onFallback: () => {} });
  const put = (content: string) =>
    blobs.put("/accounts/a/x.json", Buffer.from(content), {
      contentType: "application/json",
      signal: new AbortController().signal,
    });
  await put("one");
  nowMs = 2000;
  await put("two");
  expect(blobPath(target, "/accounts/a/x.json")).toBe("s3://blobs/accounts/a/x.json");
  const shared = sharedBlobs(target, { network: undefined, signal: new AbortController().signal });
  expect(Buffer.from((await shared.read("/accounts/a/x.json")) ?? []).toString()).toBe("two");
  expect(await shared.read("/accounts/a/none.json")).toBeUndefined();
  expect(s3.objects.get("blobs", "accounts/a/x.json")?.headers).toEqual({
    "content-type": "application/json",
    "x-amz-meta-floecat-sha256": "P8TM/nRYcOLA2Z9x8w/wZWyN7dQcwdfT03aw2+aF4vM=",
    "x-amz-meta-floecat-created-at": "1000",
  });
});
