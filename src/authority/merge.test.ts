import { expect, test } from "vitest";
import type { SourceConnector } from "../model/index.ts";
import type { VendedCredential, VendedStorage } from "../protocol/index.ts";
import { mergeChunked, mergeClientSafe, mergeInline, withoutForeignHandles } from "./merge.ts";
import { fileGroup } from "./testing/file-group.ts";

const MINIO = { "s3.access-key-id": "minio", "s3.secret-access-key": "miniostorage" };
const SAFE = { "s3.endpoint": "http://minio:9000", "s3.path-style-access": "true" };
const EXPIRES_AT_MS = 60_000;
const TEMPORARY = { ...MINIO, "s3.session-token": "token" };

function connector(kind: "iceberg" | "delta", properties: Record<string, string>): SourceConnector {
  return fileGroup("chunked", { kind, properties }).connector;
}

function vended(
  config: Record<string, string> | undefined,
  options: { readonly safe?: Record<string, string>; readonly expiresAtMs?: number } = {},
): VendedStorage {
  const credential: VendedCredential[] =
    config === undefined ? [] : [{ prefix: "s3://x", config, expiresAtMs: options.expiresAtMs }];
  return { clientSafeConfig: options.safe ?? {}, credentials: credential };
}

test("08 S6 inline: the answer is put over the connector's options, its type is no option", () => {
  const own = { "iceberg.source": "rest", warehouse: "warehouse" };
  const merged = mergeInline(connector("iceberg", own), vended({ type: "s3", ...MINIO }, { safe: SAFE }));
  expect(merged).toEqual({ options: { ...own, ...SAFE, ...MINIO }, temporary: undefined });
});

test("08 §3.5 inline: blank values put nothing, of several credentials only the first counts", () => {
  const answer = {
    clientSafeConfig: { "s3.region": " ", "": "x" },
    credentials: [
      { prefix: "", config: { ...MINIO, TYPE: "s3" }, expiresAtMs: undefined },
      { prefix: "s3://b", config: { "s3.access-key-id": "second" }, expiresAtMs: undefined },
    ],
  };
  const merged = mergeInline(connector("delta", { "s3.region": "eu-west-1" }), answer);
  expect(merged.options).toEqual({ "s3.region": "eu-west-1", ...MINIO });
});

test("08 §3.5, decision 24 inline: the connector's own keys stay those of its catalog", () => {
  const own = { "iceberg.source": "rest", "s3.access-key-id": "own", "s3.secret-access-key": "own-secret" };
  expect(mergeInline(connector("iceberg", own), vended(MINIO)).options).toEqual({
    ...own,
    ...MINIO,
    "rest.access-key-id": "own",
    "rest.secret-access-key": "own-secret",
  });
});

test("08 S8 inline: where the catalog vends, only endpoint, region and path style are taken", () => {
  expect(mergeClientSafe({ a: "b" }, vended(MINIO, { safe: SAFE }))).toEqual({ a: "b", ...SAFE });
});

test("08 S11 chunked: keys that end replace the connector's and are held beside the options", () => {
  const own = {
    "delta.source": "filesystem",
    "s3.access-key-id": "old",
    "s3.secret-access-key": "old-secret",
    "s3.session-token": "old-token",
    "floecat-provider-id": "1",
    "floecat.aws.credentials-provider-id": "1",
    "client.credentials-provider": "Java",
    "client.credentials-provider.x": "y",
  };
  const answer = vended(TEMPORARY, { safe: { "s3.region": "eu-west-1" }, expiresAtMs: EXPIRES_AT_MS });
  expect(mergeChunked(connector("delta", own), answer)).toEqual({
    options: { "delta.source": "filesystem", "s3.region": "eu-west-1" },
    temporary: {
      accessKeyId: "minio",
      secretAccessKey: "miniostorage",
      sessionToken: "token",
      expiresAtMs: EXPIRES_AT_MS,
    },
  });
});

test("08 S12 chunked: keys without an end are static options, with and without a token", () => {
  for (const keys of [MINIO, TEMPORARY]) {
    const config = { ...keys, type: "s3", "s3.region": "not merged here" };
    expect(mergeChunked(connector("delta", {}), vended(config))).toEqual({
      options: keys,
      temporary: undefined,
    });
  }
  const withoutToken = vended({ ...MINIO, "s3.session-token": " " }, { expiresAtMs: EXPIRES_AT_MS });
  expect(mergeChunked(connector("delta", {}), withoutToken)).toEqual({
    options: MINIO,
    temporary: undefined,
  });
});

test.each([
  { "s3.access-key-id": "k" },
  { "s3.secret-access-key": "s" },
  { ...MINIO, "s3.secret-access-key": " " },
])("08 S13 chunked: half a pair of keys is an error: %j", (config) => {
  expect(() => mergeChunked(connector("delta", {}), vended(config))).toThrow(
    "Execution-bound storage credentials must include access key and secret key",
  );
});

test("08 §3.5 step 4 chunked: without credentials the connector's keys are gone all the same", () => {
  const merged = mergeChunked(connector("delta", MINIO), vended(undefined, { safe: SAFE }));
  expect(merged).toEqual({ options: SAFE, temporary: undefined });
});

const CATALOG = {
  "s3.access-key-id": "catalog-access",
  "s3.secret-access-key": "catalog-secret",
  "s3.session-token": "catalog-session",
};
const IDENTITY = {
  "rest.access-key-id": "catalog-access",
  "rest.secret-access-key": "catalog-secret",
  "rest.session-token": "catalog-session",
};

test.each([
  ["iceberg", "iceberg.source", "glue"],
  ["iceberg", "iceberg.source", " REST "],
  ["iceberg", "iceberg.source", ""],
  ["delta", "delta.source", "Glue"],
] as const)(
  "08 S14 chunked: %s with %s=%j keeps the connector's keys for its catalog",
  (kind, key, source) => {
    const merged = mergeChunked(connector(kind, { ...CATALOG, [key]: source }), vended(MINIO));
    expect(merged.options).toEqual({ [key]: source, ...IDENTITY, ...MINIO });
  },
);

test("08 §3.5 step 1: catalog keys that are there already win", () => {
  const own = { ...CATALOG, "iceberg.source": "glue", "rest.access-key-id": "mine" };
  expect(mergeChunked(connector("iceberg", own), vended(MINIO)).options).toMatchObject({
    ...IDENTITY,
    "rest.access-key-id": "mine",
  });
});

test.each([
  ["delta", "delta.source", "unity"],
  ["delta", "delta.source", "filesystem"],
  ["iceberg", "iceberg.source", "filesystem"],
] as const)("08 S15 chunked: no catalog keys for %s with %s=%s", (kind, key, source) => {
  const merged = mergeChunked(connector(kind, { ...CATALOG, [key]: source }), vended(MINIO));
  expect(merged.options).toEqual({ [key]: source, ...MINIO });
});

test("08 C6, §2.3: handles into the server's memory and Java classes are dropped, the keys beside them stay", () => {
  const handles = {
    "floecat.aws.credentials-provider-id": "1",
    "floecat-provider-id": "1",
    "floecat.catalog.aws.credentials-provider-id": "1",
    "client.credentials-provider": "c",
    "client.credentials-provider.arn": "c",
  };
  expect(withoutForeignHandles({ ...CATALOG, ...handles, "client.region": "r" })).toEqual({
    ...CATALOG,
    "client.region": "r",
  });
});
